"""Refusal remembered: what was set aside with a reason stays aside for that reason's time."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, passes


class RefusalRememberedGate:
    """Withholds what was found unsuitable before."""

    name: ClassVar[str] = "refusal-remembered"
    reasons: ClassVar[dict[str, Text]] = {
        "refusal-remembered": {
            "nl": "Dit is eerder besproken en niet passend gevonden.",
            "en": "This was discussed before and found not suitable.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.refusals.is_empty():
            return passes(candidates)
        standing = state.refusals.filter(pl.col("until") > state.as_of)
        return held_pairs(candidates, standing, "refusal-remembered")
