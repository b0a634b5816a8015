"""Outreach as events: what a campaign did, so that signals, labels and gates know of it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from features.events import EVENTS
from features.pack import Pack
from serving.errors import InvalidRequestError

SOURCE = "outreach"
"""The source under which the domain declares our own outreach, with its legal basis."""


def event_type(pack: Pack, channel: str) -> str:
    """The outreach event that goes with ``channel``; raises InvalidRequestError when none does.

    It is the type that names the channel (``letter-sent`` for *letter*), or else the only one.
    """
    types = pack.event_types_in("outreach")
    named = [name for name in types if name == channel or name.startswith(f"{channel}-")]
    if named:
        return named[0]
    if len(types) == 1:
        return types[0]
    raise InvalidRequestError(
        f"domain.yaml has no event type with role outreach for the channel {channel}; "
        f"it has {', '.join(types) or 'none at all'}"
    )


def check_source(pack: Pack) -> None:
    """Raises InvalidRequestError when the domain does not declare our own outreach."""
    if SOURCE not in pack.domain.sources:
        raise InvalidRequestError(
            f"domain.yaml declares no source {SOURCE}: add it, with the legal basis and the "
            "purposes for which citizens are approached"
        )


def outreach_events(
    pack: Pack, citizens: pl.Series, *, campaign: str, service: str, channel: str, at: datetime
) -> pl.DataFrame:
    """One event per approached citizen, in the shape of the lake."""
    frame = pl.DataFrame({"citizen": citizens}).sort("citizen")
    return frame.with_columns(
        event_id=pl.format("{}/{}", pl.lit(campaign), pl.col("citizen")),
        type=pl.lit(event_type(pack, channel)),
        occurred_at=pl.lit(at, dtype=EVENTS["occurred_at"]),
        known_at=pl.lit(at, dtype=EVENTS["known_at"]),
        source=pl.lit(SOURCE),
        case_id=pl.lit(None, dtype=pl.String),
        case_type=pl.lit(service),
        actor=pl.lit(None, dtype=pl.String),
        team=pl.lit(None, dtype=pl.String),
        channel=pl.lit(channel),
        value=pl.lit(None, dtype=pl.Float64),
        attributes=pl.lit(None, dtype=pl.String),
        order=pl.int_range(pl.len(), dtype=pl.Int64),
        alias=pl.lit(None, dtype=pl.Int64),
    ).select(EVENTS.names())
