"""What followed what: the last events in order, held against this citizen's own past.

No statistics of a population: a family sees the citizens of one bucket, and one citizen alone must
come out the same. A step is one event and the next of the same citizen, of whatever types.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, nothing, tally
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import PastEvents, past_events
from features.provenance import Sources, sources_of_event_type
from features.records import Records

LENGTH = 3
"""How many of the last events are told."""

_LAST = {
    "en": "The kind of the last event but {back} (its place in the domain's list, from 0)",
    "nl": "De soort van de laatste gebeurtenis op {back} na (plaats in de lijst van het domein, "
    "vanaf 0)",
}
_STEP: dict[str, tuple[str, dict[str, str]]] = {
    "days_between": (
        "days",
        {
            "en": "Days between the last two events",
            "nl": "Dagen tussen de laatste twee gebeurtenissen",
        },
    ),
    "step_before": (
        "yes/no",
        {
            "en": "The last two events followed each other before, for this citizen",
            "nl": "De laatste twee gebeurtenissen volgden bij deze inwoner eerder op elkaar",
        },
    ),
    "step_rate": (
        "share",
        {
            "en": "How often the event before last led to what happened last, of the earlier times",
            "nl": "Hoe vaak de voorlaatste gebeurtenis leidde tot wat het laatst gebeurde, van de "
            "eerdere keren",
        },
    ),
}


class Sequence(Family):
    """``sequence_last_<back>`` (0 is the last event), ``sequence_days_between``,
    ``sequence_step_before`` and ``sequence_step_rate``; null with too few events."""

    name = "sequence"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Over the event types of which signals are made."""
        concept, behind = concept_in(pack, "other"), _sources(pack)
        kinds = [
            Signal(
                f"sequence_last_{back}",
                "code",
                meaning(pack, _LAST, back=back),
                concept,
                self.name,
                behind,
                kind="category",
            )
            for back in range(LENGTH)
        ]
        steps = [
            Signal(f"sequence_{name}", unit, meaning(pack, sentence), concept, self.name, behind)
            for name, (unit, sentence) in _STEP.items()
        ]
        return (*kinds, *steps)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """From the rows as they stand: in order of citizen and time."""
        n, types = len(records.citizens), counted_types(pack)
        events = past_events(records, pack, types)
        end = np.cumsum(np.bincount(events.row, minlength=n))
        count = np.diff(end, prepend=0)
        names = list(pack.domain.event_types)
        code = np.array([names.index(kind) for kind in types], dtype=np.float64)
        columns: dict[str, Floats] = {}
        for back in range(LENGTH):
            columns[f"sequence_last_{back}"] = _at(
                code[events.kind], end - 1 - back, count > back, n
            )
        return columns | _steps(events, len(types), end, count)


def _at(values: Floats, place: NDArray[np.int64], there: NDArray[np.bool_], n: int) -> Floats:
    """Of each citizen the value at ``place``; NaN where there is none."""
    found = nothing(n)
    found[there] = values[place[there]]
    return found


def _steps(
    events: PastEvents, types: int, end: NDArray[np.int64], count: NDArray[np.int64]
) -> dict[str, Floats]:
    """The last step of each citizen, and how it went the earlier times."""
    n = len(end)
    two = count > 1
    last = end[two] - 1
    earlier = np.flatnonzero(events.row[1:] == events.row[:-1]) + 1
    earlier = earlier[earlier != end[events.row[earlier]] - 1]
    row = events.row[earlier]
    origin, outcome = np.full(n, types), np.full(n, types)
    origin[two], outcome[two] = events.kind[last - 1], events.kind[last]
    same_origin = events.kind[earlier - 1] == origin[row]
    same = same_origin & (events.kind[earlier] == outcome[row])
    tried, done = tally(row[same_origin], n), tally(row[same], n)
    gap = nothing(n)
    gap[two] = events.age[last - 1] - events.age[last]
    return {
        "sequence_days_between": gap,
        "sequence_step_before": np.where(two, done > 0, np.nan),
        "sequence_step_rate": np.divide(done, tried, out=nothing(n), where=tried > 0),
    }


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in counted_types(pack)))
