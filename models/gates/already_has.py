"""Already has: nobody is offered what they have."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, passes, picked


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
        again = {name for name, service in state.pack.services.items() if service.repeatable}
        had = picked(
            state.history,
            ("has", "service"),
            lambda has, service: bool(has) and service not in again,
            pl.col("has") & ~pl.col("service").is_in(list(again)),
        )
        return held_pairs(candidates, had, "already-has")
