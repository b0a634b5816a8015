"""How many different channels, teams, organisations, case types and kinds of event."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, nothing
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents, past_events
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records

_BLOCK = 512
"""So many different texts are looked at in one go; a column of more takes more goes, not more
memory."""

_OF: dict[str, tuple[str, str, dict[str, str]]] = {
    "channels": (
        "channel",
        "contact",
        {
            "en": "Different channels used in the last {days} days",
            "nl": "Verschillende kanalen gebruikt in de laatste {days} dagen",
        },
    ),
    "teams": (
        "team",
        "process",
        {
            "en": "Different teams at work for this citizen in the last {days} days",
            "nl": "Verschillende teams bezig voor deze inwoner in de laatste {days} dagen",
        },
    ),
    "organisations": (
        "source",
        "process",
        {
            "en": "Different organisations that recorded something in the last {days} days",
            "nl": "Verschillende organisaties die iets vastlegden in de laatste {days} dagen",
        },
    ),
    "case_types": (
        "case_type",
        "process",
        {
            "en": "Different kinds of cases and services in the last {days} days",
            "nl": "Verschillende soorten zaken en voorzieningen in de laatste {days} dagen",
        },
    ),
    "event_types": (
        "type",
        "other",
        {
            "en": "Different kinds of events in the last {days} days",
            "nl": "Verschillende soorten gebeurtenissen in de laatste {days} dagen",
        },
    ),
}


class Distinct(Family):
    """``distinct_<what>_<window>d``: zero is *none*, null is *no source could tell*."""

    name = "distinct"
    windows = (365,)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Five per window, over the event types of which signals are made."""
        return tuple(
            Signal(
                name=_name(what, days),
                unit="number",
                meaning=meaning(pack, sentence, days=days),
                concept=concept_in(pack, concept),
                family=self.name,
                sources=_sources(pack),
            )
            for what, (_, concept, sentence) in _OF.items()
            for days in self.windows_in(pack)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """One scatter a column: the age at which each text was last seen."""
        n, windows = len(records.citizens), self.windows_in(pack)
        events = past_events(records, pack, counted_types(pack))
        events = events.where(events.age < windows[-1])
        known = is_known(_sources(pack), records.sources)
        columns: dict[str, Floats] = {}
        for what, (column, _, _) in _OF.items():
            told, place, size = _places(events, column, pack)
            found = _different(told, place, size, windows, n)
            for days, number in zip(windows, found, strict=True):
                columns[_name(what, days)] = number if known else nothing(n)
        return columns


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in counted_types(pack)))


def _places(
    events: PastEvents, column: str, pack: Pack
) -> tuple[PastEvents, NDArray[np.int64], int]:
    """The events of which ``column`` is told, a place for each different text, and how many there
    are; declared words have their place at hand already."""
    if column == "type":
        return events, events.kind, len(counted_types(pack))
    if column == "source":
        sources = tuple(pack.domain.sources)
        place = events.places(column, sources)
        return events.where(place >= 0), place[place >= 0], len(sources)
    codes = events.codes(column)
    told = codes != UNTOLD
    different, place = np.unique(codes[told], return_inverse=True)
    return events.where(told), place, len(different)


def _different(
    events: PastEvents, place: NDArray[np.int64], size: int, windows: tuple[int, ...], n: int
) -> Floats:
    """How many different places each citizen has in each window; shape (windows, citizens)."""
    found = np.zeros((len(windows), n))
    for start in range(0, size, _BLOCK):
        width = min(_BLOCK, size - start)
        here = (place >= start) & (place < start + width)
        seen = np.full((n, width), windows[-1], dtype=np.int32)
        seen[events.row[here], place[here] - start] = events.age[here]
        found += [(seen < days).sum(axis=1) for days in windows]
    return found


def _name(what: str, days: int) -> str:
    return f"distinct_{what}_{days}d"
