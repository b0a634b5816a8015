"""The rival that most teams would build: a plain take-up model per service.

It foretells who is granted a service within the horizon, helped or not, and ranks by that. The
rows, signals, trees and early stopping are those of the heads; what it lacks is everything about
need: entitlement, censoring by help, and calibration.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from models.examples import Task
from models.fitting import sampled
from models.heads import Trees
from models.learning import Learner
from models.splits import Role


def learn_take_up(learner: Learner, service: str) -> Trees | None:
    """Trees of take-up; None where too few took the service up for trees."""
    came = _failed if _foretells_failing(learner, service) else _came
    fit, stop = (learner.examples.task(service, role) for role in (Role.FIT, Role.STOP))
    labels = came(fit)
    if learner.citizens(fit, labels == 1) < learner.settings.min_positives:
        return None
    part = f"{service}/take-up"
    rows, weights = sampled(labels.astype(np.float64), np.ones(len(labels)), learner.settings, part)
    return Trees(
        learner.bins.fit(
            part,
            (fit.rows[rows], labels[rows].astype(np.float64), weights),
            learner.stopping(stop.rows, came(stop), np.ones(len(stop.rows))),
            allowed=learner.allowed(service),
        ),
        population="candidates, helped or not",
    )


def _foretells_failing(learner: Learner, service: str) -> bool:
    return learner.pack.services[service].objective is Objective.FAILING_PROCESS


def _came(task: Task) -> NDArray[np.int8]:
    """Took it up, helped or not."""
    came: NDArray[np.bool_] = (task.taken == 1) | (task.decided == 1)
    return came.astype(np.int8)


def _failed(task: Task) -> NDArray[np.int8]:
    """The standard process failed before any intervention; what came after one is not told."""
    return task.taken
