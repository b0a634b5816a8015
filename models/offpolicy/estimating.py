"""What a policy is worth: three estimates with intervals, and first whether there may be any.

With w the policy's chance of what was shown over the logged one, and r whether it was accepted:

- IPS, the mean of w·r;
- SNIPS, Σ w·r / Σ w: a little bias for much less noise;
- doubly robust, the mean of Σ π(a)·q(a) + w·(r − q(shown)), with q the share accepted of each
  service, from other citizens and pulled towards the mean.

The chances are known, so all three are right whatever q says; q only makes the last one surer.

References
----------
Horvitz, D. G. and Thompson, D. J. (1952) (IPS). Swaminathan, A. and Joachims, T. (2015). The
self-normalized estimator for counterfactual learning. NeurIPS (SNIPS). Dudík, M., Langford, J. and
Li, L. (2011). Doubly robust policy evaluation and learning. ICML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.matrix import Vector
from models.metrics import Interval, cluster_draws, interval
from models.uplift.folds import folds_of

FOLDS = 5
BELIEF = 30
"""So many slots' worth of the mean in each service's share."""
Reason = Literal["few-slots", "few-accepted", "no-support", "few-effective"]


@dataclass(frozen=True, slots=True)
class Requirements:
    """What there must be before any figure is given.

    Parameters
    ----------
    citizens
        Different citizens.
    accepted
        Slots that were accepted and that the policy would have filled the same way.
    effective
        Citizens' worth of evidence after weighting: (Σw)² / Σw², weights added up by citizen.
    unsupported
        The share of the policy's choices that were never drawn, at most.
    """

    citizens: int = 50
    accepted: int = 10
    effective: float = 50
    unsupported: float = 0.05


@dataclass(frozen=True, slots=True)
class Support:
    """How far the logged draws reach."""

    slots: int
    citizens: int
    accepted: int
    effective: float
    unsupported: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One estimate of the share accepted, and how far it lies from what was logged."""

    value: Interval
    gain: Interval

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value.as_dict(), "gain": self.gain.as_dict()}


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """A policy's worth.

    Parameters
    ----------
    why_not
        Why there is no figure; None when there is.
    """

    policy: str
    support: Support
    why_not: Reason | None
    ips: Figure | None = None
    snips: Figure | None = None
    doubly_robust: Figure | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        figures = {"ips": self.ips, "snips": self.snips, "doubly_robust": self.doubly_robust}
        return {
            "policy": self.policy,
            "why_not": self.why_not,
            "slots": self.support.slots,
            "citizens": self.support.citizens,
            "effective": self.support.effective,
            "unsupported": self.support.unsupported,
            **{name: one.as_dict() if one else None for name, one in figures.items()},
        }


@dataclass(frozen=True, slots=True)
class _Slots:
    """One entry a slot: who, w, r, what q expects of the policy and of what was shown, and the
    policy's chances that nothing logged supports."""

    citizen: NDArray[np.int64]
    weight: Vector
    reward: Vector
    expected: Vector
    expected_shown: Vector
    beyond: Vector


def evaluate_policy(
    policy: str,
    rows: pl.DataFrame,
    chances: Vector,
    *,
    seed: int,
    required: Requirements | None = None,
) -> PolicyValue:
    """Estimate the share that would be accepted under a policy.

    Parameters
    ----------
    rows
        :data:`models.offpolicy.slots.SLOTS`, sorted by slot.
    chances
        The policy's chance of each row; NaN leaves the slot out.
    """
    known = ~np.isnan(chances)
    slots = _by_slot(rows.filter(pl.Series(known)), chances[known], seed)
    support = _support(slots)
    why_not = _why_not(support, required or Requirements())
    if why_not is not None:
        return PolicyValue(policy, support, why_not)
    draws = np.vstack([np.ones(len(slots.citizen)), cluster_draws(slots.citizen, seed=seed)])
    as_it_was = _share(draws, slots.reward)
    weighted = slots.weight * slots.reward
    robust = slots.expected + slots.weight * (slots.reward - slots.expected_shown)
    estimates = (
        _share(draws, weighted),
        _ratio(draws @ weighted, draws @ slots.weight),
        _share(draws, robust),
    )
    figures = (
        Figure(
            interval(float(one[0]), one[1:]),
            interval(float(one[0] - as_it_was[0]), one[1:] - as_it_was[1:]),
        )
        for one in estimates
    )
    return PolicyValue(policy, support, None, *figures)


def _by_slot(rows: pl.DataFrame, chances: Vector, seed: int) -> _Slots:
    if rows.is_empty():
        nothing = np.empty(0)
        return _Slots(np.empty(0, np.int64), *(nothing,) * 5)
    expected = _acceptance(rows, seed)
    frame = rows.with_columns(chance=pl.Series(chances), q=pl.Series(expected))
    drawn = pl.col("drawn")
    found = frame.group_by("slot", maintain_order=True).agg(
        pl.col("citizen").first(),
        weight=(pl.col("chance") / pl.col("propensity")).filter(drawn).first(),
        reward=pl.col("reward").filter(drawn).first(),
        expected=(pl.col("chance") * pl.col("q")).sum(),
        shown=pl.col("q").filter(drawn).first(),
        beyond=1 - pl.col("chance").sum(),
    )
    return _Slots(
        found["citizen"].to_numpy(),
        *(
            found[name].to_numpy().astype(np.float64)
            for name in ("weight", "reward", "expected", "shown", "beyond")
        ),
    )


def _acceptance(rows: pl.DataFrame, seed: int) -> Vector:
    """q: the share accepted of each row's service, from citizens of the other folds."""
    fold = pl.Series("fold", folds_of(rows["citizen"].to_numpy(), FOLDS, seed=seed))
    frame = rows.with_columns(fold)
    shown = frame.filter("drawn")
    found = np.zeros(rows.height)
    for part in range(FOLDS):
        rest, held = shown.filter(pl.col("fold") != part), frame["fold"] == part
        mean = float(rest["reward"].mean() or 0.0)  # type: ignore[arg-type]
        share = rest.group_by("service").agg(
            q=(pl.col("reward").sum() + BELIEF * mean) / (pl.len() + BELIEF)
        )
        asked = frame.filter(held).select("service")
        joined = asked.join(share, on="service", how="left", maintain_order="left")
        found[held.to_numpy()] = joined["q"].fill_null(mean).to_numpy()
    return found


def _support(slots: _Slots) -> Support:
    _, place = np.unique(slots.citizen, return_inverse=True)
    by_citizen = np.bincount(place, weights=slots.weight)
    squares = float((by_citizen**2).sum())
    return Support(
        slots=len(slots.citizen),
        citizens=len(by_citizen),
        accepted=int(((slots.weight > 0) & (slots.reward > 0)).sum()),
        effective=float(by_citizen.sum()) ** 2 / squares if squares else 0.0,
        unsupported=float(slots.beyond.mean()) if len(slots.beyond) else 0.0,
    )


def _why_not(support: Support, required: Requirements) -> Reason | None:
    if support.citizens < required.citizens:
        return "few-slots"
    if support.unsupported > required.unsupported:
        return "no-support"
    if support.effective < required.effective:
        return "few-effective"
    if support.accepted < required.accepted:
        return "few-accepted"
    return None


def _share(draws: Vector, of: Vector) -> Vector:
    return _ratio(draws @ of, draws.sum(axis=1))


def _ratio(part: Vector, whole: Vector) -> Vector:
    found = np.full(len(part), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
