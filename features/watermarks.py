"""Watermarks: how far each query on a source's database was read.

The lake keeps them, for they say something about what the lake holds. One is added only after the
rows up to it were landed: an ingest that is killed in between reads them again, and records known
by their id are not landed twice.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

WATERMARKS = pl.Schema(
    {
        "source": pl.String,
        "mapping": pl.String,
        "kind": pl.String,  # integer, date, datetime, instant (with a time zone) or text
        "value": pl.String,
        "landed_at": INSTANT,
    }
)
