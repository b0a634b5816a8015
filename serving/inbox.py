"""The inbox: what sources sent, kept until it has landed in the lake.

A message is in the database, durably, before its sender hears that it was accepted. Until it lands
it is read beside the lake (:mod:`serving.fresh`); :mod:`serving.landing` takes it there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from features.received import Message
from serving.database import Database
from serving.schema import inbox

COUNTED_EVERY = 1.0
"""Seconds for which a count of what waits is taken to hold."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Put:
    """What became of messages.

    Parameters
    ----------
    new
        Those that were not there yet, and those refused.
    known
        Those that were there already.
    conflicts
        Those that say something else under the name of another.
    """

    new: list[Message]
    known: list[Message]
    conflicts: list[Message]


class Inbox:
    """Keeps messages.

    Parameters
    ----------
    most
        With more messages waiting than this, no more are taken.
    """

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._counted: tuple[float, int] = (0.0, 0)

    def is_full(self) -> bool:
        """Whether so much waits that a sender should come back later."""
        at, waiting = self._counted
        if time.monotonic() - at > COUNTED_EVERY:
            waiting = self.waiting()
            self._counted = (time.monotonic(), waiting)
        return waiting >= self._most

    def waiting(self) -> int:
        """How many messages have not landed."""
        query = select(func.count()).select_from(inbox).where(inbox.c.landed_at.is_(None))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def put(self, source: str, messages: Sequence[Message], at: datetime) -> Put:
        """Keep ``messages`` of ``source``, each once. When this returns they are on the disk."""
        with self._database.write_durably() as connection:
            there = self._there(connection, source, [one.key for one in messages])
            sorted_out = _sorted_out(messages, there)
            rows = [_row(source, one, at) for one in sorted_out.new if one.kept]
            if rows:
                connection.execute(self._insert(), rows)
        at_last, waiting = self._counted
        self._counted = (at_last, waiting + len(rows))
        return sorted_out

    def _insert(self) -> Any:
        """Two that come with the same message at once: the first stays."""
        kind: Any = sqlite if self._database.is_sqlite else postgresql
        return kind.insert(inbox).on_conflict_do_nothing(index_elements=["source", "message"])

    def _there(self, connection: Connection, source: str, keys: list[str]) -> dict[str, str]:
        """What is said by those of the messages that are here, by key."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), _AT_ONCE):
            query = select(inbox.c.message, inbox.c.content).where(
                inbox.c.source == source, inbox.c.message.in_(keys[start : start + _AT_ONCE])
            )
            found |= {row.message: row.content for row in connection.execute(query)}
        return found


def _sorted_out(messages: Sequence[Message], there: Mapping[str, str]) -> Put:
    said, out = dict(there), Put([], [], [])
    for one in messages:
        held = said.get(one.key)
        if held is None or one.refused:
            said[one.key] = one.content
            out.new.append(one)
        elif held == one.content:
            out.known.append(one)
        else:
            out.conflicts.append(one)
    return out


def _row(source: str, message: Message, at: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "mapping": message.mapping,
        "message": message.key,
        "content": message.content,
        "subject": message.subject,
        "citizen": message.citizen,
        "records": json.dumps(message.kept, ensure_ascii=False, separators=(",", ":")),
        "received_at": at,
    }
