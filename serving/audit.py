"""The audit: who looked at what, for which purpose; a chain that shows when it was touched.

What an entry says about a citizen is sealed under that citizen's own key. Each entry's hash runs
over its ciphertext and the entry before it, so an erasure leaves the chain whole. The hash is
keyed: whoever can write in the database, and does not have the vault's key, cannot make a chain
that holds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, distinct, func, insert, select, update

from serving.answers import Look
from serving.audit_chain import FORGET, USE, link
from serving.audit_check import Broken, check_audit
from serving.database import Database
from serving.schema import audit, audit_head
from serving.sealing import Sealing, seal
from serving.security import Caller, Role
from serving.trace_context import current, new_span

# Made once: to make a statement anew takes longer than to execute it.
_RESERVE = (
    update(audit_head)
    .values(number=audit_head.c.number + bindparam("count"))
    .returning(audit_head.c.number, audit_head.c.hash)
)
_APPEND = insert(audit)
_END = update(audit_head).values(hash=bindparam("end"))


@dataclass(frozen=True, slots=True)
class Did:
    """What an entry is about.

    Parameters
    ----------
    action
        What was done, in a word or two: ``suggest``, ``open person``.
    detail
        Sealed under each citizen's key; left out for an entry without a citizen.
    status
        ``Error`` for what was refused.
    """

    action: str
    by: Caller
    citizens: tuple[int, ...] = ()
    purpose: str | None = None
    detail: dict[str, str] | None = None
    status: Literal["Ok", "Error"] = "Ok"


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
        status: Literal["Ok", "Error"] = "Ok",
        within: Connection | None = None,
    ) -> None:
        """Write an entry per citizen (or one without a citizen); the parameters are those of
        :class:`Did`.

        Parameters
        ----------
        within
            A transaction to be part of; one of its own when not given.
        """
        did = Did(action, by, tuple(citizens), purpose, detail, status)
        if within is not None:
            self._append(within, did)
            return
        with self._database.write() as connection:
            self._append(connection, did)

    def forget(self, count: int, *, by: Caller, within: Connection) -> None:
        """Say that ``count`` entries no longer tell of whom they are, so that it can be seen that
        no more than these were made nameless."""
        if count:
            self._append(within, Did(f"{FORGET}{count}", by))

    def looks(
        self,
        citizen: int,
        *,
        purpose: str | None = None,
        by: Caller,
        limit: int | None = None,
        before: int | None = None,
    ) -> tuple[Look, ...]:
        """Who looked at what of this citizen, newest first; entries ``before`` a number alone."""
        by.require(Role.CASEWORKER, Role.AUDITOR, Role.ADMIN)
        self.record("open audit", by=by, citizens=[citizen], purpose=purpose)
        rows = select(audit).where(audit.c.citizen == citizen).order_by(audit.c.number.desc())
        if before is not None:
            rows = rows.where(audit.c.number < before)
        with self._database.read() as connection:
            found = connection.execute(rows.limit(limit)).all()
        return tuple(
            Look(number=row.number, at=row.at, by=row.by, action=row.action, purpose=row.purpose)
            for row in found
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
        return check_audit(self._database, self._sealing).broken

    def _append(self, connection: Connection, did: Did) -> None:
        subjects: list[int | None] = [*did.citizens] or [None]
        # Keys first: whoever waits for a key must not hold the end of the chain.
        keys = self._sealing.make_keys(connection, list(did.citizens))
        last, previous = connection.execute(_RESERVE, {"count": len(subjects)}).one()
        under_way, at = current(), datetime.now(UTC)
        text = json.dumps(did.detail or {}, ensure_ascii=False, sort_keys=True)
        rows = []
        for number, citizen in enumerate(subjects, start=last - len(subjects) + 1):
            row: dict[str, Any] = {
                "number": number,
                "at": at,
                "by": did.by.subject,
                "action": did.action,
                "purpose": did.purpose,
                "citizen": citizen,
                "sealed": None if citizen is None else seal(keys[citizen], text, citizen, USE),
                "status": did.status,
                "began": min(under_way.began, at),
                "trace": under_way.trace,
                "span": new_span(),
                "previous": previous,
            }
            previous = row["hash"] = link(self._sealing, row)
            rows.append(row)
        connection.execute(_APPEND, rows)
        connection.execute(_END, {"end": previous})
