"""Fitting trees: one LightGBM model per question on one shared matrix.

Signals are binned once, coarsely, from the fit period; every head takes the rows that concern it
(not zero weights) and the signals that tell. LightGBM runs deterministically: the same rows and
seed give the same bits, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from models.heads import plain_text
from models.matrix import Columns, Matrix, Vector
from models.screening import Screen

Rows = NDArray[np.int64]
Cut = tuple[Rows, Vector, Vector]
"""Row numbers, labels and weights."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How trees are grown.

    Parameters
    ----------
    signals
        How many a head is grown on at most.
    min_positives
        Citizens with a positive that a head needs; below it a prior answers.
    negatives_per_positive
        Negatives beyond this many are sampled, and the sample weighted back up.
    """

    rounds: int = 300
    rounds_unstopped: int = 60
    patience: int = 25
    learning_rate: float = 0.06
    leaves: int = 15
    max_depth: int = 6
    min_leaf: int = 30
    l2: float = 5.0
    column_share: float = 0.5
    bins: int = 127
    signals: int = 96
    min_positives: int = 40
    negatives_per_positive: int = 15
    max_rows: int = 40_000
    seed: int = 20_260_101
    threads: int = 2

    def sized(self, labels: Vector) -> dict[str, Any]:
        """Smaller trees, slower steps and drawn rows where there are few cases.

        A tree has a leaf for every 100 of the rarer outcome, from 4 up to ``leaves``.
        """
        positives = float(labels.sum())
        rarer = int(min(positives, len(labels) - positives))
        leaves = min(max(rarer // 100, 4), self.leaves)
        if leaves == self.leaves:
            return {}
        return {
            "num_leaves": leaves,
            "min_data_in_leaf": min(max(rarer // 5, 5), self.min_leaf),
            "learning_rate": self.learning_rate / 2,
            "lambda_l2": 2 * self.l2,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
        }

    def as_dict(self) -> dict[str, Any]:
        """For JSON; without the number of threads, which changes nothing."""
        return {key: value for key, value in asdict(self).items() if key != "threads"}


class SharedBins:
    """What all heads take their rows and signals from.

    Each head is grown on the signals that tell its outcomes apart (:mod:`models.screening`); the
    others are empty columns for LightGBM, so that every model keeps the bundle's columns.

    Parameters
    ----------
    matrix
        All rows of the fit and later periods.
    fit_rows
        The first so many rows are the fit period, on which signals are screened.
    """

    def __init__(self, matrix: Matrix, fit_rows: int, columns: Columns, settings: Settings) -> None:
        self._settings = settings
        self._matrix = matrix
        self._columns = columns
        self.screen = Screen(matrix[:fit_rows], columns)

    def fit(
        self,
        name: str,
        rows: Cut,
        stop: Cut | None,
        allowed: Sequence[int] | None = None,
        monotone: Sequence[int] | None = None,
    ) -> str:
        """Grow trees on some rows; returns LightGBM's text, cut at the best iteration.

        Parameters
        ----------
        name
            Seeds the columns drawn, together with the settings' seed.
        rows, stop
            Row numbers (ascending, those of ``rows`` within the fit period), labels and weights.
            Without ``stop`` a fixed, small number of trees is grown.
        allowed
            The positions of the signals that may be used for this service's purpose; all when
            not given. The others never make a split.
        monotone
            -1, 0 or 1 per signal. A signal with a direction is never screened out.
        """
        smaller = self._settings.sized(rows[1])
        slower = 2 if smaller else 1
        parameters = self._parameters(name) | smaller
        if monotone is not None and any(monotone):
            parameters["monotone_constraints"] = list(monotone)
        signals = self.screen.telling(
            rows[0],
            rows[1],
            self._settings.signals,
            allowed=allowed,
            always=() if monotone is None else np.flatnonzero(monotone).tolist(),
        )
        return plain_text(self._grown(parameters, rows, stop, signals, slower))

    def under(self, settings: Settings) -> SharedBins:
        """The same bins, with trees grown by other settings."""
        other = copy(self)
        other._settings = settings
        return other

    def _grown(
        self, parameters: dict[str, Any], rows: Cut, stop: Cut | None, signals: Rows, slower: int
    ) -> str:
        """The model's text. With smaller steps there are ``slower`` times as many rounds."""
        fitted = self._part(rows, signals, parameters)
        if stop is None:
            rounds = self._settings.rounds_unstopped * slower
            return str(lgb.train(parameters, fitted, rounds).model_to_string())
        patience = lgb.early_stopping(self._settings.patience * slower, verbose=False)
        grown = lgb.train(
            parameters,
            fitted,
            self._settings.rounds * slower,
            valid_sets=[self._part(stop, signals, parameters, fitted)],
            callbacks=[patience],
        )
        return str(grown.model_to_string(num_iteration=grown.best_iteration))

    def _parameters(self, name: str) -> dict[str, Any]:
        given = self._settings
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "seed": (given.seed + crc32(name.encode())) % 2**31,
            "verbosity": -1,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": given.threads,
            "max_bin": given.bins,
            "min_data_in_leaf": given.min_leaf,
            "num_leaves": given.leaves,
            "max_depth": given.max_depth,
            "learning_rate": given.learning_rate,
            "lambda_l2": given.l2,
            "feature_fraction": given.column_share,
            "data_random_seed": given.seed % 2**31,
        }

    def _part(
        self,
        rows: Cut,
        signals: Rows,
        parameters: dict[str, Any],
        reference: lgb.Dataset | None = None,
    ) -> lgb.Dataset:
        categories = set(self._columns.category_positions)
        return lgb.Dataset(
            wide(self._matrix[np.ix_(rows[0], signals)], signals, len(self._columns.names)),
            label=rows[1],
            weight=rows[2],
            feature_name=list(self._columns.names),
            categorical_feature=[place for place in signals.tolist() if place in categories],
            reference=reference,
            params=parameters,
            free_raw_data=True,
        )


def wide(values: Matrix, signals: NDArray[np.int64], width: int) -> csc_matrix:
    """``values`` as a matrix of ``width`` columns of which only ``signals`` hold anything.

    LightGBM drops a column that holds nothing before it grows trees.
    """
    rows = len(values)
    starts = np.zeros(width + 1, dtype=np.int32)
    starts[signals + 1] = rows
    places = np.tile(np.arange(rows, dtype=np.int32), len(signals))
    return csc_matrix((values.T.ravel(), places, np.cumsum(starts)), shape=(rows, width))


def sampled(labels: Vector, weights: Vector, settings: Settings, name: str) -> tuple[Rows, Vector]:
    """The rows to fit on, ascending, and their weights.

    Rows of weight 0 are left out. Of the negatives at most ``negatives_per_positive`` times the
    positives (at least 2,000) are drawn, their weights raised in proportion, so that
    probabilities keep their level.
    """
    positive = np.flatnonzero((labels == 1) & (weights > 0))
    negative = np.flatnonzero((labels == 0) & (weights > 0))
    wanted = min(
        max(settings.negatives_per_positive * len(positive), 2_000),
        max(settings.max_rows - len(positive), 1),
    )
    share = 1.0
    if len(negative) > wanted:
        random = np.random.default_rng([settings.seed, crc32(name.encode())])
        share = wanted / len(negative)
        negative = random.choice(negative, size=wanted, replace=False)
    rows = np.sort(np.concatenate([positive, negative])).astype(np.int64)
    return rows, weights[rows] / np.where(labels[rows] == 1, 1.0, share)
