"""How little known what is suggested is: the mean self-information of the first k suggestions.

A service that few find by themselves tells more than one that everybody finds. After Zhou and
others (2010, PNAS 107), who take the logarithm of inverse popularity; the popularity of a service
is here the share of its candidates that take it up without help. It says nothing of being right:
a list drawn by lot is novel too, so it is read beside the need reached.
"""

from __future__ import annotations

import polars as pl

LEAST_SHARE = 1e-4
"""A service that nobody took up yet is as novel as one in ten thousand: 13.3 bits."""


def novelty_by_list(first: pl.DataFrame, popularity: dict[str, float]) -> pl.DataFrame:
    """``list, value``: the mean of -log2(popularity) in bits, in order of ``list``.

    Parameters
    ----------
    first
        ``list``, ``service`` of the suggestions (:func:`models.metrics.coverage.first_of`).
    """
    share = pl.col("service").replace_strict(popularity, return_dtype=pl.Float64)
    bits = -share.clip(lower_bound=LEAST_SHARE).log(2)
    return first.group_by("list").agg(bits.mean().alias("value")).sort("list")
