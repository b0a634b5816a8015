"""Campaigns in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import Connection, insert, select, update

from features.events import INSTANT
from serving.campaigns.tables import campaign_members, campaigns
from serving.database import Database
from serving.errors import UnknownCampaignError

_IN_ONE_QUERY = 10_000
COMPOSED, DRAWN, EXPORTED = "composed", "drawn", "exported"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it is stored.

    Parameters
    ----------
    counts
        Population, candidates, and how many each gate left out.
    state
        ``composed``, ``drawn`` or ``exported``.
    """

    id: UUID
    service: str
    channel: str
    capacity: int
    holdout: float
    seed: int
    state: str
    as_of: datetime
    model_version: str
    lake: str
    counts: dict[str, Any]
    by: str
    composed_at: datetime
    drawn_at: datetime | None = None
    exported_at: datetime | None = None

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "id": str(self.id),
            "service": self.service,
            "channel": self.channel,
            "capacity": self.capacity,
            "holdout": self.holdout,
            "state": self.state,
            "asOf": self.as_of.isoformat(),
            "modelVersion": self.model_version,
            "counts": self.counts,
            "by": self.by,
            "composedAt": self.composed_at.isoformat(),
            "drawnAt": self.drawn_at.isoformat() if self.drawn_at else None,
            "exportedAt": self.exported_at.isoformat() if self.exported_at else None,
        }


class CampaignStore:
    """Reads and writes campaigns and their members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, campaign: Campaign, members: pl.DataFrame) -> None:
        """Store a composed campaign with its pool: citizen, need, place."""
        values = {name: getattr(campaign, name) for name in Campaign.__slots__}
        rows = [{"campaign": campaign.id, **row} for row in members.iter_rows(named=True)]
        with self._database.write() as connection:
            connection.execute(insert(campaigns).values(**values))
            if rows:
                connection.execute(insert(campaign_members), rows)

    def get(self, campaign: UUID) -> Campaign:
        """Raises UnknownCampaignError when there is no such campaign."""
        with self._database.read() as connection:
            row = connection.execute(
                select(campaigns).where(campaigns.c.id == campaign)
            ).one_or_none()
        if row is None:
            raise UnknownCampaignError("There is no such campaign.")
        return Campaign(**row._mapping)

    def all(self) -> tuple[Campaign, ...]:
        """Every campaign, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(campaigns).order_by(campaigns.c.composed_at.desc()))
            return tuple(Campaign(**row._mapping) for row in rows)

    def members(self, campaign: UUID) -> pl.DataFrame:
        """The pool in order of need: citizen, place, need, arm."""
        query = (
            select(
                campaign_members.c.citizen,
                campaign_members.c.place,
                campaign_members.c.need,
                campaign_members.c.arm,
            )
            .where(campaign_members.c.campaign == campaign)
            .order_by(campaign_members.c.place)
        )
        with self._database.read() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        schema = {
            "citizen": pl.Int64,
            "place": pl.Int64,
            "need": pl.Float64,
            "arm": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def mark_drawn(self, campaign: UUID, arms: pl.DataFrame, at: datetime) -> bool:
        """Write the arms (citizen, arm); False when it was drawn before, and nothing changes."""
        with self._database.write() as connection:
            changed = connection.execute(
                update(campaigns)
                .where(campaigns.c.id == campaign, campaigns.c.state == COMPOSED)
                .values(state=DRAWN, drawn_at=at)
            )
            if changed.rowcount != 1:
                return False
            for arm in arms["arm"].unique(maintain_order=True):
                chosen = arms.filter(pl.col("arm") == arm)["citizen"].to_list()
                _write_arm(connection, campaign, arm, chosen)
        return True

    def mark_exported(self, campaign: UUID, at: datetime) -> None:
        """The campaign has left the house."""
        with self._database.write() as connection:
            connection.execute(
                update(campaigns)
                .where(campaigns.c.id == campaign)
                .values(state=EXPORTED, exported_at=at)
            )

    def drawn_members(self, campaign: Campaign) -> pl.DataFrame:
        """The pool with ``service`` and ``drawn_at``, for measuring the effect."""
        return self.members(campaign.id).with_columns(
            service=pl.lit(campaign.service), drawn_at=pl.lit(campaign.drawn_at, dtype=INSTANT)
        )


def _write_arm(connection: Connection, campaign: UUID, arm: str, citizens: Sequence[int]) -> None:
    """No database takes more than some ten thousands of values in one question."""
    for start in range(0, len(citizens), _IN_ONE_QUERY):
        some = citizens[start : start + _IN_ONE_QUERY]
        connection.execute(
            update(campaign_members)
            .where(campaign_members.c.campaign == campaign)
            .where(campaign_members.c.citizen.in_(some))
            .values(arm=arm)
        )
