"""The mean squared distance between probability and outcome (Brier 1950), and its skill."""

from __future__ import annotations

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def brier(labels: Vector, probabilities: Vector, weights: Vector | None = None) -> float:
    """Weighted Brier score; NaN without rows."""
    weight = weights_of(labels, weights)
    if float(weight.sum()) <= 0:
        return NOTHING
    return float((weight * (probabilities - labels) ** 2).sum() / weight.sum())


def brier_skill(labels: Vector, probabilities: Vector, weights: Vector | None = None) -> float:
    """1 - Brier / Brier of the plain share; above 0 it says more than the share alone. NaN
    where the share is 0 or 1.
    """
    weight = weights_of(labels, weights)
    if float(weight.sum()) <= 0:
        return NOTHING
    share = float((weight * labels).sum() / weight.sum())
    spread = share * (1 - share)
    return 1 - brier(labels, probabilities, weight) / spread if spread > 0 else NOTHING
