"""Whom outreach leaves alone: by their own standing, and whoever was approached lately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Connection, select

from features.lake import Lake
from features.pack import Pack
from models.gates import GateState
from models.gates.base import CONTACTS
from serving.campaigns.drawing import APPROACH
from serving.campaigns.tables import campaign_members, campaigns
from serving.database import Database
from serving.standing import read_standing


def refinement(
    database: Database, lake: Lake, pack: Pack, as_of: datetime, *, rest_days: int
) -> Callable[[GateState], GateState]:
    """Adds everyone's standing, and the contact policy, to a bucket's gate state."""
    with database.read() as connection:
        standing = read_standing(connection, pack)
        approached = _approached(connection)
    contact = pl.concat([approached, _outreach(lake, pack, as_of - timedelta(days=rest_days))])

    def refine(state: GateState) -> GateState:
        return replace(standing.on(state), recent_contact=contact, contact_rest_days=rest_days)

    return refine


def _approached(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(
        select(campaign_members.c.citizen, campaigns.c.drawn_at)
        .join(campaigns, campaigns.c.id == campaign_members.c.campaign)
        .where(campaign_members.c.arm == APPROACH, campaigns.c.drawn_at.is_not(None))
    ).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=CONTACTS, orient="row")


def _outreach(lake: Lake, pack: Pack, since: datetime) -> pl.DataFrame:
    """Outreach that a source recorded."""
    return (
        lake.scan("events")
        .filter(
            pl.col("type").is_in(pack.event_types_in("outreach")), pl.col("occurred_at") > since
        )
        .select("citizen", at="occurred_at")
        .collect()
    )
