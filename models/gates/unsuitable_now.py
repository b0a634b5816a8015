"""Unsuitable now: after some life events, a bereavement say, people are left in peace."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from features.domain import Text
from models.gates.base import GateState, held_pairs, passes


class UnsuitableNowGate:
    """Withholds during a life event's quiet days whatever that life event does not itself bring."""

    name: ClassVar[str] = "unsuitable-now"
    reasons: ClassVar[dict[str, Text]] = {
        "quiet-period": {
            "nl": "Er is net iets ingrijpends gebeurd. Nu is niet het moment.",
            "en": "Something far-reaching has just happened. This is not the moment.",
        }
    }

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """See :class:`models.gates.base.Gate`."""
        quiet = {
            name: event.quiet_days
            for name, event in state.pack.life_events.items()
            if event.quiet_days
        }
        if not quiet or state.life_events.is_empty():
            return passes(candidates)
        days = pl.col("life_event").replace_strict(quiet, default=0, return_dtype=pl.Int64)
        ends = pl.col("happens_at") + pl.duration(days=days)
        happened = state.life_events.filter(
            pl.col("life_event").is_in(list(quiet)),
            pl.col("happens_at") <= state.as_of,
            ends > state.as_of,
        )
        if happened.is_empty():
            return passes(candidates)
        pairs = happened.select("citizen", "life_event").join(
            _held_by(state, list(quiet)), on="life_event"
        )
        return held_pairs(candidates, pairs, "quiet-period")


def _held_by(state: GateState, life_events: list[str]) -> pl.DataFrame:
    """The services that each life event does not itself bring into view."""
    rows = [
        {"life_event": life_event, "service": name}
        for life_event in life_events
        for name, service in state.pack.services.items()
        if life_event not in service.triggers
    ]
    return pl.DataFrame(rows, schema={"life_event": pl.String, "service": pl.String})
