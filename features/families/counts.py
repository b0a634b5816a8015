"""How often each type of event happened, by window."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing, snake
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.kernels.counting import counted_within
from features.pack import Pack
from features.past_events import event_table
from features.provenance import is_known, sources_of_event_type
from features.records import Records
from features.remembered import remembered

_MEANING = {
    "en": "How often “{title}” happened in the last {days} days",
    "nl": "Hoe vaak “{title}” voorkwam in de laatste {days} dagen",
}


@remembered(8)
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
        """One pass over all types and windows at once."""
        types, windows = counted_types(pack), self.windows_in(pack)
        n, events = len(records.citizens), event_table(records, pack)
        place_of = events.places_of_kinds(types)
        counted = counted_within(
            events.row, events.kind, events.age, place_of, np.array(windows), len(types), n
        ).reshape(len(windows), len(types), n)
        behind = sources_of_event_type(pack)
        columns: dict[str, Floats] = {}
        for place, kind in enumerate(types):
            known = is_known(behind[kind], records.sources)
            for number, days in enumerate(windows):
                columns[_name(kind, days)] = counted[number, place] if known else nothing(n)
        return columns


def _name(kind: str, days: int) -> str:
    return f"count_{snake(kind)}_{days}d"
