"""Objections: a citizen who does not want to be suggested a service, or anything at all."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select, update

from features.pack import Pack
from serving.answers import Objection
from serving.audit import Audit
from serving.database import Database
from serving.decisions import utc_now
from serving.errors import UnknownObjectionError, UnknownServiceError
from serving.schema import objections
from serving.security import Caller, Role


class Objections:
    """Stores objections; the objection gate reads them at every suggestion."""

    def __init__(self, pack: Pack, database: Database, audit: Audit) -> None:
        self._pack = pack
        self._database = database
        self._audit = audit

    def record(self, citizen: int, *, by: Caller, service: str | None = None) -> Objection:
        """Write down an objection; the same one again changes nothing.

        Raises
        ------
        UnknownServiceError
            When the catalogue has no such service.
        """
        by.require(Role.CASEWORKER, Role.OUTREACH, Role.ADMIN)
        if service is not None and service not in self._pack.services:
            raise UnknownServiceError(f"The catalogue has no service {service}.")
        standing = select(objections).where(
            objections.c.citizen == citizen,
            objections.c.service.is_(None) if service is None else objections.c.service == service,
            objections.c.withdrawn_at.is_(None),
        )
        with self._database.write() as connection:
            found = connection.execute(standing).first()
            if found is None:
                row = {"id": uuid4(), "citizen": citizen, "service": service}
                row |= {"by": by.subject, "at": utc_now()}
                connection.execute(insert(objections), row)
                self._audit.record("object", by=by, citizens=[citizen], within=connection)
                found = connection.execute(standing).one()
            return _objection(found)

    def withdraw(self, objection: UUID, *, by: Caller) -> Objection:
        """The citizen takes it back."""
        by.require(Role.CASEWORKER, Role.OUTREACH, Role.ADMIN)
        this = objections.c.id == objection
        with self._database.write() as connection:
            found = connection.execute(select(objections).where(this)).first()
            if found is None:
                raise UnknownObjectionError("There is no such objection.")
            if found.withdrawn_at is None:
                connection.execute(update(objections).where(this).values(withdrawn_at=utc_now()))
                self._audit.record(
                    "withdraw objection", by=by, citizens=[found.citizen], within=connection
                )
            return _objection(connection.execute(select(objections).where(this)).one())

    def whose(self, objection: UUID) -> int | None:
        """The citizen who objected; None when there is no such objection."""
        query = select(objections.c.citizen).where(objections.c.id == objection)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def of(self, citizen: int) -> tuple[Objection, ...]:
        """The objections that stand."""
        query = select(objections).where(
            objections.c.citizen == citizen, objections.c.withdrawn_at.is_(None)
        )
        with self._database.read() as connection:
            return tuple(_objection(row) for row in connection.execute(query))


def _objection(row: Row[Any]) -> Objection:
    return Objection(
        id=row.id,
        citizen=row.citizen,
        service=row.service,
        at=row.at,
        withdrawn_at=row.withdrawn_at,
    )
