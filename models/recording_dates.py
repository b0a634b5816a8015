"""Which signals rest on records that do not say when they were recorded.

``known_at`` keeps what was written later out of a snapshot, but only where a source tells it. A
mapping without a recorded date takes the day of the event for it, or always so many days after.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from features.families import Signal
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary

SAME_DELAY = 0.95
"""With one and the same delay in this share of a kind of record, nobody wrote the date down."""


def undated(lake: Lake, pack: Pack, until: datetime) -> frozenset[str]:
    """The names of the signals with a kind of record behind them that carries no date of its own.

    A signal rests on the event types and facts that its name speaks of; where it speaks of none,
    on everything of its sources, or of all where the pack does not tell them.
    """
    dateless, every = _kinds(lake, until)
    return frozenset(one.name for one in dictionary(pack) if _rests_on(one, every) & dateless)


Kind = tuple[str, str]
"""A source, and an event type or fact of it."""


def _rests_on(signal: Signal, every: frozenset[Kind]) -> frozenset[Kind]:
    among = frozenset(kind for kind in every if not signal.sources or kind[0] in signal.sources)
    spoken = frozenset(kind for kind in among if kind[1].replace("-", "_") in signal.name)
    return spoken or among


def _kinds(lake: Lake, until: datetime) -> tuple[frozenset[Kind], frozenset[Kind]]:
    """The kinds of record without a date of their own, and all kinds."""
    parts = [
        _delays(lake.scan("events"), "type", "occurred_at", until),
        _delays(lake.scan("facts"), "name", "valid_from", until),
    ]
    counted = pl.concat(parts)
    dateless = counted.filter(pl.col("usual") >= SAME_DELAY * pl.col("rows"))
    return _pairs(dateless), _pairs(counted)


def _delays(rows: pl.LazyFrame, kind: str, dated: str, until: datetime) -> pl.DataFrame:
    """source, kind, rows, usual: how many of the rows have the most usual delay in days."""
    delay = (pl.col("known_at") - pl.col(dated)).dt.total_days()
    return (
        rows.filter(pl.col("known_at") <= until)
        .select("source", pl.col(kind).alias("kind"), delay.alias("delay"))
        .group_by("source", "kind", "delay")
        .len()
        .group_by("source", "kind")
        .agg(pl.col("len").sum().alias("rows"), pl.col("len").max().alias("usual"))
        .collect()
    )


def _pairs(counted: pl.DataFrame) -> frozenset[Kind]:
    return frozenset(counted.select("source", "kind").iter_rows())
