"""Three ways to learn whom an approach changes, each with LightGBM.

- ``t``: two models, one of each arm; the score is their difference.
- ``x``: each arm's people beside what the other arm's model expects of them; the two are mixed by
  the chance of being drawn.
- ``dr``: a doubly robust outcome for each person, from models that never saw that person, and one
  model of it.

The chances are known, for people were drawn by lot; nothing about them is estimated.

References
----------
Künzel, S. R., Sekhon, J. S., Bickel, P. J. and Yu, B. (2019). Metalearners for estimating
heterogeneous treatment effects using machine learning. PNAS 116(10) (T and X).
Kennedy, E. H. (2023). Towards optimal doubly robust estimation of heterogeneous causal effects.
Electronic Journal of Statistics 17(2) (DR).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.matrix import Matrix, Vector
from models.uplift.folds import folds_of
from models.uplift.trial import Trial

if TYPE_CHECKING:
    import lightgbm as lgb


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown: small and slow, for effects are faint beside what people do anyway.

    Parameters
    ----------
    categories
        The positions of signals that hold codes without an order.
    """

    rounds: int = 60
    learning_rate: float = 0.06
    leaves: int = 8
    least_leaf: int = 40
    l2: float = 5.0
    column_share: float = 0.7
    bins: int = 63
    folds: int = 5
    seed: int = 20_260_101
    threads: int = 1
    categories: tuple[int, ...] = ()

    def parameters(self, salt: int) -> dict[str, object]:
        """For LightGBM; deterministic."""
        return {
            "objective": "regression",
            "verbosity": -1,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": self.threads,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least_leaf,
            "lambda_l2": self.l2,
            "feature_fraction": self.column_share,
            "max_bin": self.bins,
            "seed": (self.seed + salt) % 2**31,
        }


@dataclass(frozen=True)
class UpliftModel:
    """What an approach is expected to add, per person.

    Parameters
    ----------
    parts
        A factor and a model each: a score is the sum of the factors times what the models say.
    """

    parts: tuple[tuple[float, lgb.Booster], ...]

    def score(self, matrix: Matrix, *, threads: int = 1) -> Vector:
        """One score a row, in outcomes."""
        total = np.zeros(len(matrix))
        if not len(matrix):
            return total
        for factor, grown in self.parts:
            total += factor * np.asarray(grown.predict(matrix, num_threads=threads))
        return total


Learner = Callable[[Trial, Growth], UpliftModel]


def t_learner(trial: Trial, growth: Growth) -> UpliftModel:
    """Two models, one of each arm."""
    treated = _grow(trial.matrix, trial.outcome, trial.treated, growth, 1)
    control = _grow(trial.matrix, trial.outcome, ~trial.treated, growth, 2)
    return UpliftModel(((1.0, treated), (-1.0, control)))


def x_learner(trial: Trial, growth: Growth) -> UpliftModel:
    """Each arm beside what the other's model expects."""
    treated = _grow(trial.matrix, trial.outcome, trial.treated, growth, 1)
    control = _grow(trial.matrix, trial.outcome, ~trial.treated, growth, 2)
    gained = trial.outcome - _predict(control, trial.matrix, growth)
    missed = _predict(treated, trial.matrix, growth) - trial.outcome
    of_treated = _grow(trial.matrix, gained, trial.treated, growth, 3)
    of_control = _grow(trial.matrix, missed, ~trial.treated, growth, 4)
    chance = float(trial.chance.mean())
    return UpliftModel(((1 - chance, of_treated), (chance, of_control)))


def dr_learner(trial: Trial, growth: Growth) -> UpliftModel:
    """One model of doubly robust outcomes, each from models that never saw that household."""
    gained = np.zeros(len(trial))
    fold = folds_of(trial.household, 2, seed=growth.seed + 1)
    for part in range(2):
        held = fold == part
        rest = trial.where(~held)
        y1 = _predict(
            _grow(rest.matrix, rest.outcome, rest.treated, growth, 1), trial.matrix[held], growth
        )
        y0 = _predict(
            _grow(rest.matrix, rest.outcome, ~rest.treated, growth, 2), trial.matrix[held], growth
        )
        treated, outcome, chance = trial.treated[held], trial.outcome[held], trial.chance[held]
        gained[held] = (
            y1 - y0 + np.where(treated, (outcome - y1) / chance, -(outcome - y0) / (1 - chance))
        )
    everyone = np.ones(len(trial), dtype=bool)
    return UpliftModel(((1.0, _grow(trial.matrix, gained, everyone, growth, 3)),))


LEARNERS: dict[str, Learner] = {"t": t_learner, "x": x_learner, "dr": dr_learner}


def _grow(
    matrix: Matrix,
    outcome: Vector,
    chosen: NDArray[np.bool_],
    growth: Growth,
    salt: int,
) -> lgb.Booster:
    """Trees over the chosen rows. Too few rows for a leaf gives their mean."""
    import lightgbm as lgb  # takes seconds, and a server that only reads conclusions grows nothing

    settings = growth.parameters(salt)
    rows = np.flatnonzero(chosen)
    data = lgb.Dataset(
        matrix[rows],
        outcome[rows],
        categorical_feature=list(growth.categories),
        params=settings,
        free_raw_data=True,
    )
    return lgb.train(settings, data, growth.rounds)


def _predict(grown: lgb.Booster, matrix: Matrix, growth: Growth) -> Vector:
    return np.asarray(grown.predict(matrix, num_threads=growth.threads), dtype=np.float64)
