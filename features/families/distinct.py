"""How many different channels, teams, organisations, case types and kinds of event."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.kernels.distinct import different_within
from features.pack import Pack
from features.past_events import UNTOLD, Codes, EventTable, event_table
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records

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
        """One pass a column, the newest events of each citizen first."""
        n, windows = len(records.citizens), self.windows_in(pack)
        events = event_table(records, pack)
        place_of = events.places_of_kinds(counted_types(pack))
        known = is_known(_sources(pack), records.sources)
        columns: dict[str, Floats] = {}
        for what, (column, _, _) in _OF.items():
            code, untold = _codes(events, column, pack)
            found = different_within(
                events.row,
                events.kind,
                events.age,
                place_of,
                code,
                untold,
                np.array(windows),
                n,
            ).reshape(len(windows), n)
            for days, number in zip(windows, found, strict=True):
                columns[_name(what, days)] = number if known else nothing(n)
        return columns


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in counted_types(pack)))


def _codes(events: EventTable, column: str, pack: Pack) -> tuple[Codes, int]:
    """The texts of ``column`` as codes, and the code of what is not told; a source that the domain
    does not have tells nothing."""
    if column == "type":
        return events.kind.view(np.uint64), -1
    if column == "source":
        return events.places(column, tuple(pack.domain.sources)).view(np.uint64), -1
    return events.codes(column), int(UNTOLD)


def _name(what: str, days: int) -> str:
    return f"distinct_{what}_{days}d"
