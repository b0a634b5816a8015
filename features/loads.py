"""Loads: which delivered files have been landed, so that none is landed twice."""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

LOADS = pl.Schema(
    {
        "load_id": pl.String,  # keyed hash of source, mapping and content
        "source": pl.String,
        "mapping": pl.String,
        "file": pl.String,
        "rows": pl.Int64,
        "events": pl.Int64,
        "facts": pl.Int64,
        "protected": pl.Int64,
        "relations": pl.Int64,
        "links": pl.Int64,
        "quarantined": pl.Int64,
        "truncated": pl.Boolean,
        "landed_at": INSTANT,
    }
)
