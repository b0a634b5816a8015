"""Removals: the durable record that something was erased or retired, without saying of whom.

Bundles, runs and slates keep the checksum and the versions of what they saw; whether that is still
there to be seen is asked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select, update

from serving.database import Database
from serving.schema import removals
from serving.sealing import Sealing


class Kind(StrEnum):
    """Why records left."""

    ERASURE = "erasure"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Removal:
    """One time that records left for good.

    Parameters
    ----------
    lake
        The versions of the lake's tables from which they were gone.
    removed
        How many rows left each table; for retention by ``table/source``.
    cutoffs
        Of a retention: per source, the moment before which nothing is kept (ISO 8601).
    finished_at
        None while it is under way, or was cut off.
    """

    id: UUID
    kind: Kind
    by: str
    at: datetime
    citizens: int
    lake: Mapping[str, int]
    removed: Mapping[str, int]
    cutoffs: Mapping[str, str]
    finished_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind.value,
            "by": self.by,
            "at": self.at.isoformat(),
            "citizens": self.citizens,
            "lake": dict(self.lake),
            "removed": dict(self.removed),
            "cutoffs": dict(self.cutoffs),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
        }


class Removals:
    """Writes and reads removals. What an erasure that was cut off still needs is kept sealed."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._sealing = sealing

    def begin(self, kind: Kind, by: str, at: datetime, pending: Mapping[str, Any]) -> UUID:
        """Note that a removal begins; ``pending`` (JSON) is what finishing it needs."""
        number = uuid4()
        sealed = self._sealing.lock(json.dumps(pending), "removal")
        row: dict[str, Any] = {"id": number, "kind": kind.value, "by": by, "at": at}
        row |= {"citizens": 0, "lake": {}, "removed": {}, "cutoffs": {}, "pending": sealed}
        with self._database.write() as connection:
            connection.execute(insert(removals), row)
        return number

    def unfinished(self, kind: Kind) -> dict[UUID, dict[str, Any]]:
        """What the removals that were cut off still need."""
        query = select(removals.c.id, removals.c.pending).where(
            removals.c.kind == kind.value, removals.c.finished_at.is_(None)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.id: json.loads(self._sealing.unlock(row.pending, "removal")) for row in rows}

    def finish(
        self,
        number: UUID,
        at: datetime,
        *,
        lake: Mapping[str, int],
        removed: Mapping[str, int],
        citizens: int = 0,
        cutoffs: Mapping[str, str] | None = None,
    ) -> None:
        """Note what a removal came to, and forget what it was about.

        Those of its kind that were cut off before are finished by it: they end with the same
        versions and cut-offs, and count nothing of their own.
        """
        ended: dict[str, Any] = {"finished_at": at, "pending": None}
        ended |= {"lake": dict(lake), "cutoffs": dict(cutoffs or {})}
        this = removals.c.id == number
        kind = select(removals.c.kind).where(this).scalar_subquery()
        with self._database.write() as connection:
            connection.execute(
                update(removals)
                .where(removals.c.kind == kind, removals.c.finished_at.is_(None))
                .values(ended)
            )
            connection.execute(
                update(removals).where(this).values(citizens=citizens, removed=dict(removed))
            )

    def all(self) -> tuple[Removal, ...]:
        """Every removal, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(removals).order_by(removals.c.at)).all()
        return tuple(_removal(row) for row in rows)

    def since(self, versions: Mapping[str, int]) -> tuple[Removal, ...]:
        """The removals that took something out of what was seen at these ``versions`` of the lake
        (``lake_versions`` of a bundle, ``lake`` of a slate or campaign)."""
        return tuple(
            one
            for one in self.all()
            if one.finished_at is None
            or any(one.lake.get(table, -1) > seen for table, seen in versions.items())
        )

    def kept_since(self) -> dict[str, datetime]:
        """Per source, the moment before which retention has taken out what had ended."""
        found: dict[str, datetime] = {}
        for one in self.all():
            for source, cut in one.cutoffs.items():
                moment = datetime.fromisoformat(cut)
                found[source] = max(moment, found.get(source, moment))
        return found


def _removal(row: Row[Any]) -> Removal:
    told = {name: getattr(row, name) for name in Removal.__slots__ if name != "kind"}
    return Removal(kind=Kind(row.kind), **told)
