"""The mean squared distance between probability and outcome (Brier 1950), and its skill."""

from __future__ import annotations

import numpy as np

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
    return float(brier_skill_draws(labels, probabilities, weights_of(labels, weights)[None, :])[0])


def brier_skill_draws(labels: Vector, probabilities: Vector, weights: Vector) -> Vector:
    """One value per row of ``weights`` (draws, rows)."""
    total = np.maximum(weights.sum(axis=1), 1e-300)
    share = weights @ labels / total
    spread = share * (1 - share)
    found = weights @ ((probabilities - labels) ** 2) / total
    skill = 1 - np.divide(found, spread, out=np.zeros_like(found), where=spread > 0)
    return np.where(spread > 0, skill, NOTHING)
