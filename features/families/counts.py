"""How often each type of event happened, by window."""

from __future__ import annotations

from features.columns import Columns, Floats, nothing, snake, tally_within
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import past_events
from features.provenance import is_known, sources_of_event_type
from features.records import Records

_MEANING = {
    "en": "How often “{title}” happened in the last {days} days",
    "nl": "Hoe vaak “{title}” voorkwam in de laatste {days} dagen",
}


def counted_types(pack: Pack) -> tuple[str, ...]:
    """The event types of which signals are made."""
    return tuple(name for name, kind in pack.domain.event_types.items() if kind.signals)


class Counts(Family):
    """``count_<event_type>_<window>d``: zero is *none*, null is *no source could tell*."""

    name = "counts"
    windows = (30, 90, 365)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One signal per event type and window."""
        behind = sources_of_event_type(pack)
        return tuple(
            Signal(
                name=_name(kind, days),
                unit="times",
                meaning=meaning(
                    pack, _MEANING, title=pack.domain.event_types[kind].title, days=days
                ),
                concept=pack.domain.event_types[kind].concept,
                family=self.name,
                sources=behind[kind],
            )
            for kind in counted_types(pack)
            for days in self.windows_in(pack)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """One scatter over all types and windows at once."""
        types, windows = counted_types(pack), self.windows_in(pack)
        n = len(records.citizens)
        events = past_events(records, pack, types)
        # The cells of a citizen lie together, as their events do.
        cell = events.row * len(types) + events.kind
        counted = tally_within(cell, events.age, windows, len(types) * n)
        counted = counted.reshape(len(windows), n, len(types))
        behind = sources_of_event_type(pack)
        columns: dict[str, Floats] = {}
        for place, kind in enumerate(types):
            known = is_known(behind[kind], records.sources)
            for number, days in enumerate(windows):
                columns[_name(kind, days)] = counted[number, :, place] if known else nothing(n)
        return columns


def _name(kind: str, days: int) -> str:
    return f"count_{snake(kind)}_{days}d"
