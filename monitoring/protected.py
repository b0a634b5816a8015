"""Protected facts, for audits of fairness alone. Nothing that scores or ranks may come here."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing


def audited_facts(lake: Lake, pack: Pack, citizens: pl.Series, as_of: datetime) -> pl.DataFrame:
    """What was held true at ``as_of`` of the facts that the domain's fairness groupings name.

    Parameters
    ----------
    citizens
        Int64; all of one bucket, or of several.

    Returns
    -------
    citizen, name, value, number: one row per citizen and fact.
    """
    names = sorted({grouping.fact for grouping in pack.domain.fairness.values()})
    buckets = (citizens % lake.buckets).unique().to_list()
    return (
        everyone_standing(lake, "protected", as_of, buckets)
        .filter(
            pl.col("name").is_in(names),
            pl.col("valid_from") <= as_of,
            pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of),
            pl.col("citizen").is_in(citizens.implode()),
        )
        .collect()
        .sort("citizen", "name", "valid_from", "known_at", "order")
        .unique(["citizen", "name"], keep="last", maintain_order=True)
        .select("citizen", "name", "value", "number")
    )
