"""The facts at a date, one row per citizen: the frame that criteria run on.

Of the versions of a fact that are known at ``as_of`` and hold then (``valid_from`` <= ``as_of`` <
``valid_to``), the one with the latest ``valid_from``, then ``known_at``, then ``order`` is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.derived import DTYPES, with_derived
from features.domain import Fact, FactType, Sensitivity
from features.life_events import days_since
from features.pack import Pack, has_column
from features.provenance import provenance
from features.records import Records, fact_versions
from features.remembered import remembered
from features.service_history import history_of
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
        asked = pack.facts(Sensitivity.CRITERION_ONLY)
        columns += _columns(records, _protected(protected, records, asked), asked)
    return with_derived(told_facts(records, pack).with_columns(columns), records, pack)


@remembered(2)
def told_facts(records: Records, pack: Pack) -> pl.DataFrame:
    """The part of :func:`facts_at` that is told and not worked out: ``citizen``, the free facts,
    the parameters and ``as_of``."""
    day = today(records.as_of, pack.domain.time_zone)
    held = pack.parameters_at(day)
    columns = _columns(records, records.facts, pack.facts(Sensitivity.FREE))
    n = len(records.citizens)
    dated = [pl.Series(name, [held.get(name)] * n, pl.Float64) for name in pack.parameters]
    now = pl.Series("as_of", [day] * n, pl.Date)
    return pl.DataFrame([records.citizens.alias("citizen"), *columns, *dated, now])


def held_facts(records: Records, facts: pl.DataFrame) -> pl.DataFrame:
    """The true version of each fact at ``as_of``, out of sorted versions
    (:func:`features.records.fact_versions`): one row per citizen and name."""
    holding = facts.filter(
        pl.col("valid_from") <= records.as_of,
        pl.col("valid_to").is_null() | (pl.col("valid_to") > records.as_of),
    )
    return holding.unique(["citizen", "name"], keep="last", maintain_order=True)


def numbers(held: pl.DataFrame, names: tuple[str, ...], citizens: pl.Series) -> NDArray[np.float64]:
    """The ``number`` of each fact, as an array of shape (names, citizens); NaN is unknown.

    ``held`` has citizen, name and number, at most one row per citizen and name.
    """
    found = held.filter(pl.col("name").is_in(names))
    code = found["name"].cast(pl.Enum(names)).to_physical().to_numpy()
    row = np.searchsorted(citizens.to_numpy(), found["citizen"].to_numpy())
    wide = np.full((len(names), len(citizens)), np.nan)
    wide[code, row] = found["number"].to_numpy()
    return wide


def _columns(
    records: Records, facts: pl.DataFrame, declared: Mapping[str, Fact]
) -> list[pl.Series]:
    names = tuple(declared)
    if not names:
        return []
    wide = numbers(held_facts(records, facts), names, records.citizens)
    return [
        _typed(pl.Series(name, row, nan_to_null=True), declared[name])
        for name, row in zip(names, wide, strict=True)
    ]


def _typed(number: pl.Series, fact: Fact) -> pl.Series:
    if fact.type is FactType.NUMBER:
        return number
    if fact.type is FactType.BOOLEAN:
        return number != 0
    code = number.cast(pl.Int32)
    if fact.type is FactType.DATE:
        return code.cast(DTYPES[fact.type])
    return code.replace_strict(
        list(range(len(fact.categories))), fact.categories, return_dtype=pl.String
    )


def _protected(
    protected: pl.DataFrame, records: Records, asked: Mapping[str, Fact]
) -> pl.DataFrame:
    return fact_versions(
        protected.filter(
            pl.col("name").is_in(list(asked)),
            pl.col("known_at") <= records.as_of,
            pl.col("citizen").is_in(records.citizens.implode()),
        )
    )


def services_held(records: Records, pack: Pack) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """For each service, whether each citizen has it: 1, 0, or NaN for unknown.

    Not having is known only where a source that delivers the service's events is present.
    """
    holders = history_of(records, pack).filter("has").partition_by("service", as_dict=True)
    citizens = records.citizens.to_numpy()
    for service, sources in provenance(pack).services.items():
        known = bool(sources & records.sources)
        held = np.full(len(citizens), 0.0 if known else np.nan)
        if (part := holders.get((service,))) is not None:
            held[np.searchsorted(citizens, part["citizen"].to_numpy())] = 1.0
        yield service, held


def _has(records: Records, pack: Pack) -> list[pl.Series]:
    return [
        pl.Series(has_column(service), held, nan_to_null=True) != 0
        for service, held in services_held(records, pack)
    ]
