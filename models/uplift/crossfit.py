"""Scores that no person's own outcome took part in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.matrix import Vector
from models.uplift.folds import folds_of
from models.uplift.learners import LEARNERS, Growth
from models.uplift.trial import Trial


@dataclass(frozen=True)
class Targeting:
    """Out-of-fold scores.

    Parameters
    ----------
    score
        What the approach is expected to add, in outcomes.
    place
        The place of that score within its own fold, from 0 (lowest) to 1; equal scores share
        one. Folds' models differ in level, so that scores of different folds are not compared.
    """

    score: Vector
    place: Vector
    fold: NDArray[np.int8]


def out_of_fold(trial: Trial, learner: str, growth: Growth) -> Targeting:
    """Score every household by models of the other folds."""
    fold = folds_of(trial.household, growth.folds, seed=growth.seed)
    score, place = np.zeros(len(trial)), np.zeros(len(trial))
    for part in range(growth.folds):
        held = fold == part
        if not held.any():
            continue
        model = LEARNERS[learner](trial.where(~held), growth)
        score[held] = model.score(trial.matrix[held], threads=growth.threads)
        place[held] = _places(score[held])
    return Targeting(score, place, fold)


def _places(scores: Vector) -> Vector:
    """The middle rank of each score, over how many there are."""
    _, which, count = np.unique(scores, return_inverse=True, return_counts=True)
    upto = np.cumsum(count)
    return np.asarray(((upto - (count - 1) / 2 - 0.5) / max(len(scores), 1))[which])
