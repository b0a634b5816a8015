"""Stopped: suggestions were switched off, for a service, for the model that speaks, or at all."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_where, passes


class StoppedGate:
    """Withholds what the organisation has switched off."""

    name: ClassVar[str] = "stopped"
    reasons: ClassVar[dict[str, Text]] = {
        "stopped": {
            "nl": "Suggesties hiervoor zijn nu uitgezet.",
            "en": "Suggestions for this are switched off now.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if not state.stopped:
            return passes(candidates)
        return held_where(candidates, pl.col("service").is_in(sorted(state.stopped)), "stopped")
