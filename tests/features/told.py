"""Records told in a line each, in the words of the small pack; days are local days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from features.events import EVENTS
from features.facts import FACTS
from features.records import Records, known_records
from features.relations import RELATIONS
from tests.contracts.small_pack import small_pack

PACK = small_pack()
AS_OF = datetime(2025, 6, 1, 9, 30, tzinfo=UTC)
ALL = frozenset(PACK.domain.sources)
ZONE = ZoneInfo(PACK.domain.time_zone)

_numbers = count()

Row = dict[str, Any]


def at(text: str) -> datetime:
    """An ISO day (local midnight) or moment (local time), in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def event(kind: str, day: str, *, known: str = "", citizen: int = 1, **more: Any) -> Row:
    place = next(_numbers)
    return {
        "event_id": f"e{place}",
        "citizen": citizen,
        "type": kind,
        "occurred_at": at(day),
        "known_at": at(known or day),
        "source": "cases",
        "order": place,
        **more,
    }


def fact(
    name: str, value: Any, day: str, *, to: str = "", known: str = "", citizen: int = 1, **more: Any
) -> Row:
    place = next(_numbers)
    return {
        "fact_id": f"f{place}",
        "citizen": citizen,
        "name": name,
        "value": str(value).lower() if isinstance(value, bool) else str(value),
        "number": _number(name, value),
        "valid_from": at(day),
        "valid_to": at(to) if to else None,
        "known_at": at(known or day),
        "source": "register",
        "order": place,
        **more,
    }


def relation(
    kind: str, day: str, *, born: str = "", to: str = "", citizen: int = 1, **more: Any
) -> Row:
    place = next(_numbers)
    return {
        "relation_id": f"r{place}",
        "citizen": citizen,
        "kind": kind,
        "relative_birth_date": date.fromisoformat(born) if born else None,
        "valid_from": at(day),
        "valid_to": at(to) if to else None,
        "known_at": at(day),
        "source": "register",
        "order": place,
        **more,
    }


def tables(*rows: Row) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The events, facts and relations among ``rows``."""

    def table(schema: pl.Schema, key: str) -> pl.DataFrame:
        return pl.DataFrame([row for row in rows if key in row], schema=schema)

    return table(EVENTS, "event_id"), table(FACTS, "fact_id"), table(RELATIONS, "relation_id")


def known(
    *rows: Row,
    as_of: datetime = AS_OF,
    sources: frozenset[str] = ALL,
    citizens: tuple[int, ...] = (1,),
) -> Records:
    """The records of ``citizens`` at ``as_of`` when ``rows`` are all that was ever delivered."""
    events, facts, relations = tables(*rows)
    return known_records(
        as_of=as_of,
        citizens=pl.Series(citizens, dtype=pl.Int64),
        events=events,
        facts=facts,
        relations=relations,
        sources=sources,
    )


def _number(name: str, value: Any) -> float:
    declared = PACK.domain.facts[name]
    if declared.categories:
        return float(declared.categories.index(value))
    if declared.type == "date":
        return float((date.fromisoformat(value) - date(1970, 1, 1)).days)
    return float(value)
