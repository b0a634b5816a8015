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
    draws = calibration_error_draws(labels, probabilities, weights_of(labels, weights)[None, :])
    return float(draws[0])


def calibration_error_draws(labels: Vector, probabilities: Vector, weights: Vector) -> Vector:
    """One value per row of ``weights`` (draws, rows). A draw makes bins noisier, and its own
    effective sizes take that off again.
    """
    counted = (weights > 0).any(axis=0)
    label, probability, weight = labels[counted], probabilities[counted], weights[:, counted]
    if len(label) < 10 * BINS or not 0 < label.sum() < len(label):
        return np.full(len(weights), NOTHING)
    order = np.argsort(probability, kind="stable")
    starts = np.linspace(0, len(order), BINS + 1).astype(int)[:-1]

    def by_bin(values: Vector) -> Vector:
        return np.asarray(np.add.reduceat(values[:, order], starts, axis=1), dtype=np.float64)

    mass = np.maximum(by_bin(weight), 1e-12)
    seen, said = by_bin(weight * label) / mass, by_bin(weight * probability) / mass
    effective = mass**2 / np.maximum(by_bin(weight**2), 1e-12)
    noise = seen * (1 - seen) / np.maximum(effective - 1, 1)
    share = mass / mass.sum(axis=1, keepdims=True)
    squared = (share * ((seen - said) ** 2 - noise)).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)), dtype=np.float64)
