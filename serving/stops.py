"""The stop switch: suggestions off for a service, a model or all, at once and on every worker.

What is switched off is asked of the database with each suggestion, so nothing has to be told to
anybody. A stop is lifted and never removed; both are in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from pydantic import AwareDatetime
from sqlalchemy import Connection, insert, select, update

from features.pack import Pack
from serving.audit import Audit
from serving.database import Database
from serving.errors import InvalidRequestError, UnknownStopError
from serving.schema import stops
from serving.security import Caller, Role
from serving.wire import Wire


class Scope(StrEnum):
    """What a stop is about."""

    ALL = "all"
    SERVICE = "service"
    MODEL = "model"


class Stop(Wire):
    """Suggestions are switched off, for now or until somebody lifted it."""

    id: UUID
    scope: Scope
    name: str | None = None
    """The service, or the model's version."""
    reason: str
    by: str
    at: AwareDatetime
    lifted_by: str | None = None
    lifted_at: AwareDatetime | None = None


class Stops:
    """Switches suggestions off and on."""

    def __init__(
        self, pack: Pack, database: Database, audit: Audit, now: Callable[[], datetime]
    ) -> None:
        self._pack = pack
        self._database = database
        self._audit = audit
        self._now = now

    def stop(self, scope: Scope, name: str | None, *, reason: str, by: Caller) -> Stop:
        """Switch off.

        Raises
        ------
        InvalidRequestError
            When the catalogue has no such service, or a model is not named.
        """
        by.require(Role.ADMIN)
        if (name is None) != (scope is Scope.ALL):
            raise InvalidRequestError("Name the service or the model; name nothing to stop all.")
        if scope is Scope.SERVICE and name not in self._pack.services:
            raise InvalidRequestError("The catalogue has no such service.")
        made = Stop(
            id=uuid4(), scope=scope, name=name, reason=reason, by=by.subject, at=self._now()
        )
        told = made.model_dump(exclude={"lifted_by", "lifted_at"}) | {"scope": scope.value}
        with self._database.write_durably() as connection:
            connection.execute(insert(stops), told)
            self._audit.record(f"stop {_what(scope, name)}"[:63], by=by, within=connection)
        return made

    def lift(self, number: UUID, *, by: Caller) -> Stop:
        """Switch on again; raises UnknownStopError. Twice is as good as once."""
        by.require(Role.ADMIN)
        with self._database.write_durably() as connection:
            changed = connection.execute(
                update(stops)
                .where(stops.c.id == number, stops.c.lifted_at.is_(None))
                .values(lifted_by=by.subject, lifted_at=self._now())
            ).rowcount
            row = connection.execute(select(stops).where(stops.c.id == number)).first()
            if row is None:
                raise UnknownStopError("There is no such stop.")
            if changed:
                what = _what(Scope(row.scope), row.name)
                self._audit.record(f"lift stop of {what}"[:63], by=by, within=connection)
        return Stop.model_validate(dict(row._mapping))

    def every(self, *, by: Caller) -> tuple[Stop, ...]:
        """All stops that were ever made, newest first."""
        by.require(Role.ADMIN, Role.AUDITOR)
        with self._database.read() as connection:
            rows = connection.execute(select(stops).order_by(stops.c.at.desc())).all()
        return tuple(Stop.model_validate(dict(row._mapping)) for row in rows)


def stopped(connection: Connection, pack: Pack, model: str | None) -> frozenset[str]:
    """The services for which suggestions are off, where ``model`` is the version that speaks."""
    found: set[str] = set()
    for row in connection.execute(_IN_FORCE):
        if row.scope == Scope.ALL or (row.scope == Scope.MODEL and row.name == model):
            return frozenset(pack.services)
        if row.scope == Scope.SERVICE:
            found.add(row.name)
    return frozenset(found)


_IN_FORCE = select(stops.c.scope, stops.c.name).where(stops.c.lifted_at.is_(None))


def _what(scope: Scope, name: str | None) -> str:
    return "all suggestions" if name is None else f"{scope} {name}"
