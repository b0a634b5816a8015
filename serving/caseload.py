"""Caseloads: which citizens are whose, since when and why.

A caseworker puts citizens on the own caseload and takes them off; a personal approach puts them on
it as well. An entry that ends stays, for the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from serving.audit import Audit
from serving.casework.tables import caseload
from serving.database import Database
from serving.security import Caller, Role

Why = Literal["own-choice", "personal-approach", "assigned"]
"""How a citizen came on a caseload."""
LARGEST: Final = 500
"""So many citizens of one caseload are looked at together, those who were put on it last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One citizen on a caseload."""

    citizen: int
    since: datetime
    reason: Why


@dataclass(frozen=True)
class Caseloads:
    """Stores who is on whose caseload."""

    database: Database
    audit: Audit
    now: Callable[[], datetime]

    def add(
        self, citizens: Iterable[int], worker: str, *, reason: Why = "own-choice", by: Caller
    ) -> int:
        """Put ``citizens`` on the caseload of ``worker`` (the subject of a token). Returns how many
        are new on it. Somebody else's caseload takes an administrator."""
        _require(worker, by)
        with self.database.write() as connection:
            return self.put(connection, citizens, worker, reason=reason, by=by)

    def put(
        self,
        connection: Connection,
        citizens: Iterable[int],
        worker: str,
        *,
        reason: Why,
        by: Caller,
    ) -> int:
        """The same inside a transaction, for whoever has asked already whether ``by`` may."""
        wanted = list(dict.fromkeys(citizens))
        held = {entry.citizen for entry in self._entries(connection, worker)}
        new = [citizen for citizen in wanted if citizen not in held]
        rows = [
            {"id": uuid4(), "citizen": citizen, "worker": worker, "reason": reason}
            | {"since": self.now(), "by": by.subject}
            for citizen in new
        ]
        if rows:
            connection.execute(insert(caseload), rows)
            self.audit.record("put on caseload", by=by, citizens=new, within=connection)
        return len(new)

    def end(self, citizen: int, worker: str, *, by: Caller) -> bool:
        """Take a citizen off a caseload; whether they were on it."""
        _require(worker, by)
        this = (
            (caseload.c.citizen == citizen)
            & (caseload.c.worker == worker)
            & caseload.c.ended_at.is_(None)
        )
        with self.database.write() as connection:
            ended = update(caseload).where(this).values(ended_at=self.now())
            if not connection.execute(ended).rowcount:
                return False
            self.audit.record("take off caseload", by=by, citizens=[citizen], within=connection)
            return True

    def of(self, worker: str) -> tuple[Entry, ...]:
        """The citizens on a caseload now, who came last first; :data:`LARGEST` at most."""
        with self.database.read() as connection:
            return self._entries(connection, worker)[:LARGEST]

    def among(self, subject: str, citizens: Sequence[int]) -> frozenset[int]:
        """Which of ``citizens`` are on the caseload of the caseworker ``subject`` now."""
        query = select(caseload.c.citizen).where(
            caseload.c.citizen.in_(citizens),
            caseload.c.worker == subject,
            caseload.c.ended_at.is_(None),
        )
        with self.database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def holds(self, worker: str, citizen: int) -> bool:
        """Whether a citizen is on the caseload of ``worker`` now."""
        return bool(self.among(worker, [citizen]))

    def _entries(self, connection: Connection, worker: str) -> tuple[Entry, ...]:
        query = (
            select(caseload.c.citizen, caseload.c.since, caseload.c.reason)
            .where(caseload.c.worker == worker, caseload.c.ended_at.is_(None))
            .order_by(caseload.c.since.desc(), caseload.c.citizen)
        )
        return tuple(Entry(*row) for row in connection.execute(query))


def _require(worker: str, by: Caller) -> None:
    """A caseworker sees to the own caseload, an administrator to everybody's."""
    if by.subject == worker:
        by.require(Role.CASEWORKER, Role.ADMIN)
    else:
        by.require(Role.ADMIN)
