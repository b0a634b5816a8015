"""The silos themselves: which have delivered nothing, and how old their last word is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.codes import moments, places
from features.columns import Columns, Floats, ages_at, rows_of, snake
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.kernels.counting import last_spoken
from features.pack import Pack
from features.past_events import event_table
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
        spoken = _last_known(records, pack)
        days = ages_at(spoken.ravel(), records, pack).reshape(spoken.shape)
        since = np.where(spoken == NEVER, np.nan, days)
        columns: dict[str, Floats] = {}
        for place, source in enumerate(pack.domain.sources):
            missing = 0.0 if source in records.sources else 1.0
            columns[f"source_missing_{snake(source)}"] = np.full(len(records.citizens), missing)
            columns[f"source_days_since_last_{snake(source)}"] = since[place]
        return columns


def _last_known(records: Records, pack: Pack) -> NDArray[np.int64]:
    """The last ``known_at`` (microseconds) of each source on each citizen; NEVER without one."""
    sources = tuple(pack.domain.sources)
    n = len(records.citizens)
    spoken = np.full(len(sources) * n, NEVER, dtype=np.int64)
    events = event_table(records, pack)
    told = [(events.row, events.places("source", sources), events.moments("known_at"))]
    told += [
        (
            rows_of(frame["citizen"], records),
            places(frame["source"], sources),
            moments(frame["known_at"]),
        )
        for frame in (records.facts, records.relations)
    ]
    for row, source, known_at in told:
        spoken = last_spoken(source, row, known_at, spoken, n)
    return spoken.reshape(len(sources), n)
