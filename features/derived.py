"""Derived facts: computed from others at a date, in the order in which they rest on each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
from polars.datatypes import DataTypeClass

from features.codes import NO_MOMENT, days
from features.domain import DerivedFact, FactType
from features.pack import Pack, has_column
from features.provenance import Sources, provenance
from features.records import Records
from features.relatives import measure
from features.remembered import remembered
from features.sql import columns_of_sql, parsed
from features.windows import completed_years, day_number, today

DTYPES: dict[FactType, DataTypeClass] = {
    FactType.NUMBER: pl.Float64,
    FactType.BOOLEAN: pl.Boolean,
    FactType.CATEGORY: pl.String,
    FactType.DATE: pl.Date,
}
"""The column type of a fact in a frame that criteria run on."""


@remembered(512)
def rests_on(derived: DerivedFact) -> frozenset[str]:
    """The names a derived fact is computed from (none for a relative's measure)."""
    if derived.sql is not None:
        return frozenset(parsed(derived.sql).meta.root_names())
    return frozenset(name for name in (derived.years_since, derived.days_until) if name)


@remembered(8)
def in_order(pack: Pack) -> tuple[str, ...]:
    """The derived facts, each after the ones it rests on.

    Raises ``ValueError`` on a circle; a loaded pack has none.
    """
    needs = {
        name: rests_on(derived) & pack.domain.derived.keys()
        for name, derived in pack.domain.derived.items()
    }
    order: list[str] = []
    while len(order) < len(needs):
        free = [n for n, needed in needs.items() if n not in order and needed <= {*order}]
        if not free:
            raise ValueError(f"derived facts rest on each other: {sorted(needs.keys() - {*order})}")
        order += free
    return tuple(order)


@remembered(8)
def derived_sources(pack: Pack) -> dict[str, Sources]:
    """The sources behind each derived fact, through all it rests on."""
    known = provenance(pack)
    sources: dict[str, Sources] = dict(known.facts)
    sources |= {has_column(service): behind for service, behind in known.services.items()}
    for name in in_order(pack):
        derived = pack.domain.derived[name]
        if derived.relatives is not None:
            sources[name] = known.relations.get(derived.relatives.kind, frozenset())
        else:
            behind = (sources.get(part, frozenset()) for part in rests_on(derived))
            sources[name] = frozenset().union(*behind)
    return {name: sources[name] for name in pack.domain.derived}


def with_derived(
    facts: pl.DataFrame, records: Records, pack: Pack, names: Iterable[str] | None = None
) -> pl.DataFrame:
    """``facts`` (one row per citizen of ``records``, in that order) with its derived facts.

    ``names`` are those asked for, which brings along what they rest on; all when not given. A
    derived fact over a column that ``facts`` does not have is null.
    """
    asked = pack.domain.derived.keys() if names is None else _closure(pack, names)
    for level in _levels(pack):
        mine = {name: pack.domain.derived[name] for name in level if name in asked}
        facts = facts.hstack(_columns(mine, facts, records, pack))
    return facts


@remembered(8)
def _levels(pack: Pack) -> tuple[tuple[str, ...], ...]:
    """The derived facts in steps: each rests on what is told and on earlier steps alone."""
    step: dict[str, int] = {}
    for name in in_order(pack):
        under = rests_on(pack.domain.derived[name]) & pack.domain.derived.keys()
        step[name] = max((step[part] + 1 for part in under), default=0)
    return tuple(
        tuple(name for name, at in step.items() if at == number)
        for number in range(max(step.values(), default=-1) + 1)
    )


def _columns(
    asked: Mapping[str, DerivedFact], facts: pl.DataFrame, records: Records, pack: Pack
) -> list[pl.Series]:
    """Derived facts that rest on columns of ``facts``, all SQL among them at once."""
    here = set(facts.columns)
    sql = {
        name: one.sql
        for name, one in asked.items()
        if one.sql is not None and rests_on(one) <= here
    }
    worked_out = columns_of_sql(facts, sql)
    return [
        (worked_out[name] if name in worked_out else _column(one, facts, records, pack))
        .alias(name)
        .cast(DTYPES[one.type])
        for name, one in asked.items()
    ]


def _closure(pack: Pack, names: Iterable[str]) -> set[str]:
    asked = set(names)
    for name in reversed(in_order(pack)):
        if name in asked:
            asked |= rests_on(pack.domain.derived[name]) & pack.domain.derived.keys()
    return asked


def _column(derived: DerivedFact, facts: pl.DataFrame, records: Records, pack: Pack) -> pl.Series:
    day = today(records.as_of, pack.domain.time_zone)
    if derived.relatives is not None:
        return measure(records, pack, derived.relatives)
    dated = derived.years_since or derived.days_until
    if dated is None or dated not in facts.columns:
        return pl.Series([None] * facts.height, dtype=pl.Null)
    when = days(facts[dated])
    told = when != NO_MOMENT
    when = np.where(told, when, 0)
    passed = completed_years(when, day) if derived.years_since else when - day_number(day)
    return pl.Series(np.where(told, passed, np.nan), nan_to_null=True)
