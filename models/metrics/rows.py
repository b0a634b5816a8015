"""What every metric over rows shares: the absent value and the default weights."""

from __future__ import annotations

import numpy as np

from models.matrix import Vector

NOTHING = float("nan")
"""The value of a metric without ground truth."""


def weights_of(labels: Vector, weights: Vector | None) -> Vector:
    """``weights``, or one for every row."""
    return np.ones(len(labels)) if weights is None else weights
