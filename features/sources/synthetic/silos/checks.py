"""Checks by lot: semicolons, Dutch dates, one row for each service that was looked at."""

from __future__ import annotations

import polars as pl

from features.sources.synthetic.silos.desk import Desk, codes, date_text


def write_checks(desk: Desk) -> dict[str, int]:
    """``steekproef-<year>.csv``."""
    names, ways = desk.take_up.names, desk.take_up.ways
    rows = desk.noted(desk.read("check"), 12.0, straggler=0.02)
    if "service" not in rows.columns:
        return {}
    frame = rows.select(
        pl.int_range(1, rows.height + 1).alias("nummer"),
        desk.bsn(rows["person"]),
        codes("service", [ways[name].code for name in names]).alias("regeling"),
        pl.when("found").then(pl.lit("J")).otherwise(pl.lit("N")).alias("recht"),
        pl.col("day").alias("onderzocht_op"),
        pl.col("noted").alias("vastgelegd_op"),
        pl.col("noted"),
    )
    frame = frame.with_columns(
        date_text("onderzocht_op", "%d-%m-%Y"), date_text("vastgelegd_op", "%d-%m-%Y")
    )
    counts = {}
    for year, part in desk.by_year(frame, "noted"):
        damaged = desk.damage(part.drop("noted"), "bsn", "onderzocht_op", "recht")
        counts[f"steekproef-{year}.csv"] = desk.csv(damaged, f"steekproef-{year}.csv", ";")
    return counts
