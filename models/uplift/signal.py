"""Whether scores order people by what an approach adds: one test, fixed beforehand.

The Qini figure of out-of-fold scores is set beside the same figure of shuffled scores: places are
dealt out anew within each fold, whole households at a time. z is how many of the shuffles'
standard deviations the figure lies above their mean.

Shuffled scores know less than out-of-fold ones about one thing. Where there is nothing to find,
two folds that happen to look alike confirm each other twice: in the first by a model of the
second, and the other way round. Every pair of folds counts double, and the figure varies up to
√2 times as much as shuffles do. The test therefore divides z by √2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from models.uplift.crossfit import Targeting
from models.uplift.qini import Rows, orders, qini, qini_in
from models.uplift.trial import Trial

SHUFFLES = 400
PAIRS_COUNT_TWICE = sqrt(2)
POWER = 0.8
"""The chance of a finding at which an effect counts as one that could have been seen."""
Blocks = list[Rows]


@dataclass(frozen=True, slots=True)
class SignalTest:
    """The test of one arm.

    Parameters
    ----------
    figure
        The Qini figure of the out-of-fold scores.
    spread
        The standard deviation of the figure of shuffled scores.
    z
        The figure above the shuffles' mean, in spreads.
    p
        The chance of a z this high or higher without any signal.
    """

    figure: float
    spread: float
    z: float
    p: float

    def detectable(self, alpha: float) -> float:
        """The Qini figure that had been found four times in five, tested at ``alpha``."""
        normal = NormalDist()
        reach = normal.inv_cdf(1 - alpha) + normal.inv_cdf(POWER)
        return self.spread * PAIRS_COUNT_TWICE * reach


def between_halves(figure: float) -> float:
    """The difference in effect between the better and the worse half that a Qini figure amounts
    to, when the effect falls in a straight line from the first to the last of the list.

    An effect of a + b(½ − r) at the place r gives a figure of b/12, and halves that differ b/2.
    """
    return 6 * figure


def signal_test(
    trial: Trial, targeting: Targeting, *, seed: int, shuffles: int = SHUFFLES
) -> SignalTest:
    """Test the order that ``targeting`` puts people in."""
    figure = qini(trial, targeting.place, seed=seed)
    random = np.random.default_rng([seed, 1])
    position = np.argsort(orders(targeting.place, seed)[0])
    blocks = _blocks(trial.household, targeting.fold)
    drawn = np.array([qini_in(trial, _dealt(position, blocks, random)) for _ in range(shuffles)])
    spread = float(drawn.std(ddof=1))
    if not isfinite(figure) or not spread > 0:
        return SignalTest(figure, spread, float("nan"), 1.0)
    z = (figure - float(drawn.mean())) / spread
    return SignalTest(figure, spread, z, 1 - NormalDist().cdf(z / PAIRS_COUNT_TWICE))


def holm(p: list[float]) -> list[float]:
    """P-values raised for how many arms are tested (Holm, 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    raised, highest = [1.0] * len(p), 0.0
    for step, place in enumerate(sorted(range(len(p)), key=lambda one: p[one])):
        highest = max(highest, min(1.0, (len(p) - step) * p[place]))
        raised[place] = highest
    return raised


def _blocks(household: Rows, fold: NDArray[np.int8]) -> Blocks:
    """Rows by fold and size of household: (households, members) of each."""
    order = np.argsort(household, kind="stable")
    _, start, size = np.unique(household[order], return_index=True, return_counts=True)
    found = []
    for members in np.unique(size):
        rows = order[start[size == members][:, None] + np.arange(members)]
        found += [rows[fold[rows[:, 0]] == part] for part in np.unique(fold[rows[:, 0]])]
    return found


def _dealt(position: Rows, blocks: Blocks, random: np.random.Generator) -> Rows:
    """The order of people after their positions in the list were dealt out anew."""
    order = np.empty_like(position)
    for rows in blocks:
        order[position[rows[random.permutation(len(rows))]]] = rows
    return order
