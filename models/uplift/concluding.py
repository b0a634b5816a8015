"""The conclusion of an experiment: which arms may be targeted by uplift, and which may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Any, Literal

import numpy as np

from models.matrix import Vector
from models.metrics import Interval, cluster_draws, interval
from models.uplift.crossfit import out_of_fold
from models.uplift.learners import LEARNERS, Growth, UpliftModel
from models.uplift.qini import auuc_interval, qini_interval
from models.uplift.signal import SHUFFLES, SignalTest, between_halves, holm, signal_test
from models.uplift.trial import Experiment, Trial

LEARNER = "t"
ALPHA = 0.05
LEAST = 100
"""People an arm, and its control, must have for scores to be learned at all."""
Why = Literal["signal", "no-signal", "too-few"]
_NOTHING = Interval(nan, nan, nan)


@dataclass(frozen=True, slots=True)
class ArmFinding:
    """What was found of one arm.

    Parameters
    ----------
    effect
        What the arm adds on average, in outcomes per person drawn into it.
    qini, auuc
        Of the out-of-fold scores.
    adjusted
        The test's p-value, raised for the number of arms (Holm).
    detectable
        The smallest difference in effect between the better and the worse half of people that
        the test would have found four times in five.
    why
        Whether people may be targeted by their scores, and if not why.
    """

    arm: str
    treated: int
    control: int
    effect: Interval
    qini: Interval
    auuc: Interval
    test: SignalTest
    adjusted: float
    detectable: float
    why: Why

    @property
    def shown(self) -> bool:
        """Whether it was shown that some gain more than others."""
        return self.why == "signal"

    def as_dict(self) -> dict[str, Any]:
        """For JSON; NaN becomes null."""
        figures = {
            "z": self.test.z,
            "p": self.test.p,
            "p_adjusted": self.adjusted,
            "detectable_between_halves": self.detectable,
        }
        return {
            "arm": self.arm,
            "treated": self.treated,
            "control": self.control,
            "why": self.why,
            "effect": self.effect.as_dict(),
            "qini": self.qini.as_dict(),
            "auuc": self.auuc.as_dict(),
            **{name: (one if isfinite(one) else None) for name, one in figures.items()},
        }


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What an experiment allows.

    Parameters
    ----------
    models
        By arm, fitted on everybody; only of arms of which a signal was shown.
    """

    learner: str
    alpha: float
    arms: tuple[ArmFinding, ...]
    models: dict[str, UpliftModel]

    @property
    def abstains(self) -> bool:
        """Whether no arm may be targeted by uplift."""
        return not self.models

    def finding(self, arm: str) -> ArmFinding | None:
        """What was found of ``arm``; None when it was not in the experiment."""
        return next((one for one in self.arms if one.arm == arm), None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "learner": self.learner,
            "alpha": self.alpha,
            "abstains": self.abstains,
            "arms": [one.as_dict() for one in self.arms],
        }


def conclude(
    experiment: Experiment,
    *,
    learner: str = LEARNER,
    growth: Growth | None = None,
    alpha: float = ALPHA,
    shuffles: int = SHUFFLES,
) -> Conclusion:
    """Test every arm, and fit a model of those that may be targeted.

    The learner, the test and ``alpha`` are fixed before the outcomes are looked at; trying
    another after an abstention is a new test of the same people, and finds too much.
    """
    chosen = growth or Growth()
    trials = {arm: experiment.trial(arm) for arm in experiment.arms}
    found = [_finding(arm, trial, learner, chosen, shuffles) for arm, trial in trials.items()]
    raised = holm([one.test.p for one in found])
    level = alpha / max(len(found), 1)
    arms = tuple(
        replace(
            one,
            adjusted=p,
            detectable=between_halves(one.test.detectable(level)),
            why=one.why if one.why == "too-few" else "signal" if p <= alpha else "no-signal",
        )
        for one, p in zip(found, raised, strict=True)
    )
    models = {one.arm: LEARNERS[learner](trials[one.arm], chosen) for one in arms if one.shown}
    return Conclusion(learner, alpha, arms, models)


def average_effect(trial: Trial, *, seed: int) -> Interval:
    """The arm's mean outcome above the control's, with an interval that draws households."""
    own = _difference(trial, np.ones((1, len(trial))))[0]
    return interval(float(own), _difference(trial, cluster_draws(trial.household, seed=seed)))


def _difference(trial: Trial, draws: Vector) -> Vector:
    weight = draws * trial.balance

    def mean(of: Vector) -> Vector:
        mass = weight @ of
        nothing = np.full(len(draws), np.nan)
        np.divide(weight @ (of * trial.outcome), mass, out=nothing, where=mass > 0)
        return nothing

    return mean(trial.treated.astype(np.float64)) - mean((~trial.treated).astype(np.float64))


def _finding(arm: str, trial: Trial, learner: str, growth: Growth, shuffles: int) -> ArmFinding:
    """What was found of one arm, before it is set beside the others."""
    treated, control = int(trial.treated.sum()), int((~trial.treated).sum())
    effect = average_effect(trial, seed=growth.seed) if treated and control else _NOTHING
    if min(treated, control) < LEAST or float(np.ptp(trial.outcome)) == 0.0:
        nothing = SignalTest(nan, nan, nan, 1.0)
        return ArmFinding(
            arm, treated, control, effect, _NOTHING, _NOTHING, nothing, 1.0, nan, "too-few"
        )
    scored = out_of_fold(trial, learner, growth)
    return ArmFinding(
        arm=arm,
        treated=treated,
        control=control,
        effect=effect,
        qini=qini_interval(trial, scored.place, seed=growth.seed),
        auuc=auuc_interval(trial, scored.place, seed=growth.seed),
        test=signal_test(trial, scored, seed=growth.seed, shuffles=shuffles),
        adjusted=1.0,
        detectable=nan,
        why="no-signal",
    )
