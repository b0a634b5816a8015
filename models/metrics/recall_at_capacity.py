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
    weight = weights_of(labels, weights)
    total = float((weight * labels).sum())
    if total <= 0:
        return NOTHING
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    hits = np.add.reduceat((weight * labels)[order], starts)
    rows = np.diff(np.r_[starts, len(ranked)])
    left = capacity * len(ranked) - (np.cumsum(rows) - rows)
    reached = np.clip(left / rows, 0.0, 1.0)
    return float((hits * reached).sum() / total)
