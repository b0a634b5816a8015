"""Selection into applying: what decisions say of those who never applied.

Who is decided on has applied. *Propensity* is the chance of a decision within the horizon, given
the signals. Those with a decision are weighted by its inverse (Rosenbaum and Rubin 1983),
truncated, so that rare kinds of applicants speak for the many of their kind; it is right as far as
the signals tell all that makes the entitled apply sooner than others (selection on observables). It
never is quite, and the rest mostly errs to one side: who applies thinks to be entitled. So the
share granted among such applicants is taken as a **ceiling** for those who do not apply (monotone
selection; Manski and Pepper 2000), not as their estimate.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import EDGE
from models.matrix import Vector

LEAST_PROPENSITY = 0.05
"""With a lower chance of a decision nothing in the decisions speaks for a person: no support."""
MOST_WEIGHT = 10.0
CEILING_BELIEF = 5.0
"""People's worth of belief that applicants are entitled: few refusals do not make a low ceiling."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """Decisions with their weights, and what became of the weighting.

    Parameters
    ----------
    weights
        One per decision, with mean 1.
    truncated
        How many would have weighed more.
    effective
        The number of equally weighted decisions that would say as much (Kish).
    """

    weights: Vector
    truncated: int
    effective: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        told = asdict(self)
        weights = told.pop("weights")
        return told | {"decisions": len(weights), "largest": float(weights.max(initial=0.0))}


def decision_weights(propensity: Vector) -> Weighted:
    """Stabilised inverse propensities of the rows that were decided on."""
    if not len(propensity):
        return Weighted(np.empty(0), 0, 0.0)
    inverse = 1.0 / np.maximum(propensity, EDGE)
    stable = inverse / inverse.mean()
    weights = np.minimum(stable, MOST_WEIGHT)
    truncated = int((stable > MOST_WEIGHT).sum())
    weights = weights / weights.mean()
    return Weighted(weights, truncated, float(weights.sum() ** 2 / (weights**2).sum()))


def granted_share(decided: NDArray[np.int8], weights: Vector) -> float:
    """The weighted share granted, pulled towards all of them."""
    granted = float((weights * decided).sum())
    return (granted + CEILING_BELIEF) / (float(weights.sum()) + CEILING_BELIEF)


def supported(unaided: Vector, ceiling: Vector) -> NDArray[np.bool_]:
    """Whose kind is decided on often enough: the chance of being granted, over the share that is
    granted of those decided on, is the chance of a decision."""
    found: NDArray[np.bool_] = unaided / np.maximum(ceiling, EDGE) >= LEAST_PROPENSITY
    return found
