"""The share of the catalogue that stands in anyone's first k suggestions."""

from __future__ import annotations

import polars as pl

from models.metrics.rows import NOTHING


def coverage(ranked: pl.DataFrame, *, services: int, k: int = 5) -> float:
    """Distinct services among the first ``k`` of every list, over ``services``.

    Parameters
    ----------
    ranked
        ``list``, ``service``, ``score``. NaN when there is no list or no service.
    """
    if ranked.is_empty() or services == 0:
        return NOTHING
    first = ranked.filter(pl.col("score").rank("ordinal", descending=True).over("list") <= k)
    return first["service"].n_unique() / services
