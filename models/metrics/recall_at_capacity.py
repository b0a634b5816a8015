"""Of those who took a service up, the share among the first so many that would be reached."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def recall_at_capacity(
    labels: Vector,
    scores: Vector,
    weights: Vector | None = None,
    *,
    capacity: float = 0.1,
) -> float:
    """The share of the positives' weight within the best-scored ``capacity`` of the rows.

    Tied scores share what is left of the capacity evenly, so that a constant score reaches
    ``capacity`` of them. NaN without a positive.
    """
    weight = weights_of(labels, weights)[None, :]
    return float(recall_at_capacity_draws(labels, scores, weight, capacity=capacity)[0])


def recall_at_capacity_draws(
    labels: Vector, scores: Vector, weights: Vector, *, capacity: float = 0.1
) -> Vector:
    """One value per row of ``weights`` (draws, rows); who is reached is the same in all."""
    hits = weights * labels
    total = hits.sum(axis=1)
    reached = hits @ reached_at_capacity(scores, capacity)
    found = np.divide(reached, total, out=np.zeros(len(weights)), where=total > 0)
    return np.where(total > 0, found, NOTHING)


def reached_at_capacity(scores: Vector, capacity: float) -> Vector:
    """Of each row the chance of standing within the best-scored ``capacity`` of all: 1, 0, or for
    those tied at the edge what is left for each of them."""
    if len(scores) == 0:
        return np.empty(0)
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    rows = np.diff(np.r_[starts, len(ranked)])
    left = capacity * len(ranked) - (np.cumsum(rows) - rows)
    reached = np.empty(len(ranked))
    reached[order] = np.repeat(np.clip(left / rows, 0.0, 1.0), rows)
    return reached
