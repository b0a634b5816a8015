"""How often the first of a list is right."""

from __future__ import annotations

import polars as pl

from models.metrics.rows import NOTHING


def first_hit(lists: pl.DataFrame) -> float:
    """The share of the lists that hold a positive whose first entry is one; NaN when none does.

    Parameters
    ----------
    lists
        ``list`` (any key), ``score`` (Float64), ``label`` (0/1). Among tied firsts each counts
        for its part, as if one were drawn.
    """
    found = first_hit_by_list(lists)
    return NOTHING if found.is_empty() else float(found.get_column("value").to_numpy().mean())


def first_hit_by_list(lists: pl.DataFrame) -> pl.DataFrame:
    """``list, value`` of every list that holds a positive, in order of ``list``."""
    positive = lists.filter((pl.col("label").sum() > 0).over("list"))
    firsts = positive.filter((pl.col("score") == pl.col("score").max()).over("list"))
    return (
        firsts.group_by("list")
        .agg(pl.col("label").cast(pl.Float64).mean().alias("value"))
        .sort("list")
    )
