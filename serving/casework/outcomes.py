"""Outcomes: what became of every suggestion that could have been shown, joined when it is known.

Not of those alone that were shown: what happened to those that were not is what tells the two
apart. An application is noted, and gives way to the decision on it; nothing is noted as such only
once the service's horizon is over and late records have had time to come in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from sqlalchemy import delete, insert, or_, select

from features.events import INSTANT
from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing
from features.service_history import service_events
from models.labels import LONGEST_LAG
from serving.casework.tables import outcomes
from serving.database import Database
from serving.schema import slates, suggestions

APPLIED, GRANTED, REFUSED, NOTHING = "applied", "granted", "refused", "nothing"
_FIRST: Final = (GRANTED, REFUSED, APPLIED)
"""What is told where several happened."""
LATE: Final[timedelta] = LONGEST_LAG
"""So long after a horizon a record of it may still come in."""
_AT_ONCE = 500


def join_outcomes(database: Database, lake: Lake, pack: Pack, now: datetime) -> int:
    """Note what became of the suggestions of which that was not known yet; how many that is."""
    open_ones = _open(database)
    if not open_ones:
        return 0
    asked = pl.DataFrame(
        [(place, row.citizen, row.service, row.at) for place, row in enumerate(open_ones)],
        schema={"place": pl.Int64, "citizen": pl.Int64, "service": pl.String, "at": INSTANT},
        orient="row",
    )
    found = _followed(asked, _steps(lake, pack, asked["citizen"].unique(), now), pack, now)
    rows = [
        {
            "suggestion": open_ones[row["place"]].id,
            "citizen": row["citizen"],
            "followed": row["followed"],
            "happened_at": row["happened_at"],
            "known_at": row["known_at"],
            "joined_at": now,
        }
        for row in found.iter_rows(named=True)
        if row["followed"] != open_ones[row["place"]].followed
    ]
    with database.write() as connection:
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            ids = [row["suggestion"] for row in part]
            connection.execute(delete(outcomes).where(outcomes.c.suggestion.in_(ids)))
            connection.execute(insert(outcomes), part)
    return len(rows)


def _open(database: Database) -> list[Any]:
    """Candidates that passed every gate, of which the outcome is not known for good."""
    query = (
        select(
            suggestions.c.id,
            suggestions.c.citizen,
            suggestions.c.service,
            slates.c.at,
            outcomes.c.followed,
        )
        .join(slates, slates.c.id == suggestions.c.slate)
        .outerjoin(outcomes, outcomes.c.suggestion == suggestions.c.id)
        .where(
            suggestions.c.withheld_by.is_(None),
            or_(outcomes.c.followed.is_(None), outcomes.c.followed == APPLIED),
        )
    )
    with database.read() as connection:
        return list(connection.execute(query))


def _steps(lake: Lake, pack: Pack, citizens: pl.Series, now: datetime) -> pl.DataFrame:
    """citizen, service, role, occurred_at, known_at of what these citizens asked for and got."""
    types = pack.event_types_in(*_FIRST)
    events = (
        everyone_standing(lake, "events", now)
        .filter(pl.col("type").is_in(types), pl.col("citizen").is_in(citizens.implode()))
        .collect()
    )
    return service_events(events, pack, now)


def _followed(asked: pl.DataFrame, steps: pl.DataFrame, pack: Pack, now: datetime) -> pl.DataFrame:
    """place, citizen, followed, happened_at, known_at of what can be told by ``now``."""
    days = {name: service.horizon_days for name, service in pack.services.items()}
    horizon = pl.duration(
        days=pl.col("service").replace_strict(days, default=0, return_dtype=pl.Int64)
    )
    happened = (
        asked.join(steps, on=["citizen", "service"], how="inner", maintain_order="left_right")
        .filter(
            pl.col("occurred_at") > pl.col("at"), pl.col("occurred_at") <= pl.col("at") + horizon
        )
        .with_columns(
            order=pl.col("role").replace_strict(
                {role: place for place, role in enumerate(_FIRST)}, return_dtype=pl.Int32
            )
        )
        .sort("place", "order", "occurred_at")
        .unique("place", keep="first", maintain_order=True)
        .select("place", "citizen", followed="role", happened_at="occurred_at", known_at="known_at")
    )
    over = asked.filter(pl.col("at") + horizon + LATE <= now).join(
        happened, on="place", how="anti", maintain_order="left"
    )
    nothing = over.select(
        "place",
        "citizen",
        followed=pl.lit(NOTHING),
        happened_at=pl.lit(None, dtype=INSTANT),
        known_at=pl.lit(None, dtype=INSTANT),
    )
    return pl.concat([happened, nothing])
