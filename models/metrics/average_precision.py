"""The area under precision against recall, as a sum over the steps of recall."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def average_precision(labels: Vector, scores: Vector, weights: Vector | None = None) -> float:
    """Weighted average precision; NaN without a positive. Tied scores share one threshold."""
    draws = average_precision_draws(labels, scores, weights_of(labels, weights)[None, :])
    return float(draws[0])


def average_precision_draws(labels: Vector, scores: Vector, weights: Vector) -> Vector:
    """One value per row of ``weights`` (draws, rows), the scores sorted once."""
    if len(labels) == 0:
        return np.full(len(weights), NOTHING)
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    positive = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    drawn = np.cumsum(np.add.reduceat(weights[:, order], starts, axis=1), axis=1)
    hits = np.cumsum(positive, axis=1)
    precision = np.divide(hits, drawn, out=np.zeros_like(hits), where=drawn > 0)
    total = hits[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (positive * precision).sum(axis=1) / total
    return np.where(total > 0, area, NOTHING)
