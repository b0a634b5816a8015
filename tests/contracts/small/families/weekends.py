"""A family as a data scientist adds it to a pack: one file, which nothing else names."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, nothing, tally
from features.families import Family, Signal
from features.pack import Pack
from features.past_events import past_events
from features.provenance import is_known, sources_of_event_type
from features.records import Records


class Weekends(Family):
    """How often someone moved at a weekend."""

    name = "weekends"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One signal."""
        meaning = {"en": "Moves at a weekend", "nl": "Verhuizingen in een weekend"}
        behind = sources_of_event_type(pack)["moved"]
        return (Signal("moved_at_weekend", "times", meaning, "other", self.name, behind),)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """By the day: day 1 of the calendar was a Monday."""
        n = len(records.citizens)
        if not is_known(sources_of_event_type(pack)["moved"], records.sources):
            return {"moved_at_weekend": nothing(n)}
        moves = past_events(records, pack, ("moved",))
        day = records.as_of.toordinal() - moves.age.astype(np.int64)
        weekend = (day - 1) % 7 >= 5
        return {"moved_at_weekend": tally(moves.row[weekend], n)}
