"""How long ago each type of event last happened."""

from __future__ import annotations

from features.columns import Columns, snake
from features.families.base import Family, Signal
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.kernels.counting import last_ages
from features.pack import Pack
from features.past_events import event_table
from features.provenance import sources_of_event_type
from features.records import Records

_MEANING = {
    "en": "Days since “{title}” last happened",
    "nl": "Dagen sinds “{title}” voor het laatst voorkwam",
}


class Recency(Family):
    """``days_since_last_<event_type>``: null when it never happened, or nobody could tell."""

    name = "recency"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One signal per event type."""
        behind = sources_of_event_type(pack)
        return tuple(
            Signal(
                name=_name(kind),
                unit="days",
                meaning=meaning(pack, _MEANING, title=pack.domain.event_types[kind].title),
                concept=pack.domain.event_types[kind].concept,
                family=self.name,
                sources=behind[kind],
            )
            for kind in counted_types(pack)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """One pass: rows are in order of time, so the last one written stays."""
        types, n = counted_types(pack), len(records.citizens)
        events = event_table(records, pack)
        place_of = events.places_of_kinds(types)
        found = last_ages(events.row, events.kind, events.age, place_of, len(types), n)
        found = found.reshape(len(types), n)
        return {_name(kind): found[place] for place, kind in enumerate(types)}


def _name(kind: str) -> str:
    return f"days_since_last_{snake(kind)}"
