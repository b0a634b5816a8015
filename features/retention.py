"""Retention: records older than their source may keep them leave the lake.

The days (``retention_days`` of each source) count from when a record stopped mattering:

- an event, from when it occurred;
- a fact or relation, from when it ceased to hold: its ``valid_to``, or the beginning of the fact
  that took its place for good, or the moment its source took it back. What still holds stays;
- a revision, once nothing is left of the record it is about; a link, once nothing is left of the
  citizen; a match or separation, once nothing is left of either; a quarantine row, from when it was
  put there.

All versions of a fact go together: were only the version that closed it to go, an older one would
stand open again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import polars as pl

from features.domain import Domain
from features.events import INSTANT
from features.lake import Lake
from features.rewriting import part, parts
from features.tables import CITIZEN_TABLES

EXPIRED = pl.Schema({"table": pl.String, "source": pl.String, "rows": pl.Int64})

KEPT = frozenset({"loads", "watermarks", "tombstones"})
"""Tables without anybody's records: what was landed, and who may not come back."""

PAIRS = ("matches", "separations")
"""Tables of pairs of people, which go with the last record of either."""

_KEYS: Mapping[str, tuple[str | pl.Expr, ...]] = {
    "facts": ("citizen", "name", "source"),
    "protected": ("citizen", "name", "source"),
    "relations": (
        "citizen",
        "kind",
        pl.coalesce(pl.col("relative").cast(pl.String), "relation_id").alias("\0whom"),
        "source",
    ),
}
"""What makes rows speak of the same thing; with ``valid_from`` they are versions of one record."""

_IDS = {
    "events": "event_id",
    "facts": "fact_id",
    "protected": "fact_id",
    "relations": "relation_id",
}


def cutoffs(domain: Domain, now: datetime) -> dict[str, datetime]:
    """Per source, the moment before which what ended is kept no longer."""
    return {
        name: now - timedelta(days=source.retention_days) for name, source in domain.sources.items()
    }


def retire(lake: Lake, domain: Domain, now: datetime, *, dry_run: bool = False) -> pl.DataFrame:
    """Take out what is past its retention; with ``dry_run`` only count it.

    Doing it again does nothing. History is forgotten by
    :func:`features.rewriting.forget_history`. Rows of a source that the domain does not declare
    stay, for nothing says how long they may be kept.

    Returns
    -------
    :data:`EXPIRED`: how many rows of each table and source, sorted.
    """
    counted = [EXPIRED.to_frame()]
    left: set[int] = set()
    for bucket in range(lake.buckets):
        for table, rows, gone in _expired_in(lake, bucket, cutoffs(domain, now)):
            counted.append(_count(table, rows, gone))
            left.update(rows.filter(~gone)["citizen"])
            if gone.any() and not dry_run:
                lake.replace(table, bucket, rows.filter(~gone))
    for table in PAIRS:
        for _ in parts(lake, table):
            rows = lake.scan(table).collect()
            here = pl.Series(sorted(left), dtype=pl.Int64).implode()
            gone = ~(rows["alias"].is_in(here) & rows["citizen"].is_in(here))
            counted.append(_count(table, rows, gone))
            if gone.any() and not dry_run:
                lake.replace(table, None, rows.filter(~gone))
    for table, at in (("links", "known_at"), ("quarantine", "at")):
        for _ in parts(lake, table):
            rows = lake.scan(table).collect()
            gone = _before(rows, pl.col(at), cutoffs(domain, now))
            if table == "links":
                gone = gone & ~rows["citizen"].is_in(list(left))
            counted.append(_count(table, rows, gone))
            if gone.any() and not dry_run:
                lake.replace(table, None, rows.filter(~gone))
    return (
        pl.concat(counted).group_by("table", "source").agg(pl.sum("rows")).sort("table", "source")
    )


def _expired_in(
    lake: Lake, bucket: int, cuts: Mapping[str, datetime]
) -> Iterator[tuple[str, pl.DataFrame, pl.Series]]:
    """The tables of a bucket, each with which of its rows are past their retention."""
    revisions = part(lake, "revisions", bucket).collect()
    left: dict[str, pl.DataFrame] = {}
    for table in CITIZEN_TABLES:
        if table == "revisions" or not lake.exists(table):
            continue
        rows = part(lake, table, bucket).collect()
        gone = _before(rows, ended(table, rows, revisions), cuts)
        ids = rows.filter(~gone).select("source", record_id=_IDS[table])
        left[table] = ids.with_columns(table=pl.lit(table))
        yield table, rows, gone
    if not revisions.is_empty():
        about = pl.concat([REVISED.to_frame(), *left.values()], how="diagonal")
        keys = list(REVISED)
        needed = revisions.with_row_index("\0row").join(about, on=keys, how="semi")["\0row"]
        old = _before(revisions, pl.col("known_at"), cuts)
        row = pl.int_range(revisions.height, dtype=pl.UInt32, eager=True)
        yield "revisions", revisions, old & ~row.is_in(needed.implode())


REVISED = pl.Schema({"table": pl.String, "source": pl.String, "record_id": pl.String})
"""What a revision is about."""


def ended(table: str, rows: pl.DataFrame, revisions: pl.DataFrame) -> pl.Series:
    """When each of ``rows`` (one bucket of ``table``) stopped mattering; null while it holds."""
    if table == "events":
        return rows["occurred_at"]
    numbered = rows.with_row_index("\0row").with_columns(
        _taken_back(table, rows, revisions).alias("\0back")
    )
    key = [name for name in _KEYS[table] if isinstance(name, str)]
    numbered = numbered.with_columns(name for name in _KEYS[table] if isinstance(name, pl.Expr))
    key += [name for name in numbered.columns if name == "\0whom"]
    versions = _versions(numbered, [*key, "valid_from"])
    if table != "relations":  # a second child does not end the first
        versions = _succeeded(versions, key)
    told = numbered.join(versions, on=[*key, "valid_from"], how="left", nulls_equal=True)
    return told.sort("\0row").select(pl.min_horizontal("\0end", "\0back")).to_series()


def _versions(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """``key`` with ``\\0end``, once for each record: as its last version that stands says, or
    when its last version was taken back."""
    order = ["known_at", "order"]
    standing = rows.filter(pl.col("\0back").is_null()).sort(order)
    last = standing.unique(key, keep="last", maintain_order=True)
    dead = rows.group_by(key).agg(pl.col("\0back").max())
    every = dead.join(
        last.select(*key, "valid_to", stands=pl.lit(value=True)),
        on=key,
        how="left",
        nulls_equal=True,
    )
    end = pl.when(pl.col("stands")).then("valid_to").otherwise("\0back")
    return every.with_columns(end.alias("\0end")).select(*key, "\0end")


def _succeeded(versions: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """An open fact ends where the next open fact of its kind begins: a closed one in between
    gives way to it again."""
    opened = pl.when(pl.col("\0end").is_null()).then("valid_from")
    following = opened.shift(-1).fill_null(strategy="backward").over(key, order_by="valid_from")
    end = pl.coalesce("\0end", following)
    return versions.with_columns(end.alias("\0end"))


def _taken_back(table: str, rows: pl.DataFrame, revisions: pl.DataFrame) -> pl.Series:
    """When the source took each row back; null where it did not."""
    column = _IDS[table]
    about = (
        revisions.filter(pl.col("table") == table)
        .group_by("source", "record_id")
        .agg(pl.col("known_at", "withdrawn").sort_by("known_at", "withdrawn").last())
        .rename({"record_id": column, "known_at": "\0back"})
    )
    told = rows.join(about, on=["source", column], how="left", maintain_order="left")
    known, back = pl.col("known_at"), pl.col("\0back")
    over = (known < back) | ((known == back) & pl.col("withdrawn"))
    return told.select(pl.when(over).then(back)).to_series()


def _before(
    rows: pl.DataFrame, moment: pl.Expr | pl.Series, cuts: Mapping[str, datetime]
) -> pl.Series:
    """Which rows have a ``moment`` before the cutoff of their source: Boolean, never null."""
    cut = pl.col("source").replace_strict(dict(cuts), default=None, return_dtype=INSTANT)
    return rows.select((moment < cut).fill_null(value=False)).to_series()


def _count(table: str, rows: pl.DataFrame, gone: pl.Series) -> pl.DataFrame:
    counts = rows.filter(gone).group_by("source").agg(pl.len().cast(pl.Int64).alias("rows"))
    return counts.select(pl.lit(table).alias("table"), "source", "rows").cast(EXPIRED)
