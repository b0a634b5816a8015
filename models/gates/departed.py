"""Departed: who died or moved out of reach is suggested nothing."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_where, passes


class DepartedGate:
    """Withholds everything from whoever has gone."""

    name: ClassVar[str] = "departed"
    reasons: ClassVar[dict[str, Text]] = {
        "departed": {
            "nl": "De inwoner is overleden of vertrokken.",
            "en": "The citizen has died or moved away.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.departures.is_empty():
            return passes(candidates)
        gone = state.departures["citizen"].unique()
        return held_where(candidates, pl.col("citizen").is_in(gone.implode()), "departed")
