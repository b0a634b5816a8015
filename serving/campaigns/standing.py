"""What the database holds against approaching people: objections, refusals, recent contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Connection, select

from features.lake import Lake
from features.pack import Pack
from models.gates import GateState
from models.gates.base import CONTACTS, DEFERRALS, OBJECTIONS, REFUSALS, TAKINGS
from serving.answers import Outcome
from serving.campaigns.drawing import APPROACH
from serving.campaigns.tables import campaign_members, campaigns
from serving.database import Database
from serving.schema import decisions, objections


def refinement(
    database: Database, lake: Lake, pack: Pack, as_of: datetime, *, rest_days: int
) -> Callable[[GateState], GateState]:
    """Adds the population's standing to a bucket's gate state, for outreach."""
    with database.read() as connection:
        against = _objections(connection)
        decided = _decisions(connection)
        approached = _approached(connection)
    contact = pl.concat([approached, _outreach(lake, pack, as_of - timedelta(days=rest_days))])
    refusals = decided.filter(pl.col("outcome") == Outcome.OVERRIDDEN.value)
    deferrals = decided.filter(pl.col("outcome") == Outcome.DEFERRED.value)
    takings = decided.filter(pl.col("outcome") == Outcome.ACCEPTED.value)

    def refine(state: GateState) -> GateState:
        return replace(
            state,
            objections=against,
            refusals=refusals.select(REFUSALS.names()),
            deferrals=deferrals.select(DEFERRALS.names()),
            takings=takings.select(TAKINGS.names()),
            recent_contact=contact,
            contact_rest_days=rest_days,
        )

    return refine


def _objections(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(
        select(objections.c.citizen, objections.c.service).where(
            objections.c.withdrawn_at.is_(None)
        )
    ).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=OBJECTIONS, orient="row")


def _decisions(connection: Connection) -> pl.DataFrame:
    """The last decision on each citizen and service; ``until`` as a moment."""
    rows = connection.execute(
        select(
            decisions.c.citizen,
            decisions.c.service,
            decisions.c.outcome,
            decisions.c.reason,
            decisions.c.until,
            decisions.c.at,
        ).order_by(decisions.c.at)
    ).all()
    schema = {**REFUSALS, "outcome": pl.String, "at": TAKINGS["at"]}
    return (
        pl.DataFrame(
            [tuple(row) for row in rows],
            schema={
                "citizen": pl.Int64,
                "service": pl.String,
                "outcome": pl.String,
                "reason": pl.String,
                "until": pl.Date,
                "at": TAKINGS["at"],
            },
            orient="row",
        )
        .with_columns(pl.col("until").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
        .unique(["citizen", "service"], keep="last", maintain_order=True)
        .select(list(schema))
    )


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
