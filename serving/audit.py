"""The audit: who looked at what, for which purpose; a chain that shows when it was touched.

What an entry says about a citizen is sealed under that citizen's own key. Each entry's hash runs
over its ciphertext and the entry before it, so an erasure leaves the chain whole.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Row, distinct, func, insert, select, update

from serving.answers import Look
from serving.database import Database
from serving.schema import audit, audit_head
from serving.sealing import Sealing, seal
from serving.security import Caller, Role


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold."""

    number: int
    problem: str


class Audit:
    """The append-only record of everything that was looked at or changed."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    def record(
        self,
        action: str,
        *,
        by: Caller,
        citizens: Sequence[int] = (),
        purpose: str | None = None,
        detail: dict[str, str] | None = None,
        within: Connection | None = None,
    ) -> None:
        """Write an entry per citizen (or one without a citizen).

        Parameters
        ----------
        action
            What was done, in a word or two: ``suggest``, ``open person``.
        detail
            Sealed under the citizen's key; left out for an entry without a citizen.
        within
            A transaction to be part of; one of its own when not given.
        """
        if within is not None:
            self._append(within, action, by, list(citizens), purpose, detail or {})
            return
        with self._database.write() as connection:
            self._append(connection, action, by, list(citizens), purpose, detail or {})

    def looks(self, citizen: int, *, by: Caller) -> tuple[Look, ...]:
        """Who looked at what of this citizen, newest first."""
        by.require(Role.CASEWORKER, Role.AUDITOR, Role.ADMIN)
        self.record("open audit", by=by, citizens=[citizen])
        rows = select(audit).where(audit.c.citizen == citizen).order_by(audit.c.number.desc())
        with self._database.read() as connection:
            found = connection.execute(rows).all()
        return tuple(
            Look(at=row.at, by=row.by, action=row.action, purpose=row.purpose) for row in found
        )

    def lookers(self, citizen: int, *, days: int = 365) -> int:
        """How many different people looked at this citizen in the past days."""
        since = datetime.now(UTC) - timedelta(days=days)
        query = select(func.count(distinct(audit.c.by))).where(
            audit.c.citizen == citizen, audit.c.at >= since
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def check(self) -> Broken | None:
        """Follow the whole chain; None when it holds."""
        previous, number = bytes(32), 0
        with self._database.read() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.number)).yield_per(1000):
                number += 1
                if row.number != number:
                    return Broken(number, "an entry is missing")
                if row.previous != previous or row.hash != _hash_of(row):
                    return Broken(number, "the entry was changed")
                previous = row.hash
            head = connection.execute(select(audit_head)).one()
        if (head.number, head.hash) != (number, previous):
            return Broken(number + 1, "entries at the end are missing")
        return None

    def _append(
        self,
        connection: Connection,
        action: str,
        by: Caller,
        citizens: list[int],
        purpose: str | None,
        detail: dict[str, str],
    ) -> None:
        subjects: list[int | None] = [*citizens] or [None]
        reserve = (
            update(audit_head)
            .values(number=audit_head.c.number + len(subjects))
            .returning(audit_head.c.number, audit_head.c.hash)
        )
        last, previous = connection.execute(reserve).one()
        keys = self._sealing.make_keys(connection, citizens) if detail else {}
        at = datetime.now(UTC)
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        rows = []
        for number, citizen in enumerate(subjects, start=last - len(subjects) + 1):
            sealed = (
                seal(keys[citizen], text, citizen, "audit")
                if citizen is not None and detail
                else None
            )
            link = _hash(number, at, by.subject, action, purpose, sealed, previous)
            rows.append(
                {
                    "number": number,
                    "at": at,
                    "by": by.subject,
                    "action": action,
                    "purpose": purpose,
                    "citizen": citizen,
                    "sealed": sealed,
                    "previous": previous,
                    "hash": link,
                }
            )
            previous = link
        connection.execute(insert(audit), rows)
        connection.execute(update(audit_head).values(hash=previous))


def _hash_of(row: Row[tuple[object, ...]]) -> bytes:
    return _hash(row.number, row.at, row.by, row.action, row.purpose, row.sealed, row.previous)


def _hash(
    number: int,
    at: datetime,
    by: str,
    action: str,
    purpose: str | None,
    sealed: bytes | None,
    previous: bytes,
) -> bytes:
    """The pseudonym stands outside the hash: erasing it leaves the chain whole."""
    said = [number, at.isoformat(), by, action, purpose, sealed.hex() if sealed else None]
    return sha256(previous + json.dumps(said, ensure_ascii=False).encode()).digest()
