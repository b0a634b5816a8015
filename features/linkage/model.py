"""The model that weighs pairs: how often each outcome is seen among the same and among others."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Self

from features.errors import VoorzetError
from features.linkage.comparisons import COMPARISONS

LEAST_AGREEING = 0.001
LEAST_CHANCE = 1e-6
"""Nothing is impossible for having not been seen: no single outcome can rule a pair out or in."""

Seen = tuple[float | None, float | None]
"""How often an outcome was among the same person and among others; None where it was not learnt."""


@dataclass(frozen=True, slots=True)
class LinkageModel:
    """Fellegi and Sunter's model.

    Parameters
    ----------
    prior
        The probability that two persons drawn at random are the same.
    levels
        Comparison, level → (m, u): how often it is so among the same person, and among others.
    """

    prior: float
    levels: dict[str, dict[str, tuple[float, float]]]

    @property
    def prior_bits(self) -> float:
        """The prior as bits: log2 of its odds."""
        return math.log2(self.prior / (1 - self.prior))

    @property
    def checksum(self) -> str:
        """Names the model by its content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The model as text: figures alone, of nobody."""
        return json.dumps({"prior": self.prior, "levels": self.levels}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What :meth:`to_json` wrote; raises VoorzetError for anything else."""
        try:
            said = json.loads(text)
            levels = {
                one.id: {
                    level.id: (float(m), float(u))
                    for level in one.levels
                    for m, u in [said["levels"][one.id][level.id]]
                }
                for one in COMPARISONS
            }
            return cls(float(said["prior"]), levels)
        except (ValueError, TypeError, KeyError) as fault:
            raise VoorzetError(
                "the linkage model does not fit these comparisons: learn a new one with --train"
            ) from fault


def smoothed(levels: dict[str, Seen]) -> dict[str, tuple[float, float]]:
    """(m, u) of one comparison's ``levels``, strictest first; each adds up to one.

    What was not learnt among the same person never speaks for a pair, and a looser level never
    says more than a stricter one that was.
    """
    sound: dict[str, tuple[float, float]] = {}
    most = math.inf
    for name, (same, others) in levels.items():
        u = max(LEAST_CHANCE, others or 0.0)
        m = min(u, LEAST_AGREEING) if same is None else max(LEAST_AGREEING, same)
        u = max(u, m / most)
        most = most if same is None else m / u
        sound[name] = (m, u)
    all_m = sum(m for m, _ in sound.values())
    all_u = sum(u for _, u in sound.values())
    return {name: (round(m / all_m, 12), round(u / all_u, 12)) for name, (m, u) in sound.items()}
