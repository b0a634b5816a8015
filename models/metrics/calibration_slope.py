"""The slope of outcomes on the log-odds (Cox 1958): 1 is calibrated, below 1 too sure."""

from __future__ import annotations

import numpy as np

from models.calibration import from_log_odds, log_odds
from models.matrix import Vector
from models.metrics.rows import NOTHING, weights_of


def calibration_slope(
    labels: Vector, probabilities: Vector, weights: Vector | None = None
) -> float:
    """The slope of a logistic regression of the labels on the log-odds; NaN where labels or
    probabilities do not vary.
    """
    found = _fitted(labels, probabilities, weights_of(labels, weights))
    return NOTHING if found is None else found[0]


def calibration_slope_draws(labels: Vector, probabilities: Vector, weights: Vector) -> Vector:
    """One slope per row of ``weights`` (draws, rows): a Newton step from that of their mean."""
    start = _fitted(labels, probabilities, weights.mean(axis=0)) if len(labels) else None
    if start is None:
        return np.full(len(weights), NOTHING)
    slope, intercept = start
    odds = log_odds(probabilities)
    fitted = from_log_odds(slope * odds + intercept)
    error, curve = labels - fitted, fitted * (1 - fitted)
    a, b, c = (weights @ (curve * odds**power) for power in (2, 1, 0))
    up, level = weights @ (error * odds), weights @ error
    with np.errstate(invalid="ignore", divide="ignore"):
        step = (c * up - b * level) / (a * c - b**2)
    return np.where(np.isfinite(step), slope + step, NOTHING)


def _fitted(labels: Vector, probabilities: Vector, weight: Vector) -> tuple[float, float] | None:
    odds = log_odds(probabilities)
    if not len(odds) or not 0 < float((weight * labels).sum()) < float(weight.sum()):
        return None
    if float(np.ptp(odds)) < 1e-9:
        return None
    slope, intercept = 1.0, 0.0
    for _ in range(50):
        fitted = from_log_odds(slope * odds + intercept)
        error, curve = weight * (labels - fitted), weight * fitted * (1 - fitted)
        matrix = np.array(
            [
                [float((curve * odds**2).sum()), float((curve * odds).sum())],
                [float((curve * odds).sum()), float(curve.sum())],
            ]
        )
        step = np.linalg.lstsq(matrix, np.array([float((error * odds).sum()), float(error.sum())]))[
            0
        ]
        slope, intercept = slope + float(step[0]), intercept + float(step[1])
        if float(np.abs(step).max()) < 1e-8:
            return slope, intercept
    return (slope, intercept) if abs(slope) < 1e3 else None
