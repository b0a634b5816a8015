"""Objection (GDPR article 21): whoever objects is not suggested anything."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, held_where, passes


class ObjectionGate:
    """Withholds what the citizen objected to: one service, or every suggestion."""

    name: ClassVar[str] = "objection"
    reasons: ClassVar[dict[str, Text]] = {
        "objection": {
            "nl": "De inwoner heeft bezwaar gemaakt tegen suggesties.",
            "en": "The citizen has objected to suggestions.",
        },
        "objection-service": {
            "nl": "De inwoner heeft bezwaar gemaakt tegen deze suggestie.",
            "en": "The citizen has objected to this suggestion.",
        },
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.objections.is_empty():
            return passes(candidates)
        everything = state.objections.filter(pl.col("service").is_null())["citizen"].unique()
        of_service = state.objections.filter(pl.col("service").is_not_null())
        whole = held_where(candidates, pl.col("citizen").is_in(everything.implode()), "objection")
        return whole.fill_null(held_pairs(candidates, of_service, "objection-service"))
