"""Weights for outcomes that help cut short.

A letter, card or call ends what can be seen of *unaided* take-up. Those who were not helped stand
in for those who were: each counts for one over the chance of not having been helped until then,
estimated by Kaplan and Meier (1958) with help as the event.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector

LEAST_CHANCE = 0.05
"""Weights stop at twenty: beyond that one person would speak for too many."""


def censoring_weights(days: Vector, taken: NDArray[np.bool_], helped: NDArray[np.bool_]) -> Vector:
    """Inverse probabilities of being seen without help.

    Parameters
    ----------
    days
        Days until take-up, help or the end of the horizon, whichever came first.
    taken
        Took the service up at ``days``.
    helped
        Was helped at ``days``, before any take-up. These rows get weight 0.

    Returns
    -------
    One weight per row. Without any help all are 1.
    """
    if not helped.any():
        return np.ones(len(days))
    times, chance = _unhelped(days, helped)
    before = np.searchsorted(times, days, side="left")
    until = np.searchsorted(times, days, side="right")
    steps = np.r_[1.0, chance]
    seen = np.where(taken, steps[before], steps[until])
    return np.where(helped, 0.0, 1.0 / np.maximum(seen, LEAST_CHANCE))


def _unhelped(days: Vector, helped: NDArray[np.bool_]) -> tuple[Vector, Vector]:
    """The times of help and the chance of still being without it just after each."""
    times, counts = np.unique(days[helped], return_counts=True)
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    return times, np.asarray(np.cumprod(1.0 - counts / at_risk), dtype=np.float64)
