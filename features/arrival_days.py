"""On which days a source made something known: noted in every file of the lake as it is written.

So nobody has to read all records to learn which silos are present and where they fell silent.
"""

from __future__ import annotations

import base64
import io

import polars as pl

from features.events import INSTANT

ARRIVALS = pl.Schema(
    {
        "source": pl.String,
        "first_at": INSTANT,  # the first and last known_at of a day (UTC)
        "last_at": INSTANT,
    }
)

NOTE = "voorzet.arrivals"
"""The key of a Parquet file's footer under which its arrival days are."""


def arrival_days(records: pl.LazyFrame) -> pl.DataFrame:
    """The days on which each source made one of ``records`` (source, known_at) known:
    :data:`ARRIVALS`, sorted."""
    day = pl.col("known_at").dt.truncate("1d").alias("day")
    return (
        records.group_by("source", day)
        .agg(pl.col("known_at").min().alias("first_at"), pl.col("known_at").max().alias("last_at"))
        .select(ARRIVALS.names())
        .collect()
        .sort("source", "first_at")
    )


def joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The arrivals of several files as those of one."""
    day = pl.col("first_at").dt.truncate("1d").alias("day")
    every = pl.concat([ARRIVALS.to_frame(), *parts])
    return (
        every.group_by("source", day)
        .agg(pl.col("first_at").min(), pl.col("last_at").max())
        .select(ARRIVALS.names())
        .sort("source", "first_at")
    )


def noted(arrivals: pl.DataFrame) -> dict[str, str]:
    """The note for a file's footer."""
    written = io.BytesIO()
    arrivals.write_ipc(written, compression="zstd")
    return {NOTE: base64.b64encode(written.getvalue()).decode("ascii")}


def read_note(footer: dict[bytes, bytes] | None) -> pl.DataFrame | None:
    """The arrivals in a footer's metadata; None where nobody noted them."""
    note = (footer or {}).get(NOTE.encode())
    return None if note is None else pl.read_ipc(base64.b64decode(note)).cast(ARRIVALS)
