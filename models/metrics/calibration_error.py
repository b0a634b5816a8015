"""How far probabilities stand from frequencies, without the bias of small bins.

The plug-in calibration error of a perfectly calibrated model is above zero, for every bin's
frequency is noisy. Kumar, Liang and Ma (2019) subtract that noise in the squared error.
"""

from __future__ import annotations

import numpy as np

from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of

BINS = 15


def calibration_error(
    labels: Vector, probabilities: Vector, weights: Vector | None = None
) -> float:
    """The debiased root-mean-square calibration error over 15 bins of equal size; NaN with
    fewer than ten rows a bin or without a positive.
    """
    weight = weights_of(labels, weights)
    counted = weight > 0
    label, probability, weight = labels[counted], probabilities[counted], weight[counted]
    if len(label) < 10 * BINS or not 0 < label.sum() < len(label):
        return NOTHING
    order = np.argsort(probability, kind="stable")
    starts = np.linspace(0, len(order), BINS + 1).astype(int)[:-1]
    mass = np.add.reduceat(weight[order], starts)
    seen = np.add.reduceat((weight * label)[order], starts) / mass
    said = np.add.reduceat((weight * probability)[order], starts) / mass
    effective = mass**2 / np.add.reduceat((weight**2)[order], starts)
    noise = seen * (1 - seen) / np.maximum(effective - 1, 1)
    squared = float((mass / mass.sum() * ((seen - said) ** 2 - noise)).sum())
    return float(np.sqrt(max(squared, 0.0)))
