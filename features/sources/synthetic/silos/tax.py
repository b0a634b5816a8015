"""Taxes and incomes: typed Parquet. Wealth is seen only above the tax-free threshold."""

from __future__ import annotations

import polars as pl

from features.sources.synthetic.silos.desk import Desk

TAX_FREE_WEALTH = 57_000
"""About the threshold above which a household must report its wealth."""


def write_tax(desk: Desk) -> dict[str, int]:
    """``inkomens-<year>.parquet``, ``aanslagen-<year>.parquet``, ``huur.parquet``,
    ``ondernemers.parquet``.
    """
    counts = {}
    incomes = desk.noted(desk.read("money"), 14.0, straggler=0.03)
    missing = pl.Series(desk.rng.random(incomes.height) < 0.02)
    incomes = incomes.select(
        desk.bsn(incomes["person"]),
        pl.col("day").alias("dagtekening"),
        pl.col("noted").alias("verwerkt"),
        pl.col("reason").alias("soort"),
        pl.when(~missing).then("income").alias("inkomen"),
        pl.when(~missing).then("household").alias("huishoudinkomen"),
        pl.when(pl.col("savings") > TAX_FREE_WEALTH).then("savings").alias("vermogen"),
        pl.col("low_years").cast(pl.Float64).alias("jaren_laag_inkomen"),
    )
    for year, part in desk.by_year(incomes, "verwerkt"):
        counts[f"inkomens-{year}.parquet"] = _save(desk, part, f"inkomens-{year}.parquet")
    bills = desk.noted(desk.read("bill"), 2.0)
    bills = bills.select(
        desk.bsn(bills["person"]),
        pl.col("day").alias("dagtekening"),
        pl.col("noted").alias("verwerkt"),
        pl.col("amount").alias("bedrag"),
        pl.col("water").alias("waterschap"),
    )
    for year, part in desk.by_year(bills, "verwerkt"):
        counts[f"aanslagen-{year}.parquet"] = _save(desk, part, f"aanslagen-{year}.parquet")
    seats = desk.noted(desk.read("seat").filter("social_landlord"), 25.0)
    seats = seats.filter(pl.Series(desk.people.age(desk.end)[seats["person"].to_numpy()] >= 18))
    rents = seats.select(
        desk.bsn(seats["person"]),
        pl.col("day").alias("dagtekening"),
        pl.col("noted").alias("verwerkt"),
        pl.col("rent").alias("kale_huur"),
    )
    counts["huur.parquet"] = _save(desk, rents, "huur.parquet")
    firms = desk.noted(desk.read("status").filter(pl.col("kind") == "business"), 20.0)
    firms = firms.select(
        desk.bsn(firms["person"]),
        pl.col("day").alias("dagtekening"),
        pl.col("noted").alias("verwerkt"),
        (pl.col("code") == 1).alias("onderneming"),
    )
    counts["ondernemers.parquet"] = _save(desk, firms, "ondernemers.parquet")
    return counts


def _save(desk: Desk, frame: pl.DataFrame, name: str) -> int:
    dirty = pl.Series(desk.rng.random(frame.height) < desk.magnitudes.dirty / 2)
    wrong = pl.col("bsn").str.head(8) + pl.lit("x")
    days = [pl.col(name).cast(pl.Int32).cast(pl.Date) for name in ("dagtekening", "verwerkt")]
    frame = frame.with_columns(*days, pl.when(dirty).then(wrong).otherwise("bsn").alias("bsn"))
    frame.write_parquet(desk.folder / name, compression="zstd")
    return frame.height
