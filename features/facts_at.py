"""The facts at a date, one row per citizen: the frame that criteria run on.

Of the versions of a fact that are known at ``as_of`` and hold then (``valid_from`` <= ``as_of`` <
``valid_to``), the one with the latest ``valid_from``, then ``known_at``, then ``order`` is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from math import isnan

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import FEW, words_at
from features.derived import DTYPES, with_derived
from features.domain import Fact, FactType, Sensitivity
from features.fact_table import FactTable, held_numbers
from features.life_events import days_since
from features.pack import Pack, has_column
from features.provenance import provenance
from features.records import Records, fact_versions
from features.remembered import kept_with_records, remembered
from features.service_steps import services_at
from features.windows import today


def facts_at(records: Records, pack: Pack, protected: pl.DataFrame | None = None) -> pl.DataFrame:
    """What is held true of each citizen at ``records.as_of``.

    Parameters
    ----------
    protected
        :data:`features.facts.FACTS` of the same citizens; given only to rules. Of these the
        *criterion-only* facts are used, never others.

    Returns
    -------
    One row per citizen, in the order of ``records.citizens``: ``citizen``; every free fact, and
    the criterion-only facts when ``protected`` is given (Float64, Boolean, String, Date); every
    parameter in force (Float64); ``as_of`` (Date, local); ``has_<service>`` (Boolean);
    ``days_since_<life_event>`` (Float64; negative is upcoming); every derived fact. Null is
    unknown.
    """
    columns = [*_has(records, pack), *days_since(records, pack)]
    if protected is not None:
        columns += _criterion_only(records, pack, protected)
    return with_derived(told_facts(records, pack).hstack(columns), records, pack)


@kept_with_records
def told_facts(records: Records, pack: Pack) -> pl.DataFrame:
    """The part of :func:`facts_at` that is told and not worked out: ``citizen``, the free facts,
    the parameters and ``as_of``."""
    return some_told_facts(records, pack, told_names(pack))


@remembered(8)
def told_names(pack: Pack) -> frozenset[str]:
    """The columns of :func:`told_facts` but ``citizen``."""
    return frozenset([*pack.facts(Sensitivity.FREE), *pack.parameters, "as_of"])


def some_told_facts(records: Records, pack: Pack, asked: frozenset[str]) -> pl.DataFrame:
    """``citizen`` and those columns of :func:`told_facts` that are ``asked``."""
    day = today(records.as_of, pack.domain.time_zone)
    held = pack.parameters_at(day)
    names, wide = tuple(pack.domain.facts), held_numbers(records, pack)
    columns = [
        _typed(pl.Series(name, wide[names.index(name)], nan_to_null=True), fact)
        for name, fact in pack.facts(Sensitivity.FREE).items()
        if name in asked
    ]
    n = len(records.citizens)
    columns += [
        _same(name, held.get(name), pl.Float64, n) for name in pack.parameters if name in asked
    ]
    if "as_of" in asked:
        columns.append(_same("as_of", day, pl.Date, n))
    return pl.DataFrame([records.citizens.alias("citizen"), *columns])


def _same(name: str, value: float | date | None, dtype: type[pl.DataType], n: int) -> pl.Series:
    return (
        _single(name, value, dtype) if n == 1 else _single(name, value, dtype).new_from_index(0, n)
    )


@lru_cache(maxsize=512)
def _single(name: str, value: float | date | None, dtype: type[pl.DataType]) -> pl.Series:
    return pl.Series(name, [value], dtype)


def _criterion_only(records: Records, pack: Pack, protected: pl.DataFrame) -> list[pl.Series]:
    """The criterion-only facts; of others nothing is read."""
    asked = pack.facts(Sensitivity.CRITERION_ONLY)
    if not asked:
        return []
    told = protected
    if not protected.is_empty():
        told = fact_versions(
            protected.filter(
                pl.col("name").is_in(list(asked)),
                pl.col("known_at") <= records.as_of,
                pl.col("citizen").is_in(records.citizens.implode()),
            )
        )
    table = FactTable(told, records, tuple(asked))
    at = table.holding(records.as_of)
    wide = table.wide(at, table.number[at], len(records.citizens))
    return [
        _typed(pl.Series(name, row, nan_to_null=True), fact)
        for (name, fact), row in zip(asked.items(), wide, strict=True)
    ]


def _typed(number: pl.Series, fact: Fact) -> pl.Series:
    if fact.type is FactType.NUMBER:
        return number
    if fact.type is FactType.BOOLEAN:
        return number != 0
    code = number.cast(pl.Int32)
    if fact.type is FactType.DATE:
        return code.cast(DTYPES[fact.type])
    place = code.to_numpy() if not code.null_count() else np.nan_to_num(number.to_numpy(), nan=-1)
    return words_at(fact.categories, place.astype(np.int64)).alias(number.name)


def services_held(records: Records, pack: Pack) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """For each service, whether each citizen has it: 1, 0, or NaN for unknown.

    Not having is known only where a source that delivers the service's events is present.
    """
    found = services_at(records, pack)
    for place, (service, sources) in enumerate(provenance(pack).services.items()):
        known = bool(sources & records.sources)
        held = found.has[place].astype(np.float64)
        yield service, held if known else np.where(found.has[place], 1.0, np.nan)


def _has(records: Records, pack: Pack) -> list[pl.Series]:
    if len(records.citizens) > FEW:
        return [
            pl.Series(has_column(service), held, nan_to_null=True) != 0
            for service, held in services_held(records, pack)
        ]
    return [
        pl.Series(
            has_column(service),
            [None if isnan(one) else one != 0 for one in held.tolist()],
            pl.Boolean,
        )
        for service, held in services_held(records, pack)
    ]
