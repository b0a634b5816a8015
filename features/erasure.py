"""Erasure: taking citizens out of every table of the lake, for good.

A row is theirs when any 64-bit number in it is one of their pseudonyms, whatever the column is
called: a table or a column that is added later is looked at without being named here. A row of
somebody else that only names them stays, without what it says of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import polars as pl

from features.lake import Lake
from features.pseudonyms import Pseudonyms
from features.rewriting import holding
from features.scrubbing import ERASED
from features.stand_ins import unnamed
from features.tables import CITIZEN_TABLES, TABLES
from features.tombstones import Tombstones

_NAMING = {"relations": "relative"}
"""By table: the column in which a row of somebody else may name them."""

_ORDER = ("links",)
"""Tables that come last: by its links an erasure that was cut off finds a citizen's aliases."""


def pseudonyms_of(lake: Lake, citizens: Iterable[int]) -> frozenset[int]:
    """``citizens`` with every pseudonym that links (or earlier moves) tie to them."""
    found = set(citizens)
    links = lake.scan("links").select("alias", "citizen").collect()
    while True:
        known = pl.Series(list(found), dtype=pl.Int64).implode()
        tied = links.filter(pl.col("alias").is_in(known) | pl.col("citizen").is_in(known))
        more = {*tied["alias"], *tied["citizen"], *_moved(lake, known)} - found
        if not more:
            return frozenset(found)
        found |= more


def bury(lake: Lake, pseudonyms: Pseudonyms, erased: Iterable[int | str], at: datetime) -> int:
    """Set a tombstone for each citizen and token of ``erased`` that has none. Returns how many
    were set."""
    tombstones = Tombstones(lake.scan("tombstones").collect(), pseudonyms)
    return lake.append("tombstones", tombstones.new(erased, at))


def everyone_in(lake: Lake) -> frozenset[int]:
    """Every pseudonym that stands in the lake, named by somebody else or as an alias too."""
    here = [
        lake.scan(table).select(pl.col(column).alias("citizen"))
        for table in TABLES
        for column in ("citizen", "alias", "relative")
        if column in lake.scan(table).collect_schema()
    ]
    return frozenset(pl.concat(here).drop_nulls().unique().collect()["citizen"])


def erase(
    lake: Lake, pseudonyms: Pseudonyms, citizens: Collection[int], tokens: Collection[str] = ()
) -> dict[str, int]:
    """Take ``citizens`` (all their pseudonyms) out of the newest version of every table.

    Doing it again does nothing. History is forgotten by
    :func:`features.rewriting.forget_history`.

    Parameters
    ----------
    tokens
        What stands for their numbers in notes and case numbers, of others too
        (:meth:`features.scrubbing.Scrubber.text` of each number). They become the word *erased*,
        in quarantine as well: its rows hold nothing else that tells of whom they are.

    Returns
    -------
    By table, how many rows were removed or changed; tables that were not touched are left out.
    """
    theirs = pl.Series(list(citizens), dtype=pl.Int64).implode()
    touched: dict[str, int] = {}
    for table in sorted(TABLES, key=lambda name: name in _ORDER):
        for bucket, rows in holding(lake, table, _concerns(lake, table, theirs, tokens)):
            left = _reworded(_without(table, rows, theirs, pseudonyms), tokens)
            lake.replace(table, bucket, left)
            touched[table] = touched.get(table, 0) + _difference(rows, left)
    return touched


def _moved(lake: Lake, known: pl.Series) -> set[int]:
    """Under which pseudonyms records were delivered that a link has moved to ``known``."""
    told = [
        lake.scan(table).filter(pl.col("citizen").is_in(known)).select("alias")
        for table in CITIZEN_TABLES
        if "alias" in lake.scan(table).collect_schema()
    ]
    return set(pl.concat(told).drop_nulls().unique().collect()["alias"])


def _concerns(lake: Lake, table: str, theirs: pl.Series, tokens: Collection[str]) -> pl.Expr:
    """Whether a row of ``table`` is theirs, names them or holds one of the tokens."""
    schema = lake.scan(table).collect_schema()
    said = [_is(column, theirs) for column, kind in schema.items() if kind == pl.Int64]
    if tokens:
        texts = [column for column, kind in schema.items() if kind == pl.String]
        said += [_says(column, tokens) for column in texts]
    return pl.any_horizontal(pl.lit(value=False), *said)


def _without(
    table: str, rows: pl.DataFrame, theirs: pl.Series, pseudonyms: Pseudonyms
) -> pl.DataFrame:
    numbers = [name for name, kind in rows.schema.items() if kind == pl.Int64]
    naming = _NAMING.get(table)
    own = [_is(name, theirs) for name in numbers if name != naming]
    left = rows.filter(~pl.any_horizontal(pl.lit(value=False), *own))
    if naming is None:
        return left
    return unnamed(left, left.select(_is(naming, theirs)).to_series(), pseudonyms)


def _reworded(rows: pl.DataFrame, tokens: Collection[str]) -> pl.DataFrame:
    if not tokens:
        return rows
    return rows.with_columns(
        pl.col(column).str.replace_many(list(tokens), [ERASED] * len(tokens))
        for column, kind in rows.schema.items()
        if kind == pl.String
    )


def _is(column: str, theirs: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(theirs).fill_null(value=False)


def _says(column: str, tokens: Collection[str]) -> pl.Expr:
    return pl.col(column).str.contains_any(list(tokens)).fill_null(value=False)


def _difference(rows: pl.DataFrame, left: pl.DataFrame) -> int:
    """How many of ``rows`` are not in ``left`` as they were."""
    return rows.height - rows.join(left, on=rows.columns, how="semi", nulls_equal=True).height
