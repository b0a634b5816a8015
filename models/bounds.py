"""Bounds on entitlement among candidates: what the records cannot exclude.

With P(D) the chance of a decision and G the share granted of those decided on, the law of total
probability leaves the share entitled between P(D) G, when nobody without a decision is, and
P(D) G + 1 - P(D), when everybody is (Manski 1990). When those who apply are entitled at least as
often as those like them who do not, it is at most G (monotone selection). A point estimate says
where between the two it is put, and :mod:`models.anchors` on what ground.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import EDGE
from models.matrix import Vector


@dataclass(frozen=True, slots=True)
class Bounds:
    """Shares of entitled among candidates.

    Parameters
    ----------
    lower
        When nobody is whom neither rules nor a decision show to be.
    point
        The estimate.
    upper_monotone
        When who does not apply is entitled as often as who does.
    upper
        When everybody is whom nothing excludes.
    """

    lower: float
    point: float
    upper_monotone: float
    upper: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {name: None if np.isnan(value) else value for name, value in asdict(self).items()}


def bounds(
    certain: NDArray[np.bool_], entitled: Vector, unaided: Vector, ceiling: Vector
) -> Bounds:
    """The bounds over some candidates.

    Parameters
    ----------
    certain
        Whom the rules decide to be entitled.
    entitled, unaided
        P(E) and P(E and U) of each.
    ceiling
        G of each.
    """
    if not len(entitled):
        nothing = float("nan")
        return Bounds(nothing, nothing, nothing, nothing)
    decided = np.minimum(unaided / np.maximum(ceiling, EDGE), 1.0)
    shown = np.minimum(unaided, ceiling)
    lower = np.where(certain, 1.0, shown)
    monotone = np.where(certain, 1.0, shown + (1 - decided) * ceiling)
    upper = np.where(certain, 1.0, shown + 1 - decided)
    return Bounds(
        float(lower.mean()), float(entitled.mean()), float(monotone.mean()), float(upper.mean())
    )
