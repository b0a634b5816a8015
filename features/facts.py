"""Facts: what a register holds true of a citizen over a period.

A fact's value stands twice: as text (``value``) and as a number (``number``) for computing. The
number of a boolean is 0 or 1, of a date the days since 1970-01-01, of a category the index in
the declared categories.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

FACTS = pl.Schema(
    {
        "fact_id": pl.String,  # unique within its source
        "citizen": pl.Int64,
        "name": pl.String,  # a fact of the domain
        "value": pl.String,
        "number": pl.Float64,
        "valid_from": INSTANT,
        "valid_to": INSTANT,  # null: until further notice
        "known_at": INSTANT,
        "source": pl.String,
        "order": pl.Int64,
        "alias": pl.Int64,  # as of events
    }
)
"""Two tables hold this schema: ``facts`` (free) and ``protected`` (criterion-only and never)."""
