"""How often what was said came true: probabilities in tenths of the rows, beside what was seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from models.intervals import wilson
from models.matrix import Vector
from models.small_groups import SMALLEST

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """One tenth of the rows, by probability.

    Parameters
    ----------
    said
        The mean probability.
    seen
        The share that it came true of, with its interval (Wilson, for as many equally weighted
        people as say as much).
    people
        How many are behind it.
    """

    said: float
    seen: float
    low: float
    high: float
    people: int

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def reliability(
    labels: Vector, probabilities: Vector, weights: Vector, citizens: NDArray[np.int64]
) -> tuple[Bin, ...]:
    """The bins, ascending; equal probabilities are never divided over two. Empty where nothing
    came true or probabilities do not vary; a bin of fewer than ten people is left out."""
    if not len(labels) or not labels.any() or np.ptp(probabilities) == 0:
        return ()
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, BINS + 1)[1:-1]))
    place = np.searchsorted(edges, probabilities, side="right")
    found = []
    for one in np.unique(place):
        here = place == one
        people = len(np.unique(citizens[here]))
        if people >= SMALLEST:
            found.append(_bin(labels[here], probabilities[here], weights[here], people))
    return tuple(found)


def _bin(labels: Vector, probabilities: Vector, weights: Vector, people: int) -> Bin:
    """Rows of the same people are no witnesses of their own: as many as people, at most."""
    said = float(np.average(probabilities, weights=weights))
    seen = float(np.average(labels, weights=weights))
    effective = min(float(weights.sum() ** 2 / (weights**2).sum()), float(people))
    size = max(round(effective), 1)
    between = wilson(round(seen * size), size)
    return Bin(said, seen, min(between.low, seen), max(between.high, seen), people)
