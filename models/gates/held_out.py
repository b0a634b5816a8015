"""Hold-out: a few citizens, drawn by lot, get no suggestions for half a year."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_where, passes
from models.holdout import held_out, may_be_held_out


class HeldOutGate:
    """Withholds services from those on whom the lot fell; what has a term or is an intervention
    passes."""

    name: ClassVar[str] = "held-out"
    reasons: ClassVar[dict[str, Text]] = {
        "held-out": {
            "nl": "Het lot viel op deze inwoner: een half jaar geen suggesties, om van te leren.",
            "en": "Drawn by lot: no suggestions for this citizen for half a year, to learn from.",
        },
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        share = state.pack.domain.training.hold_out
        if share <= 0 or candidates.is_empty():
            return passes(candidates)
        people = candidates["citizen"].unique().sort()
        drawn = held_out(people.to_numpy().astype(np.int64), state.as_of, share)
        services = [name for name, one in state.pack.services.items() if may_be_held_out(one)]
        return held_where(
            candidates,
            pl.col("citizen").is_in(people.filter(pl.Series(drawn)).implode())
            & pl.col("service").is_in(services),
            "held-out",
        )
