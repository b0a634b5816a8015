"""The audit trail as an auditor reads it: page by page, by person, by action, by citizen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from serving.audit import Audit
from serving.casework.records import AuditTrail, Entry
from serving.database import Database
from serving.schema import audit
from serving.security import Caller, Role

PAGE: Final = 100
ANY_NUMBER: Final = "#"
_NUMBER: Final = re.compile(r"(?<= )\d+(?= (?:identities|citizens)\b)|(?<=entries: )\d+")


@dataclass(frozen=True)
class AuditTrails:
    """Reads the audit, and says whether it was touched. Reading it is audited too."""

    database: Database
    audit: Audit

    def page(
        self,
        *,
        by: Caller,
        who: str | None = None,
        action: str | None = None,
        citizen: int | None = None,
        before: int | None = None,
        limit: int = PAGE,
    ) -> AuditTrail:
        """The newest entries, ``limit`` at most, or those before a number; of one person, action
        (with ``#`` for any number) or citizen."""
        by.require(Role.AUDITOR)
        self.audit.record("open audit trail", by=by, citizens=[] if citizen is None else [citizen])
        query = select(audit).order_by(audit.c.number.desc()).limit(limit + 1)
        if who:
            query = query.where(audit.c.by == who)
        if action:
            query = query.where(audit.c.action.like(_like(action), escape="\\"))
        if citizen is not None:
            query = query.where(audit.c.citizen == citizen)
        if before is not None:
            query = query.where(audit.c.number < before)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        broken = self.audit.check()
        return AuditTrail(
            entries=tuple(
                Entry(
                    number=row.number,
                    at=row.at,
                    by=row.by,
                    action=row.action,
                    purpose=row.purpose,
                    citizen=row.citizen,
                    refused=row.status == "Error",
                )
                for row in rows[:limit]
            ),
            before=rows[limit - 1].number if len(rows) > limit else None,
            whole=broken is None,
            problem=None if broken is None else f"{broken.number}: {broken.problem}",
        )

    def choices(self, *, by: Caller) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who and what there is to filter by."""
        by.require(Role.AUDITOR)
        with self.database.read() as connection:
            people = connection.execute(select(audit.c.by).distinct().order_by(audit.c.by))
            who = tuple(people.scalars())
            actions = connection.execute(select(audit.c.action).distinct().order_by(audit.c.action))
            once = dict.fromkeys(_NUMBER.sub(ANY_NUMBER, one) for one in actions.scalars())
            return who, tuple(once)


def _like(action: str) -> str:
    """An action as SQL looks for it: what we stored, with any number where ``#`` stands."""
    literal = re.sub(r"([\\%_])", r"\\\1", action)
    return literal.replace(ANY_NUMBER, "%")
