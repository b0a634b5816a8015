"""Creditors' signals of late payment: CSV with Dutch dates and decimal commas."""

from __future__ import annotations

import polars as pl

from features.sources.synthetic.silos.desk import Desk, codes, date_text

CREDITORS = ("VERHUURDER", "ENERGIE", "ZORGVERZEKERAAR", "WATER")


def write_creditors(desk: Desk) -> dict[str, int]:
    """``signalen-<year>.csv``."""
    rows = desk.noted(desk.read("arrears"), 18.0, straggler=0.02)
    amount = pl.col("amount").round(2).cast(pl.String).str.replace(".", ",", literal=True)
    frame = rows.select(
        pl.int_range(1, rows.height + 1).alias("signaal"),
        desk.bsn(rows["person"]),
        codes("creditor", CREDITORS).alias("schuldeiser"),
        amount.alias("bedrag"),
        pl.col("day").alias("achterstand_op"),
        pl.col("noted").alias("gemeld_op"),
        pl.col("noted"),
    )
    frame = frame.with_columns(
        date_text("achterstand_op", "%d-%m-%Y"), date_text("gemeld_op", "%d-%m-%Y")
    )
    counts = {}
    for year, part in desk.by_year(frame, "noted"):
        damaged = desk.damage(part.drop("noted"), "bsn", "achterstand_op", "schuldeiser")
        counts[f"signalen-{year}.csv"] = desk.csv(damaged, f"signalen-{year}.csv", ";")
    return counts
