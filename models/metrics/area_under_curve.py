"""The chance that a positive is scored above a negative (ties count for a half)."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def area_under_curve(labels: Vector, scores: Vector, weights: Vector | None = None) -> float:
    """Weighted area under the ROC curve; NaN without both a positive and a negative."""
    draws = area_under_curve_draws(labels, scores, weights_of(labels, weights)[None, :])
    return float(draws[0])


def area_under_curve_draws(labels: Vector, scores: Vector, weights: Vector) -> Vector:
    """One area per row of ``weights`` (draws, rows), the scores sorted once."""
    if len(labels) == 0:
        return np.full(len(weights), NOTHING)
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    positive = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * (1 - labels[order]), starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (positive * (below + negative / 2)).sum(axis=1) / pairs
    return np.where(pairs > 0, area, NOTHING)
