"""What followed what: the last events in order, held against this citizen's own past.

No statistics of a population: a family sees the citizens of one bucket, and one citizen alone must
come out the same. A step is one event and the next of the same citizen, of whatever types.
"""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.kernels.sequence import last_kinds, last_steps
from features.pack import Pack
from features.past_events import event_table
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
        n, events = len(records.citizens), event_table(records, pack)
        place_of = events.places_of_kinds(counted_types(pack))
        kinds = last_kinds(events.row, events.kind, place_of, LENGTH, n).reshape(LENGTH, n)
        steps = last_steps(events.row, events.kind, events.age, place_of, n)
        gap, tried, done = steps.reshape(3, n)
        columns: dict[str, Floats] = {
            f"sequence_last_{back}": kinds[back] for back in range(LENGTH)
        }
        return columns | {
            "sequence_days_between": gap,
            "sequence_step_before": np.where(np.isnan(done), np.nan, done > 0),
            "sequence_step_rate": np.divide(done, tried, out=nothing(n), where=tried > 0),
        }


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in counted_types(pack)))
