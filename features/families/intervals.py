"""Time between events: how far apart those of one type lie, and how regularly they come.

Of the events of one type in a window, from the oldest to the newest, the gaps are the days between
each and the next. Mean is their sum by their number; variation is the standard deviation of the
gaps (over their number) by their mean, so 0 is as regular as a clock and 1 is as by chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, last, nothing, snake, tally, total
from features.families.base import Family, Signal
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import past_events
from features.provenance import sources_of_event_type
from features.records import Records
from features.windows import Days

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
        events = past_events(records, pack, types)
        events = events.take(events.by_kind())
        cell = events.kind * n + events.row
        columns: dict[str, Floats] = {}
        for days in self.windows_in(pack):
            recent = events.age < days
            found = _measures(cell[recent], events.age[recent], len(types) * n)
            for place, kind in enumerate(types):
                for measure, values in found.items():
                    columns[_name(measure, kind, days)] = values[place * n : (place + 1) * n]
        return columns


def _measures(cell: NDArray[np.int64], age: Days, cells: int) -> dict[str, Floats]:
    """The measures of each cell; the events of a cell stand together in order of time."""
    follows = cell[1:] == cell[:-1]
    of, gap = cell[1:][follows], (age[:-1] - age[1:])[follows].astype(np.float64)
    count = tally(of, cells)
    mean = _ratio(total(of, gap, cells), count)
    shortest = np.full(cells, np.inf)
    np.minimum.at(shortest, of, gap)
    away = gap - mean[of]
    deviation = np.sqrt(_ratio(total(of, away * away, cells), np.where(count > 1, count, 0.0)))
    return {
        "mean": mean,
        "shortest": np.where(count > 0, shortest, np.nan),
        "last": last(of, gap, cells),
        "variation": _ratio(deviation, mean),
    }


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    return np.divide(above, below, out=nothing(len(below)), where=below > 0)


def _name(measure: str, kind: str, days: int) -> str:
    return f"interval_{measure}_{snake(kind)}_{days}d"
