"""Bootstrap intervals that draw whole citizens (or households), not rows.

A citizen stands in the test period several times; rows drawn one by one would make intervals too
narrow. Every cluster gets a Poisson(1) weight (the Poisson bootstrap), so that all draws are one
matrix and a metric sorts its scores once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector

DRAWS = 200
MAX_CELLS = 8_000_000
"""Draws times rows kept in memory at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95% interval; all NaN where there is no ground truth."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """For JSON: NaN becomes null."""
        parts = {"value": self.value, "low": self.low, "high": self.high}
        return {key: (float(part) if np.isfinite(part) else None) for key, part in parts.items()}


def cluster_draws(clusters: NDArray[np.int64], *, seed: int, draws: int = DRAWS) -> Vector:
    """Weights (draws, rows): the same Poisson(1) weight for the rows of one cluster."""
    _, place = np.unique(clusters, return_inverse=True)
    count = int(place.max()) + 1 if len(place) else 0
    rows = max(len(place), 1)
    random = np.random.default_rng(seed)
    weights = random.poisson(1.0, size=(min(draws, MAX_CELLS // rows + 1), count))
    return weights.astype(np.float64)[:, place]


def interval(value: float, drawn: Vector) -> Interval:
    """``value`` with the 2.5th and 97.5th percentile of what was ``drawn``.

    Without at least 20 finite draws the ends are NaN.
    """
    finite = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(finite) < 20:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(finite, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def cluster_mean(
    values: Vector,
    weights: Vector,
    clusters: NDArray[np.int64],
    *,
    seed: int,
    draws: int = DRAWS,
) -> Interval:
    """The weighted mean of ``values`` with its interval, drawing whole clusters; NaN without
    weight.

    Sums are taken by cluster first, so that many rows cost no more than their clusters.
    """
    total = float(weights.sum())
    if total <= 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    _, place = np.unique(clusters, return_inverse=True)
    above, below = np.bincount(place, weights * values), np.bincount(place, weights)
    drawn = np.random.default_rng(seed).poisson(1.0, size=(draws, len(below)))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (drawn @ above) / (drawn @ below)
    return interval(float(above.sum()) / total, means)
