"""Settling: what the office itself knows, given to the lake, and what followed, to the ledger.

It runs by itself: with the server every so often, after ``voorzet ingest`` and ``voorzet land``.
Done again, it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.domain import Sensitivity
from features.lake import Lake
from features.pack import Pack
from features.tables import TableName, columns_of
from serving.casework.facts_told import SOURCE, FactsTold
from serving.casework.outcomes import join_outcomes
from serving.database import Database

EVERY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What was settled: versions of facts that citizens told, and outcomes."""

    facts: int
    outcomes: int


@dataclass(frozen=True)
class Settling:
    """Settles one workspace."""

    pack: Pack
    database: Database
    lake: Lake
    told: FactsTold
    now: Callable[[], datetime]

    def settle(self) -> Settled:
        """Give the lake what citizens told, and the ledger what became of suggestions.

        Raises
        ------
        VoorzetError
            When another process is writing to the lake.
        """
        facts = self._land_told()
        self.lake.refresh()
        return Settled(facts, join_outcomes(self.database, self.lake, self.pack, self.now()))

    def run(self) -> None:
        """The same, for work in the background."""
        self.settle()

    def _land_told(self) -> int:
        with self.database.read() as connection:
            versions, facts = self.told.unlanded(connection)
        if facts.is_empty():
            return 0
        with self.lake.sole_writer():
            self.lake.refresh()
            free = list(self.pack.facts(Sensitivity.FREE))
            added = self._append("facts", facts.filter(pl.col("name").is_in(free)))
            added += self._append("protected", facts.filter(~pl.col("name").is_in(free)))
        with self.database.write() as connection:
            self.told.landed(connection, versions)
        return added

    def _append(self, table: TableName, facts: pl.DataFrame) -> int:
        """What of ``facts`` the lake does not hold yet: a run that was cut off is taken up."""
        if facts.is_empty():
            return 0
        held = (
            self.lake.scan(table)
            .filter(pl.col("source") == SOURCE)
            .select("fact_id")
            .collect()["fact_id"]
        )
        new = facts.filter(~pl.col("fact_id").is_in(held.implode()))
        return self.lake.append(table, new.select(columns_of(table)))
