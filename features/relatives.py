"""Derived facts over a citizen's dated relations.

``relative_birth_date`` on the citizen's own record is all that is read of the relative.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import NO_MOMENT, codes, days, moments, places
from features.columns import Floats, rows_of, tally
from features.domain import RelativeMeasure
from features.pack import Pack
from features.provenance import is_known, provenance
from features.records import Records
from features.remembered import kept_with_records
from features.windows import completed_years, microseconds, today


def held_relations(records: Records, kind: str) -> pl.DataFrame:
    """The relations of ``kind`` that hold at ``as_of``: each relative of a citizen once.

    Returns :data:`features.relations.RELATIONS`.
    """
    return records.relations[_held(records, kind)]


def _held(records: Records, kind: str) -> NDArray[np.int64]:
    """The places of those relations."""
    relations, now = records.relations, microseconds(records.as_of)
    ends = moments(relations["valid_to"])
    holds = (moments(relations["valid_from"]) <= now) & ((ends > now) | (ends == NO_MOMENT))
    at = np.flatnonzero(holds & (places(relations["kind"], (kind,)) == 0))
    relative = relations["relative"][at]
    known = np.array([one is not None for one in relative.to_list()], dtype=np.bool_)
    whom = np.array([one or 0 for one in relative.to_list()], dtype=np.int64).view(np.uint64)
    if not known.all():
        whom[~known] = codes(relations["relation_id"][at[~known]])
    row = rows_of(relations["citizen"][at], records)
    order = np.lexsort((known, whom, row))
    last = np.ones(len(at), dtype=np.bool_)
    keys = (row[order], whom[order], known[order])
    last[:-1] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.sort(at[order[last]])


@kept_with_records
def measure(records: Records, pack: Pack, ask: RelativeMeasure) -> pl.Series:
    """``ask`` for every citizen, in the order of ``records.citizens``.

    Float64 (``any`` is 0 or 1). ``any`` and ``count`` are null when no source that delivers the
    relation is present, or when an age limit is asked and a birth date is missing; the ages are
    null without a relative whose age is known.
    """
    n, day = len(records.citizens), today(records.as_of, pack.domain.time_zone)
    held = held_relations(records, ask.kind)
    row = rows_of(held["citizen"], records)
    born = days(held["relative_birth_date"])
    aged = born != NO_MOMENT
    age = np.where(aged, completed_years(np.where(aged, born, 0), day), np.nan)
    if ask.measure in ("youngest_age", "oldest_age"):
        return _utmost(ask, row, age, n, age_limit(ask.younger_than, pack.parameters_at(day)))
    if not is_known(provenance(pack).relations.get(ask.kind, frozenset()), records.sources):
        return pl.Series(ask.measure, np.full(n, np.nan), nan_to_null=True)
    counted, unknown = np.ones(len(row), dtype=np.bool_), np.zeros(len(row), dtype=np.bool_)
    if ask.younger_than is not None:
        limit = age_limit(ask.younger_than, pack.parameters_at(day))
        unknown = ~aged if limit is not None else np.ones(len(row), dtype=np.bool_)
        counted = ~(age >= (np.inf if limit is None else limit))
    found = tally(row[counted], n)
    found = np.minimum(found, 1.0) if ask.measure == "any" else found
    found[row[unknown & counted]] = np.nan
    return pl.Series(ask.measure, found, nan_to_null=True)


def _utmost(
    ask: RelativeMeasure, row: NDArray[np.int64], age: Floats, n: int, limit: float | None
) -> pl.Series:
    """The youngest or oldest age of each citizen's relatives, of those below the limit."""
    if ask.younger_than is not None and limit is not None:
        age = np.where(age >= limit, np.nan, age)
    found = np.full(n, np.nan)
    ufunc = np.fmin if ask.measure == "youngest_age" else np.fmax
    ufunc.at(found, row, age)
    return pl.Series(ask.measure, found, nan_to_null=True)


def age_limit(ask: float | str | None, parameters: Mapping[str, float]) -> float | None:
    """The age that a number or the name of a parameter stands for; None when not in force."""
    return parameters.get(ask) if isinstance(ask, str) else ask
