"""What the lake has recorded of citizens, without the columns that say nothing of them.

A record's own id and alias are read only where they are needed: where a source took records back,
and where two records tie in everything else that orders them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import polars as pl

from features.codes import moments
from features.kernels.columns import places_until
from features.lake import Lake, TableName
from features.linkage.resolving import NOBODY, bucket_rows, citizen_rows
from features.ordering import in_order, tied
from features.revisions import bucket_revisions, citizens_revisions, standing
from features.tables import LAYOUT, columns_of
from features.windows import microseconds

Read = Callable[[list[str]], pl.DataFrame]
"""Reads some columns of a table."""

_IDS = ("event_id", "fact_id", "alias")


def of_bucket(
    lake: Lake,
    table: TableName,
    bucket: int,
    as_of: datetime,
    *,
    counted: pl.DataFrame = NOBODY,
    among: pl.Series | None = None,
) -> pl.DataFrame:
    """The rows of ``table`` in ``bucket`` that were known and true at ``as_of``, in order.

    Parameters
    ----------
    counted
        Who counts as whom (:func:`features.linkage.resolving.counting`).
    among
        Int64: these citizens alone.
    """
    scan = bucket_rows(lake, table, bucket, counted).filter(pl.col("known_at") <= as_of)
    if among is not None:
        scan = scan.filter(pl.col("citizen").is_in(among.implode()))
    revisions = bucket_revisions(lake, [bucket])
    if revisions is not None and not counted.is_empty():
        revisions = bucket_rows(lake, "revisions", bucket, counted).collect()
    return _recorded(
        lambda columns: _whole(scan.select(columns).collect()), table, revisions, as_of
    )


def of_citizens(
    lake: Lake,
    table: TableName,
    citizens: Sequence[int],
    as_of: datetime,
    *,
    counted: pl.DataFrame = NOBODY,
) -> pl.DataFrame:
    """The rows of ``table`` about ``citizens`` that were known and true at ``as_of``, in order.

    ``counted`` as of :func:`of_bucket`.
    """
    asked = list(dict.fromkeys(citizens))
    latest = microseconds(as_of)

    def read(columns: list[str]) -> pl.DataFrame:
        if counted.is_empty():
            parts = [lake.citizen(table, citizen, columns) for citizen in sorted(asked)]
            rows = pl.concat(parts) if len(parts) != 1 else parts[0]
        else:
            rows = citizen_rows(lake, table, asked, counted).select(columns)
        at = places_until(moments(rows["known_at"]), latest)
        return rows if len(at) == rows.height else rows[at]

    revisions = citizens_revisions(lake, asked)
    if revisions is not None and not counted.is_empty():
        revisions = citizen_rows(lake, "revisions", asked, counted)
    return _recorded(read, table, revisions, as_of)


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with each column of numbers in one piece, as arrays are. Texts stay in the pieces
    they were read in: nobody needs them otherwise, and to join them takes as long as to read them.
    """
    return rows.with_columns(
        column.rechunk() for column in rows if column.dtype != pl.String and column.n_chunks() > 1
    )


def _recorded(
    read: Read, table: TableName, revisions: pl.DataFrame | None, as_of: datetime
) -> pl.DataFrame:
    every, order = columns_of(table), LAYOUT[table].sort
    few = [name for name in every if name not in _IDS]
    if revisions is not None and not revisions.is_empty():
        true = standing(read(every), revisions, table, as_of)
        return in_order(true, order).select(few)
    rows = read(few)
    by = [name for name in order if name in few]
    again = tied(rows, by)
    if again is None:
        rows = rows.sort(by)
        again = tied(rows, by)
    if again is None or len(again):
        return read(every).sort(order).select(few)
    return rows
