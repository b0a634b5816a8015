"""Time between events: how far apart those of one type lie, and how regularly they come.

Of the events of one type in a window, from the oldest to the newest, the gaps are the days between
each and the next. Mean is their sum by their number; variation is the standard deviation of the
gaps (over their number) by their mean, so 0 is as regular as a clock and 1 is as by chance.
"""

from __future__ import annotations

from features.columns import Columns, Floats, snake
from features.families.base import Family, Signal
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.kernels.intervals import gaps_within
from features.pack import Pack
from features.past_events import event_table
from features.provenance import sources_of_event_type
from features.records import Records

_MEANINGS: dict[str, tuple[str, dict[str, str]]] = {
    "mean": (
        "days",
        {
            "en": "Days between one “{title}” and the next, on average over the last {days} days",
            "nl": "Dagen tussen de ene “{title}” en de volgende, gemiddeld in de laatste "
            "{days} dagen",
        },
    ),
    "shortest": (
        "days",
        {
            "en": "Days between the two “{title}” closest together in the last {days} days",
            "nl": "Dagen tussen de twee “{title}” die het dichtst op elkaar volgden in de laatste "
            "{days} dagen",
        },
    ),
    "last": (
        "days",
        {
            "en": "Days between the last two “{title}” of the last {days} days",
            "nl": "Dagen tussen de laatste twee “{title}” van de laatste {days} dagen",
        },
    ),
    "variation": (
        "number",
        {
            "en": "How irregularly “{title}” came in the last {days} days (0 is regular); "
            "of at least three",
            "nl": "Hoe onregelmatig “{title}” kwam in de laatste {days} dagen (0 is regelmatig); "
            "van minstens drie",
        },
    ),
}


class Intervals(Family):
    """``interval_<mean|shortest|last|variation>_<event_type>_<window>d``; null with fewer than two
    events in the window, the variation with fewer than three.

    Off where the pack does not ask for it: four columns a type and window, empty for whatever
    happens once in a life.
    """

    name = "intervals"
    on = False
    windows = (730,)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Four per event type and window."""
        return tuple(
            Signal(
                name=_name(measure, kind, days),
                unit=unit,
                meaning=meaning(
                    pack, sentence, title=pack.domain.event_types[kind].title, days=days
                ),
                concept=pack.domain.event_types[kind].concept,
                family=self.name,
                sources=sources_of_event_type(pack)[kind],
            )
            for days in self.windows_in(pack)
            for kind in counted_types(pack)
            for measure, (unit, sentence) in _MEANINGS.items()
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Events of a type and citizen side by side, so a gap is one subtraction."""
        types, n = counted_types(pack), len(records.citizens)
        events = event_table(records, pack)
        of, at = events.places_of_kinds(types), events.by_kind()
        columns: dict[str, Floats] = {}
        for days in self.windows_in(pack):
            found = gaps_within(at, events.row, events.kind, events.age, of, days, len(types), n)
            found = found.reshape(len(_MEANINGS), len(types), n)
            for place, kind in enumerate(types):
                for number, measure in enumerate(_MEANINGS):
                    columns[_name(measure, kind, days)] = found[number, place]
        return columns


def _name(measure: str, kind: str, days: int) -> str:
    return f"interval_{measure}_{snake(kind)}_{days}d"
