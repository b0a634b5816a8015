"""The area under precision against recall, as a sum over the steps of recall."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def average_precision(labels: Vector, scores: Vector, weights: Vector | None = None) -> float:
    """Weighted average precision; NaN without a positive. Tied scores share one threshold."""
    weight = weights_of(labels, weights)
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    if not len(ranked) or float((weight * labels).sum()) <= 0:
        return NOTHING
    ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])
    hits = np.cumsum((weight * labels)[order])[ends]
    drawn = np.cumsum(weight[order])[ends]
    precision = np.divide(hits, drawn, out=np.zeros_like(hits), where=drawn > 0)
    return float((np.diff(np.r_[0.0, hits]) * precision).sum() / hits[-1])
