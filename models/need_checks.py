"""Calibrating need itself on random checks: entitled, and not come unaided.

The parts of a need are learned apart, each on what there is of it; what they make together is held
against people drawn by lot. One service has too few checks for that, so all services share one map
of the log-odds, with the slope held near 1 (:mod:`models.calibrating`). It keeps the order of
candidates within a service and between services. It is taken only where it foretells the later half
of the checks better than no map does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Objective
from models.calibrating import logistic
from models.calibration import Calibration
from models.examples import Examples
from models.heads import Head
from models.matrix import Vector
from models.metrics.log_loss import log_loss

LEAST_NEEDS = 30
"""Checks that found a need, and that found none, from which need is calibrated."""


def calibrated_on_checks(
    heads: dict[str, Head], examples: Examples, *, threads: int = 1
) -> dict[str, Head]:
    """``heads`` with need calibrated on the checks of all of them, where there are enough."""
    weight = examples.sampled.weight
    of_need = [head for head in heads.values() if head.objective is Objective.UNMET_NEED]
    said, found, row = _checked(of_need, examples, threads)
    found_calibration = chosen(said, found, row, weight[row])
    if found_calibration is None:
        return heads
    return {
        name: replace(head, needed=found_calibration)
        if head.objective is Objective.UNMET_NEED
        else head
        for name, head in heads.items()
    }


def chosen(
    said: Vector, found: Vector, row: NDArray[np.int64], weight: Vector
) -> Calibration | None:
    """The map from the need ``said`` to that ``found``; None where none is shown to help.

    Parameters
    ----------
    row
        The number of each checked citizen, in order of time.
    weight
        Of each check.
    """
    if min(found.sum(), (1 - found).sum()) < LEAST_NEEDS:
        return None
    late = row >= np.median(row)
    early = logistic(said[~late], found[~late], weight[~late])
    plain = log_loss(found[late], Calibration().apply(said[late]), weight[late])
    if log_loss(found[late], early.apply(said[late]), weight[late]) >= plain:
        return None
    return logistic(said, found, weight)


def _checked(
    heads: list[Head], examples: Examples, threads: int
) -> tuple[Vector, Vector, NDArray[np.int64]]:
    """What was said of the need of each checked candidate, what was found of it, and whose it is.
    Where it was not seen who came unaided, what the head says of that stands in."""
    said, found, rows = [np.empty(0)], [np.empty(0)], [np.empty(0, dtype=np.int64)]
    for head in heads:
        task = examples.sampled.task(head.service)
        if not len(task.rows):
            continue
        entitled, both, need = head.score(
            examples.sampled.matrix[task.rows], task.known, threads=threads
        )
        likely = np.divide(both, entitled, out=np.zeros(len(both)), where=entitled > 0)
        came = np.where(task.came < 0, likely, task.came)
        said.append(need)
        found.append(task.entitled * (1 - came))
        rows.append(task.rows)
    return np.concatenate(said), np.concatenate(found), np.concatenate(rows)
