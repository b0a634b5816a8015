"""Small worlds: a handful of citizens and what the silos say of them, drawn by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from features.events import EVENTS
from features.facts import FACTS
from features.household import joined, relatives_of
from features.pack import Pack
from features.records import Records, known_records
from features.relations import RELATIONS
from tests.contracts.small_pack import small_pack

_PACK = small_pack()

AS_OF = datetime(2025, 6, 1, 9, 30, tzinfo=UTC)
"""The date that worlds are seen from: records lie on both sides of it."""

CITIZENS = (-(2**62), -7, 3, 11, 2**61)
RELATIVES = (5, 6)
"""Who has no row of their own, but records all the same."""

SOURCES = frozenset({"register", "cases", "tax"})

_SOURCE_OF_FACT = {"income": "tax"}
_SOURCE_OF_TYPE = {"moved": "register", "died": "register", "bill": "tax"}
_VALUES: dict[str, list[tuple[str, float]]] = {
    "income": [("9000", 9000.0), ("15000.1", 15000.1), ("31000", 31000.0)],
    "carer": [("true", 1.0), ("false", 0.0)],
    "home": [("rent", 0.0), ("own", 1.0)],
    "birth_date": [("1950-02-28", -7247.0), ("2007-06-20", 13684.0)],
    "card_expires": [("2025-05-01", 20209.0), ("2025-07-01", 20270.0)],
}


@dataclass(frozen=True, slots=True)
class World:
    """What all silos ever delivered, known now or later, in any order."""

    events: pl.DataFrame
    facts: pl.DataFrame
    relations: pl.DataFrame

    def known(
        self,
        as_of: datetime = AS_OF,
        citizens: tuple[int, ...] = CITIZENS,
        sources: frozenset[str] = SOURCES,
    ) -> Records:
        """The records of ``citizens`` and of their relatives at ``as_of``."""
        records = self._of(pl.Series("citizen", citizens, pl.Int64), as_of, sources)
        return joined(records, self._of(relatives_of(records, _PACK), as_of, sources))

    def _of(self, citizens: pl.Series, as_of: datetime, sources: frozenset[str]) -> Records:
        return known_records(
            as_of=as_of,
            citizens=citizens,
            events=self.events,
            facts=self.facts,
            relations=self.relations,
            sources=sources,
        )

    def without_later(self, as_of: datetime = AS_OF) -> World:
        """The world as if nothing had become known after ``as_of``."""
        return self._each(lambda table: table.filter(pl.col("known_at") <= as_of))

    def shuffled(self, seed: int) -> World:
        """The same rows in another order, a part of them delivered twice."""
        return self._each(
            lambda table: pl.concat([table, table.head(table.height // 2)]).sample(
                fraction=1.0, shuffle=True, seed=seed
            )
        )

    def without(self, source: str) -> World:
        """The world in which ``source`` never delivered."""
        return self._each(lambda table: table.filter(pl.col("source") != source))

    def _each(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> World:
        return replace(
            self,
            events=change(self.events),
            facts=change(self.facts),
            relations=change(self.relations),
        )


def worlds(pack: Pack) -> st.SearchStrategy[World]:
    """Worlds in the words of ``pack`` (the small pack)."""
    types = tuple(pack.domain.event_types)
    return st.builds(
        World,
        events=_tables(lambda pick: _event(pick, types), EVENTS, "event_id", 25),
        facts=_tables(_fact, FACTS, "fact_id", 15),
        relations=_tables(_relation, RELATIONS, "relation_id", 6),
    )


def _tables(
    row: Callable[[Random], dict[str, Any]], schema: pl.Schema, key: str, most: int
) -> st.SearchStrategy[pl.DataFrame]:
    """Tables of up to ``most`` rows; one number decides a row, so that drawing is quick."""

    def table(seeds: list[int]) -> pl.DataFrame:
        rows = [row(Random(seed)) for seed in seeds]
        numbered = [{**one, key: f"{place}", "order": place} for place, one in enumerate(rows)]
        return pl.DataFrame(numbered, schema=schema)

    return st.lists(st.integers(0, 2**32 - 1), max_size=most).map(table)


def _times(pick: Random, first: str) -> dict[str, datetime]:
    """``first`` up to three years before the date or a year after, often at midnight; known
    mostly at once, at times late or announced before."""
    at = AS_OF - timedelta(days=pick.randint(-365, 1100))
    if pick.random() < 0.5:
        at = at.replace(hour=22, minute=0)
    lag = pick.choice([0, 0, 0, 1, 30, 400, -40])
    return {first: at, "known_at": at + timedelta(days=lag)}


def _held(pick: Random) -> dict[str, datetime | None]:
    times = _times(pick, "valid_from")
    days = pick.choice([None, None, 10, 400])
    return {**times, "valid_to": times["valid_from"] + timedelta(days=days) if days else None}


def _event(pick: Random, types: tuple[str, ...]) -> dict[str, Any]:
    kind = pick.choice(types)
    return {
        "citizen": pick.choice(CITIZENS + RELATIVES),
        "type": kind,
        **_times(pick, "occurred_at"),
        "source": _SOURCE_OF_TYPE.get(kind, "cases"),
        "case_id": pick.choice([None, "Z1", "Z2"]),
        "case_type": pick.choice([None, "allowance", "allowance-extra", "card", "question"]),
        "actor": pick.choice([None, "a", "b", "c"]),
        "team": pick.choice([None, "north", "south"]),
        "channel": pick.choice([None, "phone", "desk", "pigeon"]),
        "value": pick.choice([None, 0.1, 0.2, 33.3, 1e9]),
        "attributes": pick.choice([None, '{"step": "check"}', '{"step": "ask"}']),
    }


def _fact(pick: Random) -> dict[str, Any]:
    name = pick.choice(list(_VALUES))
    value, number = pick.choice(_VALUES[name])
    return {
        "citizen": pick.choice(CITIZENS + RELATIVES),
        "name": name,
        "value": value,
        "number": number,
        **_held(pick),
        "source": _SOURCE_OF_FACT.get(name, "register"),
    }


def _relation(pick: Random) -> dict[str, Any]:
    births = [None, date(2021, 6, 30), date(2012, 2, 29), date(1990, 1, 1)]
    return {
        "citizen": pick.choice(CITIZENS + RELATIVES),
        "kind": pick.choice(["child", "child", "partner"]),
        "relative": pick.choice([None, 5, 6, 3, -7, 8]),
        "relative_birth_date": pick.choice(births),
        **_held(pick),
        "source": "register",
    }
