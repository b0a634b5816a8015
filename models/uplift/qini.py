"""What ordering people by a score gains, measured on those whom chance divided.

Both figures go down the list from the highest score. With weights all 1:

- Qini curve: Y₁(k) − Y₀(k) · N₁(k) / N₀(k), the extra outcomes among the first k, over the number
  treated; the figure is the area between it and the straight line of a list in random order.
- Uplift curve: (Y₁(k)/N₁(k) − Y₀(k)/N₀(k)) · k/n; the figure is the area under it (AUUC).

Equal scores are put in random order, and that is done several times: an order that a sort happens
to leave carries a signal of its own.

References
----------
Radcliffe, N. J. (2007). Using control groups to target on predicted lift. Direct Marketing
Analytics Journal, 14-21 (the Qini curve).
Gutierrez, P. and Gérardy, J.-Y. (2016). Causal inference and uplift modelling: a review of the
literature. PMLR 67, 1-13 (the uplift curve).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector
from models.metrics import Interval, cluster_draws, interval
from models.uplift.trial import Trial

SHUFFLES = 10
"""Orders of equal scores that are averaged."""
Rows = NDArray[np.int64]


def qini(trial: Trial, scores: Vector, *, seed: int) -> float:
    """The Qini figure, in outcomes per person; NaN when an arm is empty."""
    return float(np.mean([qini_in(trial, order) for order in orders(scores, seed)]))


def auuc(trial: Trial, scores: Vector, *, seed: int) -> float:
    """The area under the uplift curve, in outcomes per person; NaN when an arm is empty."""
    parts = [_area_under_uplift(*_sums(trial, order)) for order in orders(scores, seed)]
    return float(np.mean([float(part[0]) for part in parts]))


def qini_interval(trial: Trial, scores: Vector, *, seed: int) -> Interval:
    """The same with an interval that draws households; the scores stay as they are."""
    draws = cluster_draws(trial.household, seed=seed)
    order = orders(scores, seed)[0]
    return interval(qini(trial, scores, seed=seed), _area_above_chance(*_sums(trial, order, draws)))


def auuc_interval(trial: Trial, scores: Vector, *, seed: int) -> Interval:
    """The same of the area under the uplift curve."""
    draws = cluster_draws(trial.household, seed=seed)
    order = orders(scores, seed)[0]
    return interval(auuc(trial, scores, seed=seed), _area_under_uplift(*_sums(trial, order, draws)))


def orders(scores: Vector, seed: int) -> list[Rows]:
    """Row numbers, highest score first: one order, or several where scores are equal."""
    random = np.random.default_rng(seed)
    tied = len(np.unique(scores)) < len(scores)
    return [
        np.lexsort((random.random(len(scores)), -scores)) for _ in range(SHUFFLES if tied else 1)
    ]


def qini_in(trial: Trial, order: Rows) -> float:
    """The Qini figure of one order of people."""
    return float(_area_above_chance(*_sums(trial, order))[0])


def _sums(trial: Trial, order: Rows, draws: Vector | None = None) -> tuple[Vector, ...]:
    """Going down the list: treated, held out, and the outcomes of each; (draws, people)."""
    weight = trial.balance[order][None, :]
    if draws is not None:
        weight = weight * draws[:, order]
    treated, outcome = trial.treated[order], trial.outcome[order]
    return tuple(
        np.cumsum(weight * part, axis=1)
        for part in (
            treated.astype(np.float64),
            (~treated).astype(np.float64),
            treated * outcome,
            ~treated * outcome,
        )
    )


def _area_above_chance(n1: Vector, n0: Vector, y1: Vector, y0: Vector) -> Vector:
    curve = y1 - y0 * _over(n1, n0)
    share = (n1 + n0) / (n1 + n0)[:, -1:]
    steps = np.diff(share, axis=1, prepend=0.0)
    before = np.concatenate([np.zeros((len(curve), 1)), curve[:, :-1]], axis=1)
    area = ((curve + before) / 2 * steps).sum(axis=1) - curve[:, -1] / 2
    return _known(area / np.maximum(n1[:, -1], 1e-9), n1, n0)


def _area_under_uplift(n1: Vector, n0: Vector, y1: Vector, y0: Vector) -> Vector:
    share = (n1 + n0) / (n1 + n0)[:, -1:]
    curve = (_over(y1, n1) - _over(y0, n0)) * share
    return _known((curve * np.diff(share, axis=1, prepend=0.0)).sum(axis=1), n1, n0)


def _over(part: Vector, whole: Vector) -> Vector:
    """``part / whole``; 0 where there is nobody yet."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _known(area: Vector, n1: Vector, n0: Vector) -> Vector:
    return np.where((n1[:, -1] > 0) & (n0[:, -1] > 0), area, np.nan)
