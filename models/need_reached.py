"""How much of the unmet need that records show each contender would reach, by how many it may ask.

Read beside the area under the curve: a model that foretells take-up well puts those first who come
by themselves, and reaches less need the better it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contenders import Contenders
from models.metrics import Interval, cluster_mean
from models.metrics.recall_at_capacity import reached_at_capacity
from models.shown_need import ShownNeed

CAPACITY = 0.1
CAPACITIES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class NeedReached:
    """Of one service's unmet needs that the records show, the share reached.

    Parameters
    ----------
    shown
        In how many candidates a need was seen.
    ground, why_not
        As :class:`models.shown_need.ShownNeed` has them.
    at_capacity
        By contender, at the best-scored tenth of the candidates, with its interval; NaN without
        ground.
    by_capacity
        By contender, one per :data:`CAPACITIES`.
    """

    shown: int = 0
    ground: str = ""
    why_not: str = ""
    at_capacity: dict[str, Interval] = field(default_factory=dict)
    by_capacity: dict[str, list[float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        return {
            "shown": self.shown,
            "ground": self.ground or None,
            "why_not": self.why_not or None,
            "capacity": CAPACITY,
            "at_capacity": {name: one.as_dict() for name, one in self.at_capacity.items()},
            "capacities": list(CAPACITIES),
            "by_capacity": {
                name: [value if isfinite(value) else None for value in found]
                for name, found in self.by_capacity.items()
            },
        }


def need_reached(
    asked: Contenders, need: ShownNeed, households: NDArray[np.int64], seed: int
) -> NeedReached:
    """Measure every contender of one service on the candidates seen without help."""
    seen = asked.test.weight > 0
    unmet = need.unmet[seen]
    if not need.ground:
        nothing = Interval(float("nan"), float("nan"), float("nan"))
        return NeedReached(0, "", need.why_not, dict.fromkeys(asked.need, nothing))
    weights, whose = asked.test.weight[seen][unmet], households[asked.test.rows[seen][unmet]]
    reached = {
        name: [reached_at_capacity(scores[seen], share)[unmet] for share in CAPACITIES]
        for name, scores in asked.need.items()
    }
    at = CAPACITIES.index(CAPACITY)
    return NeedReached(
        int(unmet.sum()),
        need.ground,
        at_capacity={
            name: cluster_mean(parts[at], weights, whose, seed=seed)
            for name, parts in reached.items()
        },
        by_capacity={
            name: [float(np.average(part, weights=weights)) for part in parts]
            for name, parts in reached.items()
        },
    )
