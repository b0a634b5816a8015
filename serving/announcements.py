"""What ZGW notifications announce, kept until the case that each names was fetched.

A notification says that a case changed and hardly what, so it is a reason to fetch and no event.
It is on the disk before its sender hears that it was accepted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from features.sources.json_files import Json
from features.sources.zgw_notifications import as_event, checked
from serving.database import Database
from serving.schema import announcements

AT_ONCE = 200
CLAIM = timedelta(minutes=2)
"""So long another worker leaves those alone that one is fetching."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Announced:
    """A notification that waits."""

    source: str
    name: str
    notification: Json
    tries: int


class Announcements:
    """Keeps notifications."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, source: str, notifications: Iterable[Json], at: datetime) -> int:
        """Keep ``notifications``, each once; returns how many were not there. Raises NoMessage,
        before anything is kept, for one that is none."""
        rows = [_row(source, one, at) for one in notifications]
        if not rows:
            return 0
        kind: Any = sqlite if self._database.is_sqlite else postgresql
        insert = kind.insert(announcements).on_conflict_do_nothing()
        with self._database.write_durably() as connection:
            return sum(connection.execute(insert, row).rowcount for row in rows)

    def waiting(self) -> int:
        """How many cases are still to be fetched, at most: one may be announced more than once."""
        with self._database.read() as connection:
            return int(
                connection.execute(select(func.count()).select_from(announcements)).scalar_one()
            )

    def claim(self, source: str, at: datetime) -> list[Announced]:
        """Some of those that are due, which nobody else is given for a while."""
        mine = []
        due = (
            select(announcements)
            .where(announcements.c.source == source, announcements.c.due_at <= at)
            .order_by(announcements.c.received_at, announcements.c.name)
            .limit(AT_ONCE)
        )
        with self._database.write() as connection:
            for row in connection.execute(due).all():
                still = update(announcements).where(
                    announcements.c.source == source,
                    announcements.c.name == row.name,
                    announcements.c.due_at == row.due_at,
                )
                if connection.execute(still.values(due_at=at + CLAIM)).rowcount:
                    mine.append(Announced(source, row.name, json.loads(row.content), row.tries))
        return mine

    def done(self, fetched: Collection[Announced]) -> None:
        """Forget those that are dealt with."""
        names = [(one.source, one.name) for one in fetched]
        key = tuple_(announcements.c.source, announcements.c.name)
        with self._database.write() as connection:
            connection.execute(delete(announcements).where(key.in_(names)))

    def put_off(self, missed: Collection[Announced], at: datetime) -> None:
        """Try again later, after a while that doubles each time."""
        with self._database.write() as connection:
            for one in missed:
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(one.tries, 16))
                mine = update(announcements).where(
                    announcements.c.source == one.source, announcements.c.name == one.name
                )
                connection.execute(mine.values(tries=one.tries + 1, due_at=at + pause))


def _row(source: str, notification: Json, at: datetime) -> dict[str, Any]:
    said = checked(notification)
    return {
        "source": source,
        "name": str(as_event(notification)["id"]),
        "content": json.dumps(said, ensure_ascii=False),
        "received_at": at,
        "tries": 0,
        "due_at": at,
    }
