"""Revisions: what a source took back of what it had delivered.

A record is never changed in the lake. A *correction* is a new version of it under the same id, and
a row here; a *withdrawal* is a row here alone. From ``known_at`` on, every version of the record
that was known before is no longer true; seen from an earlier date it still is.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

REVISIONS = pl.Schema(
    {
        "revision_id": pl.String,  # unique within its source
        "citizen": pl.Int64,  # of the versions that are no longer true
        "table": pl.String,  # events, facts, protected or relations
        "record_id": pl.String,  # event_id, fact_id or relation_id
        "known_at": INSTANT,
        "source": pl.String,
        "order": pl.Int64,
        "alias": pl.Int64,  # as of events
    }
)
