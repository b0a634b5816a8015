"""Derived facts: computed from others at a date, in the order in which they rest on each other."""

from __future__ import annotations

from datetime import date

import polars as pl
from polars.datatypes import DataTypeClass

from features.domain import DerivedFact, FactType
from features.pack import Pack
from features.provenance import Sources, provenance
from features.records import Records
from features.relatives import measure
from features.windows import full_years

DTYPES: dict[FactType, DataTypeClass] = {
    FactType.NUMBER: pl.Float64,
    FactType.BOOLEAN: pl.Boolean,
    FactType.CATEGORY: pl.String,
    FactType.DATE: pl.Date,
}
"""The column type of a fact in a frame that criteria run on."""


def rests_on(derived: DerivedFact) -> frozenset[str]:
    """The names a derived fact is computed from (none for a relative's measure)."""
    if derived.sql is not None:
        return frozenset(pl.sql_expr(derived.sql).meta.root_names())
    return frozenset(name for name in (derived.years_since, derived.days_until) if name)


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


def derived_sources(pack: Pack) -> dict[str, Sources]:
    """The sources behind each derived fact, through all it rests on."""
    known = provenance(pack)
    sources: dict[str, Sources] = dict(known.facts)
    for name in in_order(pack):
        derived = pack.domain.derived[name]
        if derived.relatives is not None:
            sources[name] = known.relations.get(derived.relatives.kind, frozenset())
        else:
            behind = (sources.get(part, frozenset()) for part in rests_on(derived))
            sources[name] = frozenset().union(*behind)
    return {name: sources[name] for name in pack.domain.derived}


def with_derived(facts: pl.DataFrame, records: Records, pack: Pack, day: date) -> pl.DataFrame:
    """``facts`` (one row per citizen of ``records``, in that order) with every derived fact.

    A derived fact over a column that ``facts`` does not have is null.
    """
    for name in in_order(pack):
        derived = pack.domain.derived[name]
        dtype = DTYPES[derived.type]
        if derived.relatives is not None:
            column = pl.lit(measure(records, pack, derived.relatives))
        elif rests_on(derived) <= set(facts.columns):
            column = _expression(derived, day)
        else:
            column = pl.lit(None)
        facts = facts.with_columns(column.cast(dtype).alias(name))
    return facts


def _expression(derived: DerivedFact, day: date) -> pl.Expr:
    if derived.years_since is not None:
        return full_years(pl.col(derived.years_since), day)
    if derived.days_until is not None:
        return (pl.col(derived.days_until) - pl.lit(day)).dt.total_days()
    return pl.sql_expr(derived.sql or "NULL")
