"""Under way: somebody is at work on it, or an application waits for its decision."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import polars as pl

from features.domain import Text
from features.service_history import awaiting
from models.gates.base import GateState, held_pairs

TAKEN_UP_FOR = timedelta(days=60)
"""For how long an accepted suggestion counts as being worked on without an application."""


class UnderWayGate:
    """Withholds what has been taken up or applied for and is not decided yet."""

    name: ClassVar[str] = "under-way"
    reasons: ClassVar[dict[str, Text]] = {
        "applied": {
            "nl": "Er loopt al een aanvraag.",
            "en": "An application is already being decided on.",
        },
        "taken-up": {
            "nl": "Een collega heeft dit al opgepakt.",
            "en": "A colleague is already at work on this.",
        },
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        waiting = awaiting(state.history, state.as_of)
        applied_for = held_pairs(candidates, waiting, "applied")
        if state.takings.is_empty():
            return applied_for
        taken = state.takings.filter(pl.col("at") > state.as_of - TAKEN_UP_FOR)
        return applied_for.fill_null(held_pairs(candidates, taken, "taken-up"))
