"""Who objected to every suggestion, as :class:`features.objections.Objections`.

An objection against one service says that this service is not to be suggested to them, and nothing
of their records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from threading import Lock
from typing import Any

from sqlalchemy import Select, select

from serving.database import Database
from serving.schema import objections

FEW = 500
"""So many are asked for by name; of more, everyone who objected is read."""


class ObjectedNow:
    """As the database has it whenever it is asked: for who answers requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def everyone(self) -> frozenset[int]:
        """All of them."""
        return self._read(_WHOLE)

    def among(self, citizens: Collection[int]) -> frozenset[int]:
        """Those of ``citizens``."""
        if not citizens:
            return frozenset()
        if len(citizens) > FEW:
            return self.everyone().intersection(citizens)
        return self._read(_WHOLE.where(objections.c.citizen.in_(citizens)))

    def _read(self, query: Select[Any]) -> frozenset[int]:
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())


class ObjectedAtFirst:
    """As the database had it when it was first asked: one run sees the same from its first bucket
    to its last. A database that was never used is made first.
    """

    def __init__(self, opened: Callable[[], Database]) -> None:
        self._opened = opened
        self._found: frozenset[int] | None = None
        self._one_at_a_time = Lock()

    def everyone(self) -> frozenset[int]:
        """All of them."""
        with self._one_at_a_time:
            if self._found is None:
                self._found = self._read()
            return self._found

    def among(self, citizens: Collection[int]) -> frozenset[int]:
        """Those of ``citizens``."""
        return self.everyone().intersection(citizens)

    def _read(self) -> frozenset[int]:
        database = self._opened()
        try:
            database.migrate()
            return ObjectedNow(database).everyone()
        finally:
            database.close()


_WHOLE = select(objections.c.citizen).where(
    objections.c.service.is_(None), objections.c.withdrawn_at.is_(None)
)
