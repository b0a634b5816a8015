"""Erasure: taking citizens out of every table of the lake, for good.

A row is theirs when any 64-bit number in it is one of their pseudonyms, whatever the column is
called: a table or a column that is added later is looked at without being named here. A row of
somebody else that only names them stays, without what it says of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import polars as pl

from features.lake import Lake
from features.tables import CITIZEN_TABLES, TABLES
from features.pseudonyms import Pseudonyms
from features.rewriting import holding
from features.stand_ins import unnamed
from features.tombstones import Tombstones

_NAMING = {"relations": "relative"}
"""By table: the column in which a row of somebody else may name them."""

_ORDER = ("links",)
"""Tables that come last: by its links an erasure that was cut off finds a citizen's aliases."""

_LETTERS = "abcdefghijklmnop"


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


def bury(lake: Lake, pseudonyms: Pseudonyms, citizens: Iterable[int], at: datetime) -> int:
    """Set a tombstone for each of ``citizens`` that has none. Returns how many were set."""
    tombstones = Tombstones(lake.scan("tombstones").collect(), pseudonyms)
    return lake.append("tombstones", tombstones.new(citizens, at))


def buried(lake: Lake, pseudonyms: Pseudonyms) -> frozenset[int]:
    """Who stands in the lake and has a tombstone: nobody, unless an erasure was cut off or an
    identifier turned out to be an erased citizen's only after its records had landed."""
    tombstones = Tombstones(lake.scan("tombstones").collect(), pseudonyms)
    if not tombstones:
        return frozenset()
    here = [
        lake.scan(table).select(pl.col(column).alias("citizen"))
        for table in TABLES
        for column in ("citizen", "alias", "relative")
        if column in lake.scan(table).collect_schema()
    ]
    everyone = pl.concat(here).drop_nulls().unique().collect()["citizen"]
    return frozenset(everyone.filter(tombstones.of(everyone)))


def erase(
    lake: Lake, pseudonyms: Pseudonyms, citizens: Collection[int], texts: Collection[str] = ()
) -> dict[str, int]:
    """Take ``citizens`` (all their pseudonyms) out of the newest version of every table.

    Doing it again does nothing. History is forgotten by
    :func:`features.rewriting.forget_history`.

    Parameters
    ----------
    texts
        The tokens that replaced their numbers at the door, in notes and case numbers of others
        too. Each becomes a word without meaning, the same in every table. A quarantine row with
        one of them goes.

    Returns
    -------
    By table, how many rows were removed or changed; tables that were not touched are left out.
    """
    theirs = pl.Series(list(citizens), dtype=pl.Int64).implode()
    words = {text: "".join(secrets.choice(_LETTERS) for _ in range(16)) for text in texts if text}
    touched: dict[str, int] = {}
    for table in sorted(TABLES, key=lambda name: name in _ORDER):
        for bucket, rows in holding(lake, table, _concerns(lake, table, theirs, words)):
            left = _reworded(table, _without(table, rows, theirs, pseudonyms), words)
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


def _concerns(lake: Lake, table: str, theirs: pl.Series, words: Mapping[str, str]) -> pl.Expr:
    """Whether a row of ``table`` is theirs, names them or holds one of the texts."""
    schema = lake.scan(table).collect_schema()
    said = [_is(column, theirs) for column, kind in schema.items() if kind == pl.Int64]
    if words:
        texts = [column for column, kind in schema.items() if kind == pl.String]
        said += [_says(column, words) for column in texts]
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


def _reworded(table: str, rows: pl.DataFrame, words: Mapping[str, str]) -> pl.DataFrame:
    if not words:
        return rows
    texts = [column for column, kind in rows.schema.items() if kind == pl.String]
    if table == "quarantine":
        return rows.filter(~pl.any_horizontal(_says(column, words) for column in texts))
    return rows.with_columns(
        pl.col(column).str.replace_many(list(words), list(words.values())) for column in texts
    )


def _is(column: str, theirs: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(theirs).fill_null(value=False)


def _says(column: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).str.contains_any(list(words)).fill_null(value=False)


def _difference(rows: pl.DataFrame, left: pl.DataFrame) -> int:
    """How many of ``rows`` are not in ``left`` as they were."""
    return rows.height - rows.join(left, on=rows.columns, how="semi", nulls_equal=True).height
