"""Who gets which approach when approaches differ in cost and effect.

Money is spent where it adds most: step by step, each next euro goes to the person and approach
with the highest extra effect per extra euro. Approaches that another beats at lower cost, and
those that only a mix of two others would make worth their price, never get a turn. For a budget
that ends at a step this is the best there is; otherwise it falls short by less than one step
(Sinha and Zoltners, 1979, on the relaxed multiple-choice knapsack).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector

NOBODY = -1


def allocate(effects: Mapping[str, Vector], costs: Mapping[str, float], budget: float) -> list[str]:
    """The approach of each person, ``""`` for none.

    Parameters
    ----------
    effects
        By approach: what it is expected to add for each person, in outcomes.
    costs
        By approach: what one costs; above zero.

    Raises
    ------
    ValueError
        When an approach has no cost, or one that is not above zero.
    """
    names = list(effects)
    wrong = [name for name in names if not costs.get(name, 0.0) > 0]
    if wrong:
        raise ValueError(f"what does one {wrong[0]} cost? give a cost above zero for each approach")
    if not names:
        return []
    price = np.array([costs[name] for name in names])
    gain = np.column_stack([effects[name] for name in names])
    steps = _steps(gain, price)
    chosen = np.full(len(gain), NOBODY)
    left = budget
    for _, person, arm, extra in steps:
        if extra > left + 1e-9:
            break
        chosen[person], left = arm, left - extra
    return ["" if arm == NOBODY else names[arm] for arm in chosen.tolist()]


def _steps(gain: Vector, price: Vector) -> list[tuple[float, int, int, float]]:
    """Every worthwhile step: effect per euro (highest first), person, approach, extra cost.

    A person's own steps come in order, for each adds less per euro than the one before.
    """
    found = [
        (rate, person, arm, extra)
        for person in range(len(gain))
        for rate, arm, extra in _hull(gain[person], price)
    ]
    return sorted(found, key=lambda one: (-one[0], one[1], one[3]))


def _hull(gain: NDArray[np.float64], price: Vector) -> list[tuple[float, int, float]]:
    """One person's steps on the upper hull of effect over cost."""
    steps: list[tuple[float, int, float]] = []
    cost, effect = 0.0, 0.0
    while True:
        dearer = np.flatnonzero((price > cost) & (gain > effect))
        if not len(dearer):
            return steps
        rate = (gain[dearer] - effect) / (price[dearer] - cost)
        best = int(dearer[np.lexsort((-price[dearer], -rate))[0]])
        steps.append((float(rate.max()), best, float(price[best] - cost)))
        cost, effect = float(price[best]), float(gain[best])
