"""The mean surprise, in nats."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def log_loss(labels: Vector, probabilities: Vector, weights: Vector | None = None) -> float:
    """Weighted negative log-likelihood per row; NaN without rows."""
    return float(log_loss_draws(labels, probabilities, weights_of(labels, weights)[None, :])[0])


def log_loss_draws(labels: Vector, probabilities: Vector, weights: Vector) -> Vector:
    """One value per row of ``weights`` (draws, rows)."""
    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    surprise = -(labels * np.log(inside) + (1 - labels) * np.log1p(-inside))
    total = weights.sum(axis=1)
    mean = np.divide(weights @ surprise, total, out=np.zeros(len(weights)), where=total > 0)
    return np.where(total > 0, mean, NOTHING)
