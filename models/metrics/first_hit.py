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
    positive = lists.filter((pl.col("label").sum() > 0).over("list"))
    if positive.is_empty():
        return NOTHING
    firsts = positive.filter((pl.col("score") == pl.col("score").max()).over("list"))
    by_list = firsts.group_by("list").agg(pl.col("label").cast(pl.Float64).mean())
    return float(by_list.get_column("label").sum() / by_list.height)
