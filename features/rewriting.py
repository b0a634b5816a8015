"""Taking rows out of the lake for good: rows replaced bucket by bucket, then history forgotten.

A Delta table keeps what was removed in old files and in its log. :func:`forget_history` leaves
only the version that holds; nobody can travel back past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from features.lake import Lake
from features.tables import CITIZEN_TABLES, TABLES


def parts(lake: Lake, table: str) -> Iterable[int | None]:
    """What ``table`` can be rewritten by: its buckets, or None for a table without."""
    if not lake.exists(table):
        return ()
    return range(lake.buckets) if table in CITIZEN_TABLES else (None,)


def part(lake: Lake, table: str, bucket: int | None) -> pl.LazyFrame:
    """One part of ``table``."""
    return lake.scan(table, None if bucket is None else [bucket])


def holding(
    lake: Lake, table: str, condition: pl.Expr
) -> Iterator[tuple[int | None, pl.DataFrame]]:
    """The parts of ``table`` with a row on which ``condition`` is true, whole, one at a time."""
    for bucket in parts(lake, table):
        rows = part(lake, table, bucket)
        if not rows.filter(condition).select(pl.len()).collect().item():
            continue
        yield bucket, rows.collect()


def forget_history(lake: Lake) -> int:
    """Delete every file and log entry that the newest versions do not need.

    Readers that hold an older version can read no further. Returns how many files were deleted.
    """
    return sum(lake.forget_history(table) for table in TABLES)
