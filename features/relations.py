"""Relations: dated ties between citizens (partner, child, household, representative).

``relative_birth_date`` is the only thing a relation discloses of the relative: the register
holds it on the citizen's own record.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

RELATIONS = pl.Schema(
    {
        "relation_id": pl.String,  # unique within its source
        "citizen": pl.Int64,
        "kind": pl.String,  # a relation of the domain
        "relative": pl.Int64,  # the relative's pseudonym; null when unknown
        "relative_birth_date": pl.Date,
        "valid_from": INSTANT,
        "valid_to": INSTANT,
        "known_at": INSTANT,
        "source": pl.String,
        "order": pl.Int64,
        "alias": pl.Int64,  # as of events, and of the citizen
        "relative_alias": pl.Int64,  # the same of the relative
    }
)
