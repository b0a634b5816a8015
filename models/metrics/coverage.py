"""The share of the catalogue that stands in anyone's first k suggestions."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.metrics.interval import DRAWS, Interval, interval
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
    return first_of(ranked, k=k)["service"].n_unique() / services


def first_of(ranked: pl.DataFrame, *, k: int) -> pl.DataFrame:
    """The rows that stand among the first ``k`` of their ``list`` by ``score``; ties go by row."""
    return ranked.filter(pl.col("score").rank("ordinal", descending=True).over("list") <= k)


def coverage_interval(
    first: pl.DataFrame,
    clusters: NDArray[np.int64],
    *,
    services: int,
    seed: int,
    draws: int = DRAWS,
) -> Interval:
    """The coverage of the first suggestions, with its interval.

    A draw leaves clusters out and adds no service, so that the interval lies at or below the value:
    its lower end says how much hangs on few people.

    Parameters
    ----------
    first
        ``service``, of the suggestions (:func:`first_of`).
    clusters
        Of each suggestion, whose it is.
    """
    if first.is_empty() or services == 0:
        return Interval(NOTHING, NOTHING, NOTHING)
    _, place = np.unique(clusters, return_inverse=True)
    drawn = np.random.default_rng(seed).poisson(1.0, size=(draws, int(place.max()) + 1)) > 0
    told = first["service"].to_numpy()
    seen = [drawn[:, np.unique(place[told == one])].any(axis=1) for one in np.unique(told)]
    return interval(len(seen) / services, np.sum(seen, axis=0) / services)
