"""The silos themselves: which have delivered nothing, and how old their last word is."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.columns import Floats, ages, last, matrix, rows_of, snake
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.records import Records

CONCEPT = "sources"
"""The concept of these signals, where the domain has it."""

_MISSING = {
    "en": "“{title}” has delivered nothing yet",
    "nl": "“{title}” heeft nog niets aangeleverd",
}
_LAST = {
    "en": "Days since “{title}” last reported anything about this citizen",
    "nl": "Dagen sinds “{title}” voor het laatst iets over deze inwoner meldde",
}


class Sources(Family):
    """``source_missing_<source>`` and ``source_days_since_last_<source>``."""

    name = "sources"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Two signals per source."""
        concept = CONCEPT if CONCEPT in pack.domain.concepts else "other"
        return tuple(
            Signal(
                name=name,
                unit=unit,
                meaning=meaning(pack, sentence, title=declared.title),
                concept=concept,
                family=self.name,
                sources=frozenset({source}),
            )
            for source, declared in pack.domain.sources.items()
            for name, unit, sentence in (
                (f"source_missing_{snake(source)}", "yes/no", _MISSING),
                (f"source_days_since_last_{snake(source)}", "days", _LAST),
            )
        )

    def compute(self, records: Records, pack: Pack) -> pl.DataFrame:
        """Recency is by ``known_at``: when the source last spoke."""
        spoken = _last_known(records)
        columns: dict[str, Floats] = {}
        n = len(records.citizens)
        for source in pack.domain.sources:
            mine = spoken.filter(pl.col("source") == source)
            row = rows_of(mine["citizen"], records)
            missing = 0.0 if source in records.sources else 1.0
            columns[f"source_missing_{snake(source)}"] = np.full(n, missing)
            columns[f"source_days_since_last_{snake(source)}"] = last(
                row, ages(mine["known_at"], records, pack), n
            )
        return matrix(columns)


def _last_known(records: Records) -> pl.DataFrame:
    tables = (records.events, records.facts, records.relations)
    spoken = pl.concat([table.select("citizen", "source", "known_at") for table in tables])
    return spoken.group_by("citizen", "source").agg(pl.col("known_at").max())
