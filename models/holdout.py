"""The hold-out: citizens who get no suggestions for half a year, drawn by lot.

What people do without help can only be seen of people without help. Weights can stand in for those
who were helped as far as the signals tell who is; a hold-out needs no such belief. Its citizens are
in the training data like everybody else, seldom censored, and in the test period they are the check
on what the weighted estimate says.

The lot falls anew every half year, so that nobody is left out for long. What has a term by law, and
what the organisation starts itself, is never held out: no measurement is worth a missed term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Kind, Service
from models.heads import Head
from models.matrix import Matrix, Vector
from models.metrics import Interval, cluster_draws, interval

_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def held_out(citizens: NDArray[np.int64], as_of: datetime, share: float) -> NDArray[np.bool_]:
    """Which citizens get no suggestions at ``as_of``, when ``share`` of them do not."""
    if share <= 0:
        return np.zeros(len(citizens), dtype=bool)
    number = np.uint64((2 * as_of.year + (as_of.month > 6)) * 0x9E3779B97F4A7C15 % 2**64)
    value = citizens.astype(np.int64).view(np.uint64) ^ number
    with np.errstate(over="ignore"):
        for shift, factor in _MIX:
            value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    value ^= value >> np.uint64(31)
    found: NDArray[np.bool_] = (value >> np.uint64(11)).astype(np.float64) / 2.0**53 < share
    return found


def may_be_held_out(service: Service) -> bool:
    """Whether suggestions of ``service`` may be held back to learn from it."""
    return service.kind is Kind.SERVICE and service.deadline_days is None


@dataclass(frozen=True, slots=True)
class HoldOutCheck:
    """Unaided take-up in the hold-out beside what the head expected there.

    Parameters
    ----------
    citizens
        How many were held out and seen.
    expected
        The mean of P(U) over their rows.
    observed
        The share that took the service up.
    surplus
        Observed minus expected, with its interval by citizen; NaN without a hold-out.
    """

    citizens: int
    expected: float
    observed: float
    surplus: Interval

    def as_dict(self) -> dict[str, object]:
        """For JSON; NaN becomes null."""
        return {
            "citizens": self.citizens,
            "expected": self.expected if self.citizens else None,
            "observed": self.observed if self.citizens else None,
            "surplus": self.surplus.as_dict(),
        }


def check(
    head: Head,
    rows: tuple[Matrix, NDArray[np.bool_]],
    labels: NDArray[np.int8],
    weights: Vector,
    citizens: NDArray[np.int64],
    *,
    seed: int,
) -> HoldOutCheck:
    """Compare over rows of citizens who were held out.

    Parameters
    ----------
    rows
        Their signals, and whether the rules call them eligible.
    labels, weights
        Taken up unaided, and the weights against help; rows of weight 0 were not seen.
    """
    seen = weights > 0
    if not seen.any():
        nothing = float("nan")
        return HoldOutCheck(0, nothing, nothing, Interval(nothing, nothing, nothing))
    said = head.unaided.estimate(rows[0][seen], rows[1][seen])
    weight, label = weights[seen], labels[seen].astype(np.float64)
    draws = cluster_draws(citizens[seen], seed=seed) * weight
    total = np.maximum(draws.sum(axis=1), 1e-9)
    drawn = (draws @ (label - said)) / total
    expected = float((weight * said).sum() / weight.sum())
    observed = float((weight * label).sum() / weight.sum())
    return HoldOutCheck(
        len(np.unique(citizens[seen])), expected, observed, interval(observed - expected, drawn)
    )
