"""The ledger's schema: every suggestion, shown or withheld, with what followed.

Serving writes the ledger in its database and hands it out in this shape; training and monitoring
read it from the lake or from such a frame.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

LEDGER = pl.Schema(
    {
        "suggestion": pl.String(),  # the card's id
        "slate": pl.String(),  # one request for suggestions
        "citizen": pl.Int64(),
        "service": pl.String(),
        "kind": pl.String(),  # service or intervention
        "purpose": pl.String(),
        "at": INSTANT,  # when it was asked
        "as_of": INSTANT,  # the snapshot it was answered from
        "lake": pl.String(),  # the lake's table versions, JSON
        "pack": pl.String(),  # the pack's checksum
        "model_version": pl.String(),
        "exploration": pl.Float64(),  # the share of last places that were drawn then
        "shown": pl.Boolean(),
        "position": pl.Int32(),  # on the page, from 1; null when not shown
        "rank": pl.Int32(),  # null when withheld
        "group": pl.String(),
        "eligible": pl.Boolean(),
        "entitled": pl.Float64(),
        "unaided": pl.Float64(),
        "need": pl.Float64(),
        "basis": pl.String(),
        "propensity": pl.Float64(),  # the chance of being shown; null when withheld
        "explored": pl.Boolean(),
        "withheld_by": pl.String(),
        "withheld_reason": pl.String(),
        "outcome": pl.String(),  # accepted, deferred, overridden; null while undecided
        "reason": pl.String(),
        "decided_at": INSTANT,
        "ignored": pl.Boolean(),  # shown some days ago, and nothing was done with it
        "followed": pl.String(),  # granted, refused, applied; nothing once the horizon is over
        "followed_at": INSTANT,
    }
)
