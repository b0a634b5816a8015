"""Proxies: how well the signals together tell a protected attribute, and which of them carry it.

The attribute is read here alone, to be found out; no model that ranks anyone sees it. People are
scored by models of other people (folds by citizen). 0.5 is not told at all, 1 is told fully. A
group of fewer than :data:`monitoring.fairness.SMALLEST` people, or whose others are as few, is left
out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.matrix import Columns, Matrix, Vector
from models.metrics import Interval, area_under_curve, cluster_draws, interval
from models.metrics.area_under_curve import area_under_curve_draws
from models.uplift.folds import folds_of
from monitoring.fairness import SMALLEST, UNKNOWN

FOLDS = 3
ROUNDS = 40
LISTED = 5
MOST_ROWS = 20_000
TELLING = 0.6
"""From this area on, by the lower end, the signals together tell a group."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A signal that carries a group.

    Parameters
    ----------
    share
        Of what the trees that tell the group gain, how much they gain by this signal.
    alone
        The area under the curve of this signal alone, whichever way it points.
    """

    signal: str
    share: float
    alone: float


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well one group is told from all others."""

    grouping: str
    group: str
    n: int
    told: Interval
    carriers: tuple[Carrier, ...]

    @property
    def telling(self) -> bool:
        """Whether the signals certainly tell this group."""
        return self.told.low >= TELLING

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "grouping": self.grouping,
            "group": self.group,
            "n": self.n,
            "told": self.told.as_dict(),
            "telling": self.telling,
            "carriers": [
                {"signal": one.signal, "share": one.share, "alone": one.alone}
                for one in self.carriers
            ],
        }


def proxies(
    matrix: Matrix, columns: Columns, groups: pl.DataFrame, *, seed: int, threads: int = 1
) -> list[Proxy]:
    """Every group of every grouping, the best told first.

    Parameters
    ----------
    matrix
        One row per citizen, in the order of ``groups``.
    groups
        citizen, and one text column per grouping.
    """
    if groups.height > MOST_ROWS:
        drawn = np.random.default_rng(seed).choice(groups.height, MOST_ROWS, replace=False)
        matrix, groups = matrix[np.sort(drawn)], groups[np.sort(drawn)]
    citizens = groups["citizen"].to_numpy()
    fold = folds_of(citizens, FOLDS, seed=seed)
    found = [
        _proxy((grouping, group), matrix, columns, labels, (citizens, fold), seed, threads)
        for grouping in groups.columns
        if grouping != "citizen"
        for group, labels in _groups(groups[grouping])
    ]
    return sorted(found, key=lambda one: (-one.told.value, one.grouping, one.group))


def _groups(of: pl.Series) -> list[tuple[str, Vector]]:
    """Each group that is large enough, with 1 for who belongs to it; with two, only the first."""
    names = sorted(name for name in of.unique().to_list() if name not in (None, UNKNOWN))
    sized = [(name, (of == name).fill_null(False).to_numpy().astype(np.float64)) for name in names]
    told = [
        (name, labels)
        for name, labels in sized
        if SMALLEST <= labels.sum() <= len(labels) - SMALLEST
    ]
    both = len(told) == 2 and bool((told[0][1] + told[1][1] == 1).all())
    return told[:1] if both else told


def _proxy(
    name: tuple[str, str],
    matrix: Matrix,
    columns: Columns,
    labels: Vector,
    people: tuple[NDArray[np.int64], NDArray[np.int8]],
    seed: int,
    threads: int,
) -> Proxy:
    citizens, fold = people
    scores, gains = np.zeros(len(labels)), np.zeros(len(columns.names))
    for part in range(FOLDS):
        held = fold == part
        grown = _grown(matrix[~held], labels[~held], columns, seed, threads)
        scores[held] = np.asarray(grown.predict(matrix[held], num_threads=threads))
        gains += grown.feature_importance("gain")
    drawn = area_under_curve_draws(labels, scores, cluster_draws(citizens, seed=seed))
    first = np.argsort(-gains, kind="stable")[:LISTED]
    carriers = tuple(
        Carrier(
            columns.names[place], float(gains[place] / gains.sum()), _alone(matrix, labels, place)
        )
        for place in first.tolist()
        if gains[place] > 0
    )
    told = interval(area_under_curve(labels, scores), drawn)
    return Proxy(*name, int(labels.sum()), told, carriers)


def _grown(
    matrix: Matrix, labels: Vector, columns: Columns, seed: int, threads: int
) -> lgb.Booster:
    settings = {
        "objective": "binary",
        "verbosity": -1,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": threads,
        "num_leaves": 8,
        "min_data_in_leaf": 10,
        "learning_rate": 0.1,
        "lambda_l2": 5.0,
        "max_bin": 63,
        "seed": seed % 2**31,
    }
    data = lgb.Dataset(
        matrix, labels, categorical_feature=columns.category_positions, params=settings
    )
    return lgb.train(settings, data, ROUNDS)


def _alone(matrix: Matrix, labels: Vector, place: int) -> float:
    """Of one signal; what is not known stands below everything else."""
    values = np.nan_to_num(matrix[:, place].astype(np.float64), nan=-np.inf)
    ranked = np.unique(values, return_inverse=True)[1].astype(np.float64)
    area = area_under_curve(labels, ranked)
    return max(area, 1 - area)
