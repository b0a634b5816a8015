"""Excluded: what the citizen has does not go together with this."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, passes


class ExcludedGate:
    """Withholds a service when the citizen has one that it excludes."""

    name: ClassVar[str] = "excluded"
    reasons: ClassVar[dict[str, Text]] = {
        "excluded": {
            "nl": "Dit gaat niet samen met wat de inwoner al heeft.",
            "en": "This does not go together with what the citizen already has.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        if state.history.is_empty():
            return passes(candidates)
        rules = [
            {"excluded": name, "service": other}
            for name, service in state.pack.services.items()
            for other in service.excludes
        ]
        if not rules:
            return passes(candidates)
        excludes = pl.DataFrame(rules, schema={"excluded": pl.String, "service": pl.String})
        had = state.history.filter(pl.col("has")).join(excludes, on="service")
        pairs = had.select("citizen", service="excluded")
        return held_pairs(candidates, pairs, "excluded")
