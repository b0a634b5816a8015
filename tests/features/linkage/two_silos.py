"""The simulator's register, and a silo that knows some of its people by name alone.

The silo writes as a desk does: initials, typing errors, old addresses, day and month swapped. Some
of its people are not in the register at all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from features.linkage.persons import PERSONS
from features.loading import load_pack
from features.sources.synthetic import simulate

END = date(2026, 9, 30)


@dataclass(frozen=True)
class TwoSilos:
    """``silo`` and ``register`` hold persons; ``truth`` is ``alias, citizen`` of who is both."""

    silo: pl.DataFrame
    register: pl.DataFrame
    truth: pl.DataFrame


@cache
def register(citizens: int, seed: int) -> pl.DataFrame:
    """The persons of the simulated register, by a number of our own."""
    with TemporaryDirectory() as folder:
        silos = Path(folder) / "silos"
        simulate(
            load_pack(Path("examples/gemeente")),
            silos,
            Path(folder) / "truth",
            citizens=citizens,
            years=2,
            end=END,
            seed=seed,
        )
        people = pl.concat(
            [
                pl.read_csv(file, separator=";", encoding="latin1", infer_schema=False)
                for file in sorted(silos.glob("register/*.csv"))
                if "Naam" in file.read_text(encoding="latin1").partition("\n")[0].split(";")
            ],
            how="diagonal",
        )
    return (
        people.unique("BSN", keep="last", maintain_order=True)
        .select(
            pl.int_range(1, pl.len() + 1).alias("person"),
            pl.lit("bsn").alias("scheme"),
            pl.col("Naam").alias("name"),
            pl.col("Geboortedatum").str.to_date("%Y%m%d", strict=False).alias("birth_date"),
            pl.col("Adres").alias("address"),
            pl.col("Postcode").alias("postcode"),
        )
        .cast(PERSONS)
    )


def two_silos(
    citizens: int = 3000, known: int = 1500, strangers: int = 300, seed: int = 20261
) -> TwoSilos:
    """A silo of ``known`` people of the register and ``strangers`` who are in it no more."""
    everybody = register(citizens, seed)
    draw = random.Random(seed)
    rows = list(everybody.iter_rows(named=True))
    chosen = draw.sample(rows, known + strangers)
    gone = {row["person"] for row in chosen[known:]}
    silo, truth = [], []
    for row in chosen:
        alias = -1_000_000 - len(silo)
        silo.append(_as_the_desk_wrote(row, draw) | {"person": alias, "scheme": "client"})
        if row["person"] not in gone:
            truth.append({"alias": alias, "citizen": row["person"]})
    return TwoSilos(
        silo=pl.DataFrame(silo, schema=PERSONS),
        register=everybody.filter(~pl.col("person").is_in(list(gone))),
        truth=pl.DataFrame(truth, schema={"alias": pl.Int64, "citizen": pl.Int64}),
    )


def _as_the_desk_wrote(row: dict, draw: random.Random) -> dict:
    first, _, family = row["name"].partition(" ")
    given = first if draw.random() < 0.6 else f"{first[0]}."
    if draw.random() < 0.06:
        family = _mistyped(family, draw)
    if draw.random() < 0.04:
        given = _mistyped(given, draw) if len(given) > 2 else given
    name = f"{family}, {given}" if draw.random() < 0.3 else f"{given} {family}"
    moved = draw.random() < 0.2
    return {
        "name": name.upper() if draw.random() < 0.1 else name,
        "birth_date": _born(row["birth_date"], draw),
        "address": f"Elders {draw.randint(1, 300)}" if moved else row["address"],
        "postcode": f"{draw.randint(1000, 8999)} VB" if moved else row["postcode"].lower(),
    }


def _mistyped(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) - 1)
    return draw.choice(
        [text[:at] + text[at + 1] + text[at] + text[at + 2 :], text[:at] + text[at + 1 :]]
    )


def _born(born: date | None, draw: random.Random) -> date | None:
    chance = draw.random()
    if born is None or chance < 0.02:
        return None
    if chance < 0.04 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if chance < 0.06:
        return born + timedelta(days=draw.choice([1, 10, -1, 365]))
    return born
