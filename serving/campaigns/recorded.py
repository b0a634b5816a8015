"""Campaigns that a silo drew by lot and recorded: their effect, read from the lake alone."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing
from serving.campaigns.drawing import APPROACH, HOLDOUT
from serving.campaigns.effect import Effect, effect
from serving.errors import NotReadyError

CONTROL = "control"
EVERYTHING = "*"
"""Stands for all services together."""


def recorded_draws(lake: Lake, pack: Pack, now: datetime) -> pl.DataFrame:
    """Who was drawn into which arm: citizen, service, campaign, arm, drawn_at; known at ``now``."""
    drawn = pl.col("type").is_in(pack.event_types_in("drawn"))
    said = pl.col("attributes").str.json_decode(
        pl.Struct({"campaign": pl.String, "arm": pl.String})
    )
    return (
        everyone_standing(lake, "events", now)
        .filter(drawn)
        .select("citizen", service="case_type", drawn_at="occurred_at", said=said)
        .unnest("said")
        .collect()
        .unique(["citizen", "campaign"], keep="first", maintain_order=True)
        .sort("campaign", "citizen")
    )


def recorded_effects(lake: Lake, pack: Pack, now: datetime) -> tuple[Effect, ...]:
    """Each channel's effect: over all campaigns together, then per service.

    People are compared with the controls of their own campaign; the arms of a campaign are of
    one size, so that sums keep the comparison fair. Raises NotReadyError when nothing was drawn.
    """
    draws = recorded_draws(lake, pack, now)
    horizons = {name: one.horizon_days for name, one in pack.services.items()}
    days = pl.col("service").replace_strict(horizons, return_dtype=pl.Int64)
    draws = draws.with_columns(over=pl.col("drawn_at") + pl.duration(days=days) <= now)
    if draws.is_empty():
        raise NotReadyError("the lake holds no campaign that was drawn by lot")
    events = (
        everyone_standing(lake, "events", now)
        .filter(pl.col("citizen").is_in(draws["citizen"].implode()))
        .collect()
    )
    channels = sorted(set(draws["arm"]) - {CONTROL})
    services = [EVERYTHING, *draws["service"].unique().sort()]
    return tuple(
        effect(members, events, pack, service=service, channel=channel, now=now)
        for channel in channels
        for service in services
        if (members := _members(draws, channel, service)).height
    )


def _members(draws: pl.DataFrame, channel: str, service: str) -> pl.DataFrame:
    """The people of one channel with the controls of the same campaigns.

    All services together leave out campaigns that are not over, unless none is.
    """
    over = draws.filter(pl.col("over"))
    together = over if over.height else draws
    chosen = together if service == EVERYTHING else draws.filter(pl.col("service") == service)
    campaigns = chosen.filter(pl.col("arm") == channel)["campaign"].unique()
    return chosen.filter(
        pl.col("campaign").is_in(campaigns.implode()), pl.col("arm").is_in([channel, CONTROL])
    ).with_columns(
        arm=pl.when(pl.col("arm") == channel).then(pl.lit(APPROACH)).otherwise(pl.lit(HOLDOUT))
    )
