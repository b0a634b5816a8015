"""What earlier campaigns of a service tell of whom an approach moves: people drawn by lot, their
signals from just before the draw, and what followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import select

from features.events import INSTANT
from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing
from features.snapshot import dictionary, read
from models.matrix import Columns
from models.uplift import Experiment
from models.uplift.households import households
from serving.campaigns.drawing import APPROACH, HOLDOUT
from serving.campaigns.effect import followed
from serving.campaigns.recorded import CONTROL, recorded_draws
from serving.campaigns.tables import campaign_members, campaigns
from serving.database import Database

BEFORE = timedelta(microseconds=1)
"""Signals are of the moment before the draw: the letter that follows it is no signal."""
DRAWN = pl.Schema(
    {
        "citizen": pl.Int64,
        "service": pl.String,
        "campaign": pl.String,
        "arm": pl.String,
        "drawn_at": INSTANT,
    }
)
"""``arm`` is a channel, or :data:`serving.campaigns.recorded.CONTROL`."""


@dataclass(frozen=True)
class Trials:
    """Earlier campaigns of one service whose horizon is over.

    Parameters
    ----------
    campaigns
        How many there are.
    experiment
        None when there are none.
    """

    campaigns: int
    columns: Columns
    experiment: Experiment | None


def trials(
    lake: Lake, pack: Pack, database: Database, service: str, columns: Columns, now: datetime
) -> Trials:
    """Everybody who was drawn for ``service`` long enough before ``now``.

    Parameters
    ----------
    columns
        The signals to learn from; those that the service's purpose does not allow are left out.
    """
    allowed = _allowed(pack, service, columns)
    horizon = timedelta(days=pack.services[service].horizon_days)
    drawn = (
        pl.concat([recorded_draws(lake, pack, now).select(DRAWN.names()), _own(database)])
        .filter(pl.col("service") == service, pl.col("drawn_at") + horizon <= now)
        .sort("campaign", "citizen")
    )
    if drawn.is_empty():
        return Trials(0, allowed, None)
    events = (
        everyone_standing(lake, "events", now)
        .filter(pl.col("citizen").is_in(drawn["citizen"].unique().implode()))
        .collect()
    )
    outcomes = followed(drawn, events, pack, now)
    experiment = _experiment(outcomes, lake, pack, allowed)
    return Trials(drawn["campaign"].n_unique(), allowed, experiment)


def _allowed(pack: Pack, service: str, columns: Columns) -> Columns:
    purpose = pack.services[service].purpose
    names = {signal.name for signal in dictionary(pack, purpose=purpose)}
    return columns.only([place for place, name in enumerate(columns.names) if name in names])


def _own(database: Database) -> pl.DataFrame:
    """Draws of our own campaigns."""
    query = (
        select(
            campaign_members.c.citizen,
            campaigns.c.service,
            campaigns.c.id,
            campaigns.c.channel,
            campaign_members.c.arm,
            campaigns.c.drawn_at,
        )
        .join(campaigns, campaigns.c.id == campaign_members.c.campaign)
        .where(campaigns.c.drawn_at.is_not(None))
    )
    arms = {HOLDOUT: CONTROL}
    with database.read() as connection:
        rows = [
            (citizen, service, str(campaign), channel if arm == APPROACH else arms[arm], at)
            for citizen, service, campaign, channel, arm, at in connection.execute(query)
            if arm is not None
        ]
    return pl.DataFrame(rows, schema=DRAWN, orient="row")


def _experiment(drawn: pl.DataFrame, lake: Lake, pack: Pack, columns: Columns) -> Experiment:
    """``drawn`` with ``hit``, beside the signals of each person before their own draw."""
    parts, ties = [], []
    for (at,), people in drawn.group_by("drawn_at", maintain_order=True):
        asked = people["citizen"].unique().sort().to_list()
        snapshot = read(lake, pack, at - BEFORE, asked)
        ties.append(snapshot.records.relations.select("citizen", "relative"))
        parts.append(
            people.join(
                snapshot.signals.select("citizen", *columns.names),
                on="citizen",
                how="left",
                maintain_order="left",
            )
        )
    every = pl.concat(parts)
    channels = tuple(sorted(set(every["arm"]) - {CONTROL}))
    arms = {CONTROL: 0} | {name: place for place, name in enumerate(channels, 1)}
    return Experiment(
        arms=channels,
        matrix=columns.matrix(every.select(columns.names)),
        outcome=every["hit"].cast(pl.Float64).to_numpy(),
        arm=every["arm"].replace_strict(arms, return_dtype=pl.Int8).to_numpy(),
        household=households(every["citizen"], pl.concat(ties)),
        stratum=every["campaign"].rank("dense").cast(pl.Int64).to_numpy(),
    )
