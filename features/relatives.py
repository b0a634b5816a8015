"""Derived facts over a citizen's dated relations.

``relative_birth_date`` on the citizen's own record is all that is read of the relative.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from features.domain import RelativeMeasure
from features.pack import Pack
from features.provenance import is_known, provenance
from features.records import Records
from features.remembered import remembered
from features.windows import full_years, today


def held_relations(records: Records, kind: str) -> pl.DataFrame:
    """The relations of ``kind`` that hold at ``as_of``: each relative of a citizen once, with
    their age in completed years (null when the birth date is not known).

    Returns citizen, relative_birth_date, known_at, source, valid_from.
    """
    held = records.relations.filter(
        pl.col("kind") == kind,
        pl.col("valid_from") <= records.as_of,
        pl.col("valid_to").is_null() | (pl.col("valid_to") > records.as_of),
    )
    whom = pl.coalesce(pl.col("relative").cast(pl.String), "relation_id").alias("whom")
    return held.with_columns(whom).unique(["citizen", "whom"], keep="last", maintain_order=True)


@remembered(32)
def measure(records: Records, pack: Pack, ask: RelativeMeasure) -> pl.Series:
    """``ask`` for every citizen, in the order of ``records.citizens``.

    Float64 (``any`` is 0 or 1). ``any`` and ``count`` are null when no source that delivers the
    relation is present, or when an age limit is asked and a birth date is missing; the ages are
    null without a relative whose age is known.
    """
    per_citizen = _per_citizen(records, pack, ask)
    told = records.citizens.to_frame().join(
        per_citizen, on="citizen", how="left", maintain_order="left"
    )
    if ask.measure in ("youngest_age", "oldest_age"):
        return told[ask.measure]
    if not is_known(provenance(pack).relations.get(ask.kind, frozenset()), records.sources):
        return pl.Series(ask.measure, [None] * told.height, dtype=pl.Float64)
    found = told.select(
        pl.when(pl.col("unknown").fill_null(value=False))
        .then(None)
        .otherwise(pl.col("count").fill_null(0.0))
    ).to_series()
    return found.clip(upper_bound=1.0) if ask.measure == "any" else found


def age_limit(ask: float | str | None, parameters: Mapping[str, float]) -> float | None:
    """The age that a number or the name of a parameter stands for; None when not in force."""
    return parameters.get(ask) if isinstance(ask, str) else ask


def _per_citizen(records: Records, pack: Pack, ask: RelativeMeasure) -> pl.DataFrame:
    day = today(records.as_of, pack.domain.time_zone)
    aged = held_relations(records, ask.kind).with_columns(
        full_years(pl.col("relative_birth_date"), day).alias("age")
    )
    limit = age_limit(ask.younger_than, pack.parameters_at(day))
    if ask.younger_than is None:
        counted, unknown = aged, pl.lit(value=False)
    else:
        within = pl.col("age") < pl.lit(limit, dtype=pl.Float64)
        counted, unknown = (
            aged.filter(within.fill_null(value=True)),
            pl.any_horizontal(pl.col("age").is_null().any(), pl.lit(limit is None)),
        )
    return counted.group_by("citizen", maintain_order=True).agg(
        pl.len().cast(pl.Float64).alias("count"),
        pl.col("age").min().alias("youngest_age"),
        pl.col("age").max().alias("oldest_age"),
        unknown.alias("unknown"),
    )
