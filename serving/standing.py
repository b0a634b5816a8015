"""What the database holds against suggesting: objections, and the last decision on each service.

For one citizen who is looked at, and for everyone whom a campaign might approach.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Row, select

from features.pack import Pack
from models.gates import GateState
from models.gates.base import DEFERRALS, OBJECTIONS, REFUSALS, TAKINGS
from serving.answers import Outcome
from serving.schema import decisions, objections
from serving.stops import stopped


@dataclass(frozen=True)
class Standing:
    """:data:`OBJECTIONS`, :data:`REFUSALS`, :data:`DEFERRALS` and :data:`TAKINGS`; and the services
    that are switched off."""

    objections: pl.DataFrame
    refusals: pl.DataFrame
    deferrals: pl.DataFrame
    takings: pl.DataFrame
    stopped: frozenset[str] = frozenset()

    def on(self, state: GateState) -> GateState:
        """``state`` with this standing."""
        return replace(
            state,
            objections=self.objections,
            refusals=self.refusals,
            deferrals=self.deferrals,
            takings=self.takings,
            stopped=self.stopped,
        )


def read_standing(
    connection: Connection,
    pack: Pack,
    citizens: Sequence[int] | None = None,
    *,
    model: str | None = None,
) -> Standing:
    """The standing of some citizens, or of everyone; ``model`` is the version that speaks."""
    last = _last_decisions(connection, citizens)
    zone = ZoneInfo(pack.domain.time_zone)
    refused = [
        (row.citizen, row.service, row.reason, _end(row.until, zone))
        for row in last
        if row.outcome == Outcome.OVERRIDDEN
    ]
    deferred = [
        (row.citizen, row.service, _end(row.until, zone))
        for row in last
        if row.outcome == Outcome.DEFERRED
    ]
    taken = [(row.citizen, row.service, row.at) for row in last if row.outcome == Outcome.ACCEPTED]
    return Standing(
        objections=pl.DataFrame(_objections(connection, citizens), schema=OBJECTIONS, orient="row"),
        refusals=pl.DataFrame(refused, schema=REFUSALS, orient="row"),
        deferrals=pl.DataFrame(deferred, schema=DEFERRALS, orient="row"),
        takings=pl.DataFrame(taken, schema=TAKINGS, orient="row"),
        stopped=stopped(connection, pack, model),
    )


def _objections(
    connection: Connection, citizens: Sequence[int] | None
) -> list[tuple[int, str | None]]:
    query = select(objections.c.citizen, objections.c.service).where(
        objections.c.withdrawn_at.is_(None)
    )
    if citizens is not None:
        query = query.where(objections.c.citizen.in_(citizens))
    return [(row.citizen, row.service) for row in connection.execute(query)]


def _last_decisions(
    connection: Connection, citizens: Sequence[int] | None
) -> Iterable[Row[*tuple[Any, ...]]]:
    """The last decision on each citizen and service."""
    kept = decisions.c
    query = select(
        kept.citizen, kept.service, kept.outcome, kept.reason, kept.until, kept.at
    ).order_by(kept.at)
    if citizens is not None:
        query = query.where(kept.citizen.in_(citizens))
    return {(row.citizen, row.service): row for row in connection.execute(query)}.values()


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment of ``day`` where people live, in UTC."""
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)
