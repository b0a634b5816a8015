"""What the database holds of one citizen that gates must know: objections and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Row, select

from models.gates import GateState
from models.gates.base import DEFERRALS, OBJECTIONS, REFUSALS, TAKINGS
from serving.answers import Outcome
from serving.schema import decisions, objections


def with_standing(state: GateState, connection: Connection, citizen: int) -> GateState:
    """``state`` with the citizen's objections, and with the last decision on each service."""
    last = _last_decisions(connection, citizen)
    zone = ZoneInfo(state.pack.domain.time_zone)
    refused = [
        (citizen, row.service, row.reason, _end(row.until, zone))
        for row in last
        if row.outcome == Outcome.OVERRIDDEN
    ]
    deferred = [
        (citizen, row.service, _end(row.until, zone))
        for row in last
        if row.outcome == Outcome.DEFERRED
    ]
    taken = [(citizen, row.service, row.at) for row in last if row.outcome == Outcome.ACCEPTED]
    return replace(
        state,
        objections=pl.DataFrame(_objections(connection, citizen), schema=OBJECTIONS, orient="row"),
        refusals=pl.DataFrame(refused, schema=REFUSALS, orient="row"),
        deferrals=pl.DataFrame(deferred, schema=DEFERRALS, orient="row"),
        takings=pl.DataFrame(taken, schema=TAKINGS, orient="row"),
    )


def _objections(connection: Connection, citizen: int) -> list[tuple[int, str | None]]:
    query = select(objections.c.service).where(
        objections.c.citizen == citizen, objections.c.withdrawn_at.is_(None)
    )
    return [(citizen, row.service) for row in connection.execute(query)]


def _last_decisions(connection: Connection, citizen: int) -> Iterable[Row[Any]]:
    query = select(decisions).where(decisions.c.citizen == citizen).order_by(decisions.c.at)
    return {row.service: row for row in connection.execute(query)}.values()


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment of ``day`` where people live, in UTC."""
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)
