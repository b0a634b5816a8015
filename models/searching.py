"""A search for settings that suit an organisation's data better, within a budget.

Optuna proposes; each proposal grows the trees of unaided take-up of every service with enough
history, and is judged on the period of calibration, which trees are neither grown nor stopped on.
The test period plays no part. With a number of trials the same seed finds the same settings; with a
number of seconds it depends on the machine how many are tried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from features.errors import VoorzetError
from models.examples import Progress
from models.fitting import Cut, Settings
from models.heads import Trees
from models.learning import Learner
from models.metrics import log_loss
from models.splits import Role

if TYPE_CHECKING:
    from optuna import Trial

LEAST_HELD = 10
"""People who took a service up in the calibration period, without whom it judges nothing."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: whichever comes first."""

    trials: int | None = None
    seconds: float | None = None


def search(learner: Learner, budget: Budget, progress: Progress | None = None) -> Settings:
    """The best settings found; the learner's own are the first that is tried.

    Raises
    ------
    VoorzetError
        When Optuna is not installed, or no service has history enough to judge by.
    """
    try:
        import optuna
    except ImportError as fault:
        raise VoorzetError(
            "Optuna is not installed: install Voorzet with its extra 'search', or leave out "
            "--search"
        ) from fault
    cases = [one for service in learner.pack.services if (one := _case(learner, service))]
    if not cases:
        raise VoorzetError(
            "no service has history enough to compare settings by: leave out --search"
        )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=learner.settings.seed))
    study.enqueue_trial(_own(learner.settings))

    def told(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if progress and budget.trials:
            progress("search", trial.number + 1, budget.trials)

    study.optimize(
        lambda trial: _loss(learner, cases, _proposed(learner.settings, trial)),
        n_trials=budget.trials,
        timeout=budget.seconds,
        callbacks=[told],
    )
    return replace(learner.settings, **study.best_params)


@dataclass(frozen=True, slots=True)
class _Case:
    """One service: what trees are grown, stopped and judged on."""

    name: str
    fit: Cut
    stop: Cut | None
    held: Cut
    allowed: list[int]


def _case(learner: Learner, service: str) -> _Case | None:
    fit = learner.fit_sample(service)
    if (
        len(np.unique(learner.examples.citizen[fit[0][fit[1] == 1]]))
        < learner.settings.min_positives
    ):
        return None
    stop = learner.examples.task(service, Role.STOP)
    held = learner.examples.task(service, Role.CALIBRATE)
    held = held.where(held.weight > 0)
    if not LEAST_HELD <= held.taken.sum() <= len(held.rows) - LEAST_HELD:
        return None
    return _Case(
        f"{service}/unaided",
        fit,
        learner.stopping(stop.rows, stop.taken.astype(np.float64), stop.weight),
        (held.rows, held.taken.astype(np.float64), held.weight),
        learner.allowed(service),
    )


def _loss(learner: Learner, cases: list[_Case], settings: Settings) -> float:
    """The mean log loss over that of the plain share, in units of it."""
    bins = learner.bins.under(settings)
    losses = []
    for case in cases:
        trees = Trees(bins.fit(case.name, case.fit, case.stop, allowed=case.allowed))
        rows, labels, weights = case.held
        share = np.full(len(rows), float((labels * weights).sum() / weights.sum()))
        said = trees.raw(learner.examples.matrix[rows], threads=settings.threads)
        losses.append(log_loss(labels, said, weights) / log_loss(labels, share, weights))
    return float(np.mean(losses))


def _own(settings: Settings) -> dict[str, float]:
    names = ("leaves", "min_leaf", "learning_rate", "l2", "column_share", "signals")
    return {name: getattr(settings, name) for name in names}


def _proposed(settings: Settings, trial: Trial) -> Settings:
    return replace(
        settings,
        leaves=trial.suggest_int("leaves", 4, 63, log=True),
        min_leaf=trial.suggest_int("min_leaf", 5, 200, log=True),
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        l2=trial.suggest_float("l2", 0.1, 100, log=True),
        column_share=trial.suggest_float("column_share", 0.2, 1.0),
        signals=trial.suggest_int("signals", 16, 256, log=True),
    )
