"""Matches: who a person of a silo without a BSN probably is. No value of anyone stands in it.

A match is a version, as a fact is: the last one known of a pair is what holds. A pair that fell
away is a last version with a probability of zero.
"""

from __future__ import annotations

import polars as pl

from features.events import INSTANT

MATCHES = pl.Schema(
    {
        "alias": pl.Int64,  # the silo's own person
        "citizen": pl.Int64,
        "scheme": pl.String,  # the alias's identifier scheme
        "weight": pl.Float64,  # what the comparisons say together: bits, log2 of the Bayes factor
        "prior": pl.Float64,  # the bits that a pair starts from, before anything is compared
        "probability": pl.Float64,  # that this is the person, beside the alias's other candidates
        "contributions": pl.String,  # JSON: comparison → [level, bits]
        "model": pl.String,  # checksum of the model that weighed
        "known_at": INSTANT,
        "source": pl.String,  # what found it: linkage
    }
)

SOURCE = "linkage"


def standing(versions: pl.DataFrame) -> pl.DataFrame:
    """Out of all ``versions`` (:data:`MATCHES`), the last of each pair that did not fall away."""
    last = versions.sort("known_at", maintain_order=True).unique(
        ["alias", "citizen"], keep="last", maintain_order=True
    )
    return last.filter(pl.col("probability") > 0)
