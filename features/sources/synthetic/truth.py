"""The truth, for benchmarks and tests alone: no ingest reads this folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from features.sources.synthetic.journal import Bools, Ints
from features.sources.synthetic.outreach import MONTHS, need, uplifts
from features.sources.synthetic.population import Population
from features.sources.synthetic.silos.desk import Desk
from features.sources.synthetic.silos.register import names_of
from features.sources.synthetic.take_up import TakeUp

README = """Truth of the synthetic municipality. Benchmarks and tests read it; nothing else may.

persons.parquet   bsn, client, name, birth_date, phone, email of everyone ever present
entitled.parquet  bsn, service, from_date, to_date (exclusive; the end of the simulation at most):
                  spells of true entitlement, by month
unaided.parquet   bsn, service, applied_on: claims made, or that would have been made, without any
                  outreach (those of before the start are what the municipality began with);
                  counterfactual is true where outreach came first
response.parquet  as_of, bsn, service of entitled people without it: need (0-1), p_unaided and the
                  uplift of each channel within nine months (p_*), and drawn potential outcomes
                  (unaided, letter, home_visit, help): would this person claim within nine months
"""


class Truth:
    """Collects entitlement spells and potential outcomes month by month."""

    def __init__(self, people: Population, take_up: TakeUp, seed: np.random.Generator) -> None:
        self.people, self.take_up, self.rng = people, take_up, seed
        self.since = np.full(take_up.entitled.shape, -1, np.int32)
        self._spells: list[pl.DataFrame] = []
        self._response: list[pl.DataFrame] = []

    def month(self, day: int) -> None:
        """Note the spells that began or ended by ``day``."""
        entitled = self.take_up.entitled
        self._close(~entitled & (self.since >= 0), day)
        self.since[entitled & (self.since < 0)] = day

    def _close(self, which: Bools, day: int) -> None:
        rows, places = np.nonzero(which)
        self._spells.append(
            pl.DataFrame({"person": rows, "service": places, "from": self.since[rows, places]})
            .with_columns(pl.lit(day, pl.Int32).alias("to"))
        )  # fmt: skip
        self.since[rows, places] = -1

    def respond(self, day: int) -> None:
        """Draw what each entitled person without a service would do, per channel."""
        take_up = self.take_up
        rows, places = np.nonzero(take_up.entitled & ~take_up.has)
        monthly = take_up.hazard(rows, places)
        alone = 1 - (1 - monthly) ** MONTHS
        letter, visit, helped = uplifts(take_up, rows)
        drawn = self.rng.random(len(rows))
        outcomes = {
            name: drawn < np.clip(alone + extra, 0, 1)
            for name, extra in (
                ("unaided", 0.0), ("letter", letter), ("home_visit", visit), ("help", helped),
            )
        }  # fmt: skip
        chances = {"need": need(take_up, rows), "p_unaided": alone, "p_letter": letter}
        chances |= {"p_home_visit": visit, "p_help": helped}
        frame = pl.DataFrame({"person": rows, "service": places, **chances, **outcomes})
        self._response.append(frame.with_columns(pl.lit(day, pl.Int32).alias("as_of")))

    def write(self, desk: Desk, folder: Path) -> None:
        """Write the truth folder."""
        self._close(self.since >= 0, desk.end + 1)
        spells = self._named(pl.concat(self._spells).sort("from", "person", "service"), desk)
        spells.select(
            "bsn", "service", pl.col("from").cast(pl.Date).alias("from_date"),
            pl.col("to").cast(pl.Date).alias("to_date"),
        ).write_parquet(folder / "entitled.parquet")  # fmt: skip
        own = desk.read("application").filter(pl.col("how") == "own")
        late = desk.journal.read("late-unaided")
        columns = ("person", "service", "day")
        parts = [own.select(*columns, pl.lit(value=False).alias("counterfactual"))]
        if late.height:
            parts.append(late.select(*columns, pl.lit(value=True).alias("counterfactual")))
        self._named(pl.concat(parts).sort("day", "person", "service"), desk).select(
            "bsn", "service", pl.col("day").cast(pl.Int32).cast(pl.Date).alias("applied_on"),
            "counterfactual",
        ).write_parquet(folder / "unaided.parquet")  # fmt: skip
        if self._response:
            self._named(pl.concat(self._response), desk).select(
                pl.col("as_of").cast(pl.Date), "bsn", "service",
                pl.exclude("as_of", "bsn", "service", "person"),
            ).write_parquet(folder / "response.parquet")  # fmt: skip
        self._persons(desk, folder)
        (folder / "README").write_text(README, encoding="utf8")

    def _named(self, frame: pl.DataFrame, desk: Desk) -> pl.DataFrame:
        names = dict(enumerate(self.take_up.names))
        return frame.with_columns(
            desk.bsn(frame["person"]),
            pl.col("service").replace_strict(names, return_dtype=pl.String),
        )

    def _persons(self, desk: Desk, folder: Path) -> None:
        people = self.people
        rows: Ints = np.arange(people.count)
        frame = names_of(desk).head(people.count).with_columns(
            desk.bsn(pl.Series(rows)),
            pl.Series("client", people.client[rows]).cast(pl.String),
            (pl.col("first") + " " + pl.col("family")).alias("name"),
            pl.Series("birth_date", people.born[rows]).cast(pl.Int32).cast(pl.Date),
        )  # fmt: skip
        frame.select("bsn", "client", "name", "birth_date", "phone", "email").write_parquet(
            folder / "persons.parquet"
        )
