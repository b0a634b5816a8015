"""Links: different identifiers of one person, so that silos meet in one citizen.

A file's ``links`` tie the client number of a case system, say, to a BSN. The pseudonym of the
BSN is the citizen; the other is an alias. What was landed under an alias before its link was
known is moved to the citizen when the link comes.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

LINKS = pl.Schema(
    {
        "scheme": pl.String,  # the alias's scheme
        "alias": pl.Int64,
        "citizen": pl.Int64,
        "known_at": INSTANT,
        "source": pl.String,
    }
)
