"""The mean surprise, in nats."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def log_loss(labels: Vector, probabilities: Vector, weights: Vector | None = None) -> float:
    """Weighted negative log-likelihood per row; NaN without rows."""
    weight = weights_of(labels, weights)
    if float(weight.sum()) <= 0:
        return NOTHING
    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    surprise = -(labels * np.log(inside) + (1 - labels) * np.log1p(-inside))
    return float((weight * surprise).sum() / weight.sum())
