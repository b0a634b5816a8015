"""When each source delivered: which silos are present at a date, and where they fell silent."""

from __future__ import annotations

from datetime import datetime
from weakref import WeakKeyDictionary

import polars as pl

from features.arrival_days import joined
from features.events import INSTANT
from features.lake import Lake, TableName
from features.remembered import remembered

_TABLES: tuple[TableName, ...] = ("events", "facts", "protected", "relations")

_held: WeakKeyDictionary[Lake, tuple[dict[str, int], pl.DataFrame]] = WeakKeyDictionary()


def arrivals(lake: Lake) -> pl.DataFrame:
    """The days on which each source made something known, sorted
    (:data:`features.arrival_days.ARRIVALS`). It is held until the lake moves on.
    """
    versions = lake.versions()
    held = _held.get(lake)
    if held is None or held[0] != versions:
        held = (versions, joined([lake.arrivals(table) for table in _TABLES]))
        _held[lake] = held
    return held[1]


def arrived(lake: Lake, as_of: datetime) -> frozenset[str]:
    """The sources that had delivered anything by ``as_of``."""
    begun = _begun(arrivals(lake))
    return frozenset(source for source, first in begun.items() if first <= as_of)


@remembered(8)
def _begun(days: pl.DataFrame) -> dict[str, datetime]:
    """When each source first delivered anything."""
    return dict(days.group_by("source").agg(pl.col("first_at").min()).iter_rows())


def silences(lake: Lake, as_of: datetime, expected_days: dict[str, int]) -> pl.DataFrame:
    """When a source was silent for longer than expected of it.

    Parameters
    ----------
    expected_days
        How often each source should deliver at least; others are left out.

    Returns
    -------
    ``source``, ``from`` (its last word) and ``to`` (its next one; null while it lasts).
    """
    if not expected_days:
        return pl.DataFrame(schema={"source": pl.String, "from": INSTANT, "to": INSTANT})
    days = arrivals(lake).filter(
        pl.col("first_at") <= as_of, pl.col("source").is_in(list(expected_days))
    )
    next_at = pl.col("first_at").shift(-1).over("source")
    silent = days.with_columns(next_at.alias("to")).with_columns(
        (pl.col("to").fill_null(as_of) - pl.min_horizontal("last_at", pl.lit(as_of))).alias("for"),
        pl.col("source").replace_strict(expected_days, return_dtype=pl.Int64).alias("expected"),
    )
    return silent.filter(pl.col("for") > pl.duration(days="expected")).select(
        "source", pl.col("last_at").alias("from"), "to"
    )
