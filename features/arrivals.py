"""When each source delivered: which silos are present at a date, and where they fell silent."""

from __future__ import annotations

from datetime import datetime
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.arrival_days import joined
from features.events import INSTANT
from features.lake import Lake, TableName
from features.remembered import remembered
from features.windows import microseconds

_TABLES: tuple[TableName, ...] = ("events", "facts", "protected", "relations")

SILENCES = pl.Schema({"source": pl.String, "from": INSTANT, "to": INSTANT})
_NO_SILENCES = SILENCES.to_frame()
_SILENT = {"source": pl.String, "from": pl.Int64, "to": pl.Int64}
_DAY = 86_400_000_000
_NEVER_MISSED = 100_000
"""Days: nothing is expected of a source that does not say."""

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
        return _NO_SILENCES
    now = microseconds(as_of)
    found: list[tuple[str, int, int | None]] = []
    for source, (first, last) in _spoken(arrivals(lake)).items():
        known = int(np.searchsorted(first, now, side="right"))
        since, until = np.minimum(last[:known], now), np.append(first[1:known], now)[:known]
        longest = expected_days.get(source, _NEVER_MISSED) * _DAY
        found += [
            (source, int(since[at]), int(until[at]) if at + 1 < known else None)
            for at in np.flatnonzero(until - since > longest)
        ]
    return pl.DataFrame(found, schema=_SILENT, orient="row").cast(SILENCES)


@remembered(8)
def _spoken(days: pl.DataFrame) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Of each source the first and the last word of each day, in microseconds since 1970."""
    return {
        source: (
            part["first_at"].to_physical().to_numpy(),
            part["last_at"].to_physical().to_numpy(),
        )
        for (source,), part in days.partition_by("source", as_dict=True).items()
    }
