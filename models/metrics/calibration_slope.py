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
    weight = weights_of(labels, weights)
    odds = log_odds(probabilities)
    if not len(odds) or not 0 < float((weight * labels).sum()) < float(weight.sum()):
        return NOTHING
    if float(np.ptp(odds)) < 1e-9:
        return NOTHING
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
            return slope
    return slope if abs(slope) < 1e3 else NOTHING
