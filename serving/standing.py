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
from sqlalchemy import Connection, Row, bindparam, select

from features.pack import Pack
from features.remembered import empty_frame
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
        objections=_frame(_objections(connection, citizens), OBJECTIONS),
        refusals=_frame(refused, REFUSALS),
        deferrals=_frame(deferred, DEFERRALS),
        takings=_frame(taken, TAKINGS),
        stopped=stopped(connection, pack, model),
    )


def _frame(rows: Sequence[tuple[Any, ...]], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else empty_frame(schema)


def _objections(
    connection: Connection, citizens: Sequence[int] | None
) -> list[tuple[int, str | None]]:
    rows = (
        connection.execute(_OBJECTIONS)
        if citizens is None
        else connection.execute(_OBJECTIONS_OF, {"of": citizens})
    )
    return [(row.citizen, row.service) for row in rows]


def _last_decisions(
    connection: Connection, citizens: Sequence[int] | None
) -> Iterable[Row[*tuple[Any, ...]]]:
    """The last decision on each citizen and service."""
    rows = (
        connection.execute(_DECISIONS)
        if citizens is None
        else connection.execute(_DECISIONS_ON, {"of": citizens})
    )
    return {(row.citizen, row.service): row for row in rows}.values()


# Statements are made once: to make one takes longer than to ask it of one citizen.
_OBJECTIONS = select(objections.c.citizen, objections.c.service).where(
    objections.c.withdrawn_at.is_(None)
)
_OBJECTIONS_OF = _OBJECTIONS.where(objections.c.citizen.in_(bindparam("of", expanding=True)))
_DECISIONS = select(
    decisions.c.citizen,
    decisions.c.service,
    decisions.c.outcome,
    decisions.c.reason,
    decisions.c.until,
    decisions.c.at,
).order_by(decisions.c.at)
_DECISIONS_ON = _DECISIONS.where(decisions.c.citizen.in_(bindparam("of", expanding=True)))


def _end(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment of ``day`` where people live, in UTC."""
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)
