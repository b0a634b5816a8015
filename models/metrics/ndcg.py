"""Normalised discounted cumulative gain over each citizen's own list (Järvelin 2002)."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.metrics.rows import NOTHING


def ndcg(lists: pl.DataFrame, *, k: int = 5) -> float:
    """The mean NDCG@k over the lists that hold a positive; NaN when none does.

    Parameters
    ----------
    lists
        ``list`` (any key), ``score`` (Float64), ``label`` (0/1). Tied scores keep the gain of
        their mean, as if drawn in random order.
    """
    found = ndcg_by_list(lists, k=k)
    return NOTHING if found.is_empty() else float(found.get_column("value").to_numpy().mean())


def ndcg_by_list(lists: pl.DataFrame, *, k: int = 5) -> pl.DataFrame:
    """``list, value`` of every list that holds a positive, in order of ``list``."""
    positive = lists.filter((pl.col("label").sum() > 0).over("list"))
    ordered = positive.sort(["list", "score"], descending=[False, True]).with_columns(
        (pl.int_range(pl.len()) + 1).over("list").alias("place"),
        pl.col("label").cast(pl.Float64).mean().over("list", "score").alias("gain"),
    )
    by_list = (
        ordered.with_columns(
            pl.when(pl.col("place") <= k)
            .then(pl.col("gain") / (pl.col("place") + 1).log(2))
            .otherwise(0.0)
            .alias("discounted")
        )
        .group_by("list", maintain_order=True)
        .agg(pl.col("discounted").sum(), pl.col("label").sum().alias("positives"))
    )
    ideal = np.r_[0.0, np.cumsum(1 / np.log2(np.arange(2, k + 2)))]
    best = ideal[np.minimum(by_list["positives"].to_numpy().astype(int), k)]
    value = by_list["discounted"].to_numpy() / best
    return by_list.select("list", pl.Series("value", value, dtype=pl.Float64))
