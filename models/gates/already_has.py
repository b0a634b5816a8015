"""Already has: nobody is offered what they have."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from features.codes import places
from features.domain import Text
from models.gates.base import GateState, held_pairs, passes


class AlreadyHasGate:
    """Withholds what the citizen has, unless the service can be had again while it runs."""

    name: ClassVar[str] = "already-has"
    reasons: ClassVar[dict[str, Text]] = {
        "already-has": {
            "nl": "De inwoner heeft dit al.",
            "en": "The citizen already has this.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.history.is_empty():
            return passes(candidates)
        once = tuple(
            name for name, service in state.pack.services.items() if not service.repeatable
        )
        held = state.history["has"].to_numpy() & (places(state.history["service"], once) >= 0)
        had = state.history[np.flatnonzero(held)]
        return held_pairs(candidates, had, "already-has")
