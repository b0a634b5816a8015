"""Revisions: what a source took back of what it had delivered.

A record is never changed in the lake. A *correction* is a new version of it under the same id, and
a row here; a *withdrawal* is a row here alone. From ``known_at`` on, every version of the record
that was known before is no longer true; seen from an earlier date it still is. A withdrawal also
ends the version that became known at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from features.events import INSTANT

if TYPE_CHECKING:
    from features.lake import Lake

REVISIONS = pl.Schema(
    {
        "revision_id": pl.String,  # unique within its source
        "citizen": pl.Int64,  # of the versions that are no longer true
        "table": pl.String,  # events, facts, protected or relations
        "record_id": pl.String,  # event_id, fact_id or relation_id
        "known_at": INSTANT,
        "withdrawn": pl.Boolean,  # taken back; false: another version has come
        "source": pl.String,
        "order": pl.Int64,
        "alias": pl.Int64,  # as of events
    }
)


def standing(
    records: pl.DataFrame, revisions: pl.DataFrame | None, table: str, as_of: datetime
) -> pl.DataFrame:
    """The ``records`` of ``table`` that are still true at ``as_of``, in the order they came in.

    Parameters
    ----------
    records
        With the id of ``table``, ``source`` and ``known_at``; others are handed through.
    revisions
        :data:`REVISIONS` of the same citizens, those of other tables and later ones among them;
        None when nothing was ever taken back.
    """
    ended = _ended(revisions, table, as_of)
    return records if ended is None else _without(records.lazy(), ended, table).collect()


def everyone_standing(
    lake: Lake, table: str, as_of: datetime, buckets: Iterable[int] | None = None
) -> pl.LazyFrame:
    """The rows of ``table`` that were known and true at ``as_of``, of everybody
    (or of ``buckets``), lazily."""
    known = lake.scan(table, buckets).filter(pl.col("known_at") <= as_of)
    if not lake.rows("revisions"):
        return known
    ended = _ended(lake.scan("revisions").collect(), table, as_of)
    return known if ended is None else _without(known, ended, table)


def _ended(revisions: pl.DataFrame | None, table: str, as_of: datetime) -> pl.DataFrame | None:
    """Of each record of ``table`` that was taken back by ``as_of``, until when its versions are no
    longer true; None when there is none."""
    if revisions is None or revisions.is_empty():
        return None
    told = revisions.filter(pl.col("table") == table, pl.col("known_at") <= as_of)
    if told.is_empty():
        return None
    return told.group_by("source", "record_id").agg(
        pl.col("known_at").max().alias("\0revised"),
        pl.col("known_at").filter("withdrawn").max().alias("\0withdrawn"),
    )


def _without(records: pl.LazyFrame, ended: pl.DataFrame, table: str) -> pl.LazyFrame:
    column = {"events": "event_id", "relations": "relation_id"}.get(table, "fact_id")
    beside = records.join(
        ended.lazy(),
        left_on=["source", column],
        right_on=["source", "record_id"],
        how="left",
        maintain_order="left",
    )
    over = (pl.col("known_at") < pl.col("\0revised")) | (
        pl.col("known_at") <= pl.col("\0withdrawn")
    )
    return beside.filter(~over.fill_null(value=False)).drop("\0revised", "\0withdrawn")


def bucket_revisions(lake: Lake, buckets: Iterable[int]) -> pl.DataFrame | None:
    """The revisions in ``buckets``; None when the lake has none at all, which costs nothing."""
    if not lake.rows("revisions"):
        return None
    return lake.scan("revisions", buckets).collect()


def citizens_revisions(lake: Lake, citizens: Sequence[int]) -> pl.DataFrame | None:
    """The revisions of ``citizens``; None when the lake has none at all, which costs nothing."""
    if not citizens:
        return None
    asked = dict.fromkeys(citizens)
    if lake.rows("revisions"):
        return pl.concat([lake.citizen("revisions", citizen) for citizen in asked])
    if lake.beside is None:
        return None
    new = [lake.beside.rows(lake, "revisions", citizen) for citizen in asked]
    told = [rows for rows in new if rows is not None]
    return pl.concat(told) if told else None
