"""The ledger: writing every slate down, and handing the whole of it out as a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import polars as pl
from sqlalchemy import Connection, and_, func, insert, select

from models.ledger import LEDGER
from serving.casework.tables import outcomes
from serving.database import Database
from serving.schema import decisions, slates, suggestions

IGNORED_AFTER = timedelta(days=14)
"""A suggestion that was shown and left alone for so long was ignored."""
_AS_THEY_ARE = (
    "citizen", "service", "kind", "shown", "position", "rank", "group", "deadline", "eligible",
    "entitled", "unaided", "need", "basis", "propensity", "explored", "withheld_by",
    "withheld_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slate:
    """One request for suggestions, and what it was answered from."""

    citizen: int
    purpose: str
    language: str
    by: str
    at: datetime
    as_of: datetime
    lake: Mapping[str, int]
    pack: str
    model_version: str
    exploration: float = 0.0


def write_slate(
    connection: Connection, slate: Slate, candidates: pl.DataFrame
) -> list[dict[str, Any]]:
    """Write a slate with all its candidates, shown and withheld.

    Parameters
    ----------
    candidates
        What :func:`models.ranking.rank` returns, with ``position``.

    Returns
    -------
    The candidates' rows, each with the ``id`` of its suggestion.
    """
    number = uuid4()
    connection.execute(
        insert(slates),
        {
            "id": number,
            "citizen": slate.citizen,
            "purpose": slate.purpose,
            "language": slate.language,
            "by": slate.by,
            "at": slate.at,
            "as_of": slate.as_of,
            "lake": json.dumps(dict(slate.lake), sort_keys=True),
            "pack": slate.pack,
            "model_version": slate.model_version,
            "exploration": slate.exploration,
        },
    )
    rows = [row | {"id": uuid4()} for row in candidates.iter_rows(named=True)]
    written = [
        {"id": row["id"], "slate": number} | {name: row[name] for name in _AS_THEY_ARE}
        for row in rows
    ]
    if written:
        connection.execute(insert(suggestions), written)
    return rows


def suggestion_of(connection: Connection, number: UUID) -> Mapping[str, Any] | None:
    """``citizen``, ``service`` and ``purpose`` of a suggestion that was shown, or None."""
    query = (
        select(suggestions.c.citizen, suggestions.c.service, slates.c.purpose)
        .join(slates, slates.c.id == suggestions.c.slate)
        .where(suggestions.c.id == number, suggestions.c.shown)
    )
    found = connection.execute(query).first()
    return None if found is None else dict(found._mapping)


def read_ledger(database: Database, now: datetime | None = None) -> pl.DataFrame:
    """The whole ledger as :data:`models.ledger.LEDGER`, each with its last decision and with what
    followed. Seen at ``now``: whether a suggestion was ignored takes :data:`IGNORED_AFTER`."""
    old = (now or datetime.now(UTC)) - IGNORED_AFTER
    last = (
        select(decisions.c.suggestion, func.max(decisions.c.at).label("at"))
        .group_by(decisions.c.suggestion)
        .subquery()
    )
    query = (
        select(suggestions, slates, decisions.c.outcome, decisions.c.reason, decisions.c.at)
        .join(slates, slates.c.id == suggestions.c.slate)
        .outerjoin(last, last.c.suggestion == suggestions.c.id)
        .outerjoin(
            decisions,
            and_(decisions.c.suggestion == last.c.suggestion, decisions.c.at == last.c.at),
        )
        .outerjoin(outcomes, outcomes.c.suggestion == suggestions.c.id)
        .order_by(slates.c.at, suggestions.c.rank)
    )
    columns: dict[str, Any] = {
        "suggestion": suggestions.c.id,
        "slate": suggestions.c.slate,
        "at": slates.c.at,
        "decided_at": decisions.c.at,
        "reason": decisions.c.reason,
        "outcome": decisions.c.outcome,
        "ignored": and_(suggestions.c.shown, decisions.c.id.is_(None), slates.c.at <= old),
        "followed": outcomes.c.followed,
        "followed_at": outcomes.c.happened_at,
    }
    picked = [(columns[name] if name in columns else _column(name)).label(name) for name in LEDGER]
    with database.read() as connection:
        rows = connection.execute(query.with_only_columns(*picked)).all()
    as_text = [tuple(str(one) if isinstance(one, UUID) else one for one in row) for row in rows]
    return pl.DataFrame(as_text, schema=LEDGER, orient="row")


def _column(name: str) -> Any:
    return suggestions.c[name] if name in suggestions.c else slates.c[name]
