"""The personal approach: what was chosen for a citizen who gets stuck in the standard process."""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Row, insert, select

from serving.audit import Audit
from serving.database import Database
from serving.decisions import utc_now
from serving.schema import approaches
from serving.security import Caller, Role


class Approaches:
    """Stores who took up whom."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def choose(
        self, citizen: int, choice: Literal["taken", "not-now"], *, purpose: str, by: Caller
    ) -> None:
        """Take the citizen up (the caller becomes owner), or say that now is not the moment."""
        by.require(Role.CASEWORKER)
        row = {"id": uuid4(), "citizen": citizen, "choice": choice, "at": utc_now()}
        row |= {"by": by.subject, "by_name": by.name}
        with self._database.write() as connection:
            connection.execute(insert(approaches), row)
            self._audit.record(
                f"personal approach {choice}",
                by=by,
                citizens=[citizen],
                purpose=purpose,
                within=connection,
            )

    def last(self, citizen: int) -> Row[Any] | None:
        """The last choice: ``choice``, ``by_name``, ``at``; None when there was none."""
        query = (
            select(approaches)
            .where(approaches.c.citizen == citizen)
            .order_by(approaches.c.at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).first()
