"""Reading under a purpose: whose records count as whose.

A link by number moved the rows of an alias to the citizen. A match moves nothing: the rows stay
with the alias, and a reader whose purpose asks for no more than the match's probability takes them
to be the citizen's. So whoever reads without a purpose sees certain links alone, a threshold can
be changed at any time, and undoing a match is undone everywhere at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

import polars as pl

from features.lake import Lake, TableName
from features.matches import standing
from features.pack import Pack
from features.separations import without_separated

COUNTING = pl.Schema({"alias": pl.Int64, "citizen": pl.Int64})

NOBODY: Final = COUNTING.to_frame()
"""Nobody counts as another but by a certain link."""

_held: WeakKeyDictionary[Lake, tuple[tuple[int, int], pl.DataFrame]] = WeakKeyDictionary()


def counting(lake: Lake, pack: Pack, as_of: datetime, purpose: str | None) -> pl.DataFrame:
    """Which aliases count as which citizens for ``purpose``, by the matches known at ``as_of``.

    Returns ``alias, citizen``, each alias once: thresholds lie above a half, and the
    probabilities of an alias's candidates add up to no more than one. Empty without a purpose.
    """
    least = None if purpose is None else pack.domain.purposes[purpose].link_probability
    if least is None or not lake.exists("matches"):
        return NOBODY
    known = standing(_versions(lake).filter(pl.col("known_at") <= as_of))
    return known.filter(pl.col("probability") >= least).select("alias", "citizen").sort("alias")


def bucket_rows(lake: Lake, table: TableName, bucket: int, counted: pl.DataFrame) -> pl.LazyFrame:
    """The rows of the citizens of ``bucket``, those that ``counted`` (:func:`counting`) gives them
    included, and without those that it gives to others."""
    here = lake.scan(table, [bucket])
    if counted.is_empty():
        return here
    ours = counted.filter(pl.col("citizen") % lake.buckets == bucket)
    aliases = ours["alias"]
    elsewhere = (aliases % lake.buckets).unique().to_list()
    kept = here.filter(~pl.col("citizen").is_in(counted["alias"].implode()))
    taken = lake.scan(table, elsewhere).filter(pl.col("citizen").is_in(aliases.implode()))
    return _named(pl.concat([kept, _given(taken, ours)]), table, counted)


def citizen_rows(
    lake: Lake, table: TableName, citizens: Sequence[int], counted: pl.DataFrame
) -> pl.DataFrame:
    """The same for ``citizens``, one by one. An alias that counts as another has no rows."""
    asked = list(dict.fromkeys(citizens))
    if counted.is_empty():
        return pl.concat([lake.citizen(table, citizen) for citizen in asked])
    away = set(counted["alias"])
    ours = counted.filter(pl.col("citizen").is_in(asked))
    kept = [lake.citizen(table, citizen).lazy() for citizen in asked if citizen not in away]
    taken = [_given(lake.citizen(table, alias).lazy(), ours) for alias in ours["alias"]]
    nobody = lake.citizen(table, asked[0]).head(0).lazy()
    return _named(pl.concat([nobody, *kept, *taken]), table, counted).collect()


def _given(rows: pl.LazyFrame, ours: pl.DataFrame) -> pl.LazyFrame:
    """``rows`` of aliases under the citizens they count as, with the alias they stand under."""
    names = rows.collect_schema().names()
    named = rows.join(
        ours.lazy().select(pl.col("alias").alias("\0alias"), pl.col("citizen").alias("\0citizen")),
        left_on="citizen",
        right_on="\0alias",
        how="inner",
    )
    return named.with_columns(alias=pl.coalesce("alias", "citizen"), citizen="\0citizen").select(
        names
    )


def _named(rows: pl.LazyFrame, table: TableName, counted: pl.DataFrame) -> pl.LazyFrame:
    """The relatives in ``relations`` under the citizens they count as."""
    if table != "relations":
        return rows
    names = rows.collect_schema().names()
    ends = counted.lazy().select(pl.col("alias").alias("relative"), pl.col("citizen").alias("\0is"))
    known = rows.join(ends, on="relative", how="left")
    return known.with_columns(
        relative=pl.coalesce("\0is", "relative"),
        relative_alias=pl.when(pl.col("\0is").is_not_null())
        .then(pl.coalesce("relative_alias", "relative"))
        .otherwise("relative_alias"),
    ).select(names)


def _versions(lake: Lake) -> pl.DataFrame:
    """Every match that nobody undid; one scan for each version of the two tables."""
    versions = lake.version("matches"), lake.version("separations")
    held = _held.get(lake)
    if held is None or held[0] != versions:
        rows = lake.scan("matches").collect()
        held = (versions, without_separated(rows, lake.scan("separations").collect()))
        _held[lake] = held
    return held[1]
