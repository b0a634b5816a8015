"""Readiness: whether requests can be answered, and what to do when they cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from features.errors import VoorzetError
from features.pack import Pack
from serving.answers import Ready
from serving.database import Database
from serving.standpoint import Champions, LakeView

OK = "ok"


@dataclass(frozen=True)
class Readiness:
    """Looks at the database, the lake and the model."""

    pack: Pack
    database: Database
    lakes: LakeView
    champions: Champions
    now: Callable[[], datetime]

    def check(self) -> Ready:
        """Each part in a word: ``ok``, or what is the matter."""
        database, lake, model = self._database(), self._lake(), self._model()
        return Ready(
            ready=(database, lake, model) == (OK, OK, OK),
            database=database,
            lake=lake,
            model=model,
            at=self.now(),
        )

    def _database(self) -> str:
        try:
            return OK if self.database.is_current() else "migrations are waiting"
        except SQLAlchemyError:
            return "does not answer"

    def _lake(self) -> str:
        try:
            return OK if self.lakes.current().exists("events") else "holds no events yet"
        except (OSError, VoorzetError):
            return "cannot be read"

    def _model(self) -> str:
        try:
            champion = self.champions.current()
        except VoorzetError as fault:
            return str(fault)
        if champion.bundle.pack_checksum != self.pack.checksum:
            return (
                OK if set(champion.bundle.heads) <= set(self.pack.services) else "of another pack"
            )
        return OK
