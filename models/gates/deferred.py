"""Deferred: *later* was chosen, until a day that has not come yet."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, passes


class DeferredGate:
    """Withholds what somebody put off until later."""

    name: ClassVar[str] = "deferred"
    reasons: ClassVar[dict[str, Text]] = {
        "deferred": {
            "nl": "Dit is uitgesteld tot later.",
            "en": "This has been put off until later.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.deferrals.is_empty():
            return passes(candidates)
        standing = state.deferrals.filter(pl.col("until") > state.as_of)
        return held_pairs(candidates, standing, "deferred")
