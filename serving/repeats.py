"""Writes that may be sent again: the same key with the same request gets the same answer.

Keys and requests are kept as keyed hashes, answers sealed, for a day. An answer that is about a
citizen goes with them when they are erased.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from serving.database import Database
from serving.decisions import utc_now
from serving.errors import ConflictError
from serving.schema import idempotency_keys as kept
from serving.sealing import Sealing

USE = "answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A write that may come again.

    Parameters
    ----------
    by
        Who asks; another's keys are another's.
    operation
        The route.
    key
        What the caller calls this write.
    text
        The whole of what is asked.
    """

    by: str
    operation: str
    key: str
    text: str


class Repeats:
    """Remembers what was answered.

    Parameters
    ----------
    keep
        For how long a key is remembered.
    patience
        After how long a write without an answer counts as cut off; then it may be done again.
    """

    def __init__(
        self,
        database: Database,
        sealing: Sealing,
        now: Callable[[], datetime] = utc_now,
        *,
        keep: timedelta = timedelta(hours=24),
        patience: timedelta = timedelta(minutes=5),
    ) -> None:
        self._database = database
        self._sealing = sealing
        self._now = now
        self._keep, self._patience = keep, patience

    def once(self, asked: Asked, do: Callable[[], str], *, citizen: int | None = None) -> str:
        """What ``do`` answers; or what it answered before, without doing it again.

        Raises
        ------
        ConflictError
            When the key was used before for something else, or the same is under way.
        """
        answered = self._claim(asked, citizen)
        if answered is not None:
            return answered
        try:
            answer = do()
        except BaseException:
            with self._database.write() as connection:
                connection.execute(delete(kept).where(self._this(asked)))
            raise
        sealed = self._sealing.lock(answer, USE)
        with self._database.write() as connection:
            connection.execute(update(kept).where(self._this(asked)).values(answer=sealed))
        return answer

    def _claim(self, asked: Asked, citizen: int | None) -> str | None:
        """The earlier answer; None when it is ours to do."""
        now, this = self._now(), self._this(asked)
        row: dict[str, Any] = {
            "by": asked.by,
            "operation": asked.operation,
            "key": self._sealing.hash("idempotency key", asked.key),
            "asked": self._sealing.hash("asked", asked.text),
            "at": now,
            "citizen": citizen,
        }
        with self._database.write() as connection:
            connection.execute(delete(kept).where(kept.c.at < now - self._keep))
            if _insert(connection, row):
                return None
            found = connection.execute(select(kept).where(this).with_for_update()).first()
            if found is None:  # the other gave up between the two
                raise ConflictError("The same request was under way. Send it again.")
            return self._earlier(connection, found, row)

    def _earlier(
        self, connection: Connection, found: Row[tuple[Any, ...]], row: dict[str, Any]
    ) -> str | None:
        if found.asked != row["asked"]:
            raise ConflictError("This key was used before for something else.")
        if found.answer is not None:
            return self._sealing.unlock(found.answer, USE)
        if found.at > row["at"] - self._patience:
            raise ConflictError("The same request is being answered. Send it again later.")
        this = and_(*(kept.c[name] == row[name] for name in ("by", "operation", "key")))
        connection.execute(update(kept).where(this).values(at=row["at"]))
        return None

    def _this(self, asked: Asked) -> Any:
        return and_(
            kept.c.by == asked.by,
            kept.c.operation == asked.operation,
            kept.c.key == self._sealing.hash("idempotency key", asked.key),
        )


def _insert(connection: Connection, row: dict[str, Any]) -> bool:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    done = connection.execute(dialect.insert(kept).values(row).on_conflict_do_nothing())
    return done.rowcount == 1
