"""Choosing and fitting a calibration on a period that the head has not seen."""

from __future__ import annotations

import numpy as np

from models.calibration import EDGE, Calibration, from_log_odds, log_odds
from models.matrix import Vector
from models.metrics.log_loss import log_loss

MIN_POSITIVES = 30
"""With fewer positives only the level is corrected."""
MIN_FOR_ISOTONIC = 500
"""Isotonic steps need many positives to be more than noise."""
MAX_KNOTS = 64
BELIEF = 10.0
"""How firmly slopes are held near 1: the precision of a Gaussian belief."""


def calibrate(raw: Vector, labels: Vector, weights: Vector, later: Vector) -> Calibration:
    """The calibration that does best on the later part of the calibration period.

    Parameters
    ----------
    raw, labels, weights
        Raw probabilities, 0/1 labels and censoring weights, one per row.
    later
        1 for the rows of the later part, on which the forms are compared. The chosen form is
        fitted again on all rows.
    """
    positives = int((labels * (weights > 0)).sum())
    if positives < MIN_POSITIVES or positives == len(labels):
        return _level(raw, labels, weights)
    forms = [logistic, _beta]
    if positives >= MIN_FOR_ISOTONIC:
        forms.append(_isotonic)
    early, late = later == 0, later == 1
    if min(labels[early].sum(), labels[late].sum()) < MIN_POSITIVES / 2:
        return logistic(raw, labels, weights)
    losses = [
        log_loss(
            labels[late],
            form(raw[early], labels[early], weights[early]).apply(raw[late]),
            weights[late],
        )
        for form in forms
    ]
    return forms[int(np.argmin(losses))](raw, labels, weights)


def shift_to(share: float, probability: Vector) -> float:
    """The shift of the log-odds after which ``probability`` has the mean ``share``."""
    low, high = -20.0, 20.0
    odds = log_odds(probability)
    for _ in range(60):
        middle = (low + high) / 2
        if float(from_log_odds(odds + middle).mean()) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _level(raw: Vector, labels: Vector, weights: Vector) -> Calibration:
    """Only the level, pulled towards the head's own by five rows' worth of belief."""
    total = float(weights.sum())
    if total <= 0:
        return Calibration()
    expected = float((weights * raw).sum())
    observed = float((weights * labels).sum())
    strength = 5.0 * min(1.0, expected / total * 10)
    ratio = (observed + strength) / (expected + strength)
    share = min(max(ratio * expected / total, EDGE), 1 - EDGE)
    return Calibration("logistic", (1.0, shift_to(share, raw)))


def logistic(raw: Vector, labels: Vector, weights: Vector) -> Calibration:
    """A slope, held near 1, and a level of the log-odds; the level alone where that would turn the
    order round."""
    slope, intercept = _newton(log_odds(raw)[:, None], labels, weights)
    if slope <= 0:
        return _level(raw, labels, weights)
    return Calibration("logistic", (slope, intercept))


def _beta(raw: Vector, labels: Vector, weights: Vector) -> Calibration:
    inside = np.clip(raw, EDGE, 1 - EDGE)
    inputs = np.column_stack([np.log(inside), -np.log1p(-inside)])
    a, b, c = _newton(inputs, labels, weights)
    if a <= 0 or b <= 0:
        return logistic(raw, labels, weights)
    return Calibration("beta", (a, b, c))


def _isotonic(raw: Vector, labels: Vector, weights: Vector) -> Calibration:
    """Pool adjacent violators, thinned to the middles of its steps."""
    from sklearn.isotonic import isotonic_regression

    order = np.argsort(raw, kind="stable")
    steps = isotonic_regression(
        labels[order], sample_weight=np.maximum(weights[order], 1e-9), increasing=True
    )
    starts = np.flatnonzero(np.r_[True, np.diff(steps) > 0])
    ends = np.r_[starts[1:], len(steps)]
    places = [float(raw[order][a:b].mean()) for a, b in zip(starts, ends, strict=True)]
    levels = [float(steps[a]) for a in starts]
    keep = np.unique(np.linspace(0, len(places) - 1, MAX_KNOTS).astype(int))
    return Calibration("isotonic", knots=tuple((places[place], levels[place]) for place in keep))


def _newton(inputs: Vector, labels: Vector, weights: Vector) -> tuple[float, ...]:
    """Logistic regression by Newton's method; slopes are held near 1 by a little belief, so that
    a period which happens to be separable does not make a head certain.
    """
    design = np.column_stack([inputs, np.ones(len(inputs))])
    start = np.r_[np.ones(inputs.shape[1]), 0.0]
    ridge = np.diag(np.r_[np.full(inputs.shape[1], BELIEF), 1e-6])
    beta = start.copy()

    def loss(at: Vector) -> float:
        """What Newton's method must lower: from a start that is too sure a whole step leaps over
        the least, and back."""
        odds = design @ at
        surprise = float(weights @ (np.logaddexp(0.0, odds) - labels * odds))
        return surprise + float((at - start) @ ridge @ (at - start)) / 2

    for _ in range(50):
        fitted = from_log_odds(design @ beta)
        slope = design.T @ (weights * (labels - fitted)) - ridge @ (beta - start)
        curve = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design + ridge
        step = np.clip(np.linalg.solve(curve, slope), -2, 2)
        while loss(beta + step) > loss(beta) + 1e-12 and float(np.abs(step).max()) > 1e-9:
            step = step / 2
        beta = beta + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return tuple(float(value) for value in beta)
