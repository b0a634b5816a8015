"""Where a criterion's answer comes from: the record behind each name, with date and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from features.life_events import life_events
from features.pack import Pack, has_column, life_event_column
from features.records import Records
from features.relatives import held_relations
from features.remembered import kept_with_records
from features.sql import names_in


@dataclass(frozen=True, slots=True)
class Origin:
    """The record that a fact was read from.

    Parameters
    ----------
    source
        The source that delivered it.
    since
        From when it holds; None where that says nothing (a birth date).
    known_at
        When the organisation could know of it.
    """

    source: str
    since: datetime | None
    known_at: datetime


def origin(sql: str, records: Records, protected: pl.DataFrame, pack: Pack) -> Origin | None:
    """The record that last settled the criterion ``sql`` for the one citizen of ``records``.

    ``protected`` holds the citizen's criterion-only facts (:data:`features.facts.FACTS`). None
    when no record is behind it, as with an expression over parameters alone.
    """
    found = [one for name in names_in(sql) for one in _of(name, records, protected, pack)]
    return max(found, key=lambda one: one.known_at, default=None)


def _of(name: str, records: Records, protected: pl.DataFrame, pack: Pack) -> list[Origin]:
    if name in pack.domain.facts:
        return _of_fact(name, records, protected)
    derived = pack.domain.derived.get(name)
    if derived is None:
        return _of_column(name, records, pack)
    if derived.relatives is not None:
        held = held_relations(records, derived.relatives.kind)
        return [_origin(row) for row in held.iter_rows(named=True)]
    if derived.years_since is not None:
        found = _of(derived.years_since, records, protected, pack)
        return [Origin(one.source, None, one.known_at) for one in found]
    parents = (
        [derived.days_until] if derived.days_until is not None else names_in(derived.sql or "NULL")
    )
    return [one for parent in parents for one in _of(parent, records, protected, pack)]


def _of_fact(name: str, records: Records, protected: pl.DataFrame) -> list[Origin]:
    found = _standing(records, protected).get(name)
    return [] if found is None else [found]


@kept_with_records
def _standing(records: Records, protected: pl.DataFrame) -> dict[str, Origin]:
    """Of each fact the record that holds now."""
    at = records.as_of
    rows = [
        row
        for facts in (records.facts, protected)
        for row in facts[list(_OF_A_FACT)].iter_rows(named=True)
        if row["valid_from"] <= at and row["known_at"] <= at
        if row["valid_to"] is None or row["valid_to"] > at
    ]
    rows.sort(key=lambda row: (row["valid_from"], row["known_at"], row["order"]))
    return {row["name"]: _origin(row) for row in rows}


_OF_A_FACT = ("name", "source", "valid_from", "valid_to", "known_at", "order")


def _of_column(name: str, records: Records, pack: Pack) -> list[Origin]:
    for life_event in pack.life_events:
        if name == life_event_column(life_event):
            rows = life_events(records, pack).filter(pl.col("life_event") == life_event).tail(1)
            return [
                Origin(row["source"], row["happens_at"], row["known_at"])
                for row in rows.iter_rows(named=True)
            ]
    for service, held in pack.services.items():
        if name == has_column(service):
            types = pack.event_types_in("granted", "ended")
            case_types = list(held.case_types or (service,))
            rows = records.events.filter(
                pl.col("type").is_in(types),
                pl.col("case_type").is_in(case_types),
                pl.col("occurred_at") <= records.as_of,
            ).tail(1)
            return [
                Origin(row["source"], row["occurred_at"], row["known_at"])
                for row in rows.iter_rows(named=True)
            ]
    return []


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(row["source"], row["valid_from"], row["known_at"])
