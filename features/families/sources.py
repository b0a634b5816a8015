"""The silos themselves: which have delivered nothing, and how old their last word is."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.columns import Columns, Floats, ages, rows_of, snake
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.records import Records

CONCEPT = "sources"
"""The concept of these signals, where the domain has it."""

NEVER = 0
"""Nothing was known to any source in 1970."""

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

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Recency is by ``known_at``: when the source last spoke."""
        sources = list(pack.domain.sources)
        since = _days(_last_known(records, sources), records, pack)
        columns: dict[str, Floats] = {}
        for place, source in enumerate(sources):
            missing = 0.0 if source in records.sources else 1.0
            columns[f"source_missing_{snake(source)}"] = np.full(len(records.citizens), missing)
            columns[f"source_days_since_last_{snake(source)}"] = since[place]
        return columns


def _last_known(records: Records, sources: list[str]) -> NDArray[np.int64]:
    """The last ``known_at`` (microseconds) of each source on each citizen; NEVER without one."""
    spoken = np.full((len(sources), len(records.citizens)), NEVER, dtype=np.int64)
    for table in (records.events, records.facts, records.relations):
        known = table.select("citizen", "known_at", pl.col("source").cast(pl.Enum(sources)))
        place = known["source"].to_physical().to_numpy(), rows_of(known["citizen"], records)
        np.maximum.at(spoken, place, known["known_at"].to_physical().to_numpy())
    return spoken


def _days(spoken: NDArray[np.int64], records: Records, pack: Pack) -> Floats:
    moments = pl.Series(spoken.ravel()).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    since = ages(moments, records, pack).reshape(spoken.shape)
    return np.where(spoken == NEVER, np.nan, since)
