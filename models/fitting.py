"""Fitting trees: one LightGBM model per question on one shared binned matrix.

Bins are made once, from the fit period, and every head takes row subsets of them (not zero
weights). LightGBM runs deterministically: the same rows and seed give the same bits, whatever the
number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.heads import plain_text
from models.matrix import Columns, Matrix, Vector

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How trees are grown.

    Parameters
    ----------
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
    """The binned matrix that every head takes its rows from.

    Parameters
    ----------
    matrix
        All rows of the fit and stop periods.
    fit_rows
        The first so many rows are the fit period, from which bins are made.
    """

    def __init__(self, matrix: Matrix, fit_rows: int, columns: Columns, settings: Settings) -> None:
        self._settings = settings
        self._width = len(columns.names)
        reference = self._dataset(matrix[:fit_rows], columns, None)
        whole = fit_rows == len(matrix)
        self._binned = reference if whole else self._dataset(matrix, columns, reference)

    def fit(
        self,
        name: str,
        rows: tuple[Rows, Vector, Vector],
        stop: tuple[Rows, Vector, Vector] | None,
        allowed: Sequence[int] | None = None,
        monotone: Sequence[int] | None = None,
    ) -> str:
        """Grow trees on some rows; returns LightGBM's text, cut at the best iteration.

        Parameters
        ----------
        name
            Seeds the columns drawn, together with the settings' seed.
        rows, stop
            Row numbers (ascending), labels and weights. Without ``stop`` a fixed, small number
            of trees is grown.
        allowed
            The positions of the signals that may be used for this service's purpose; all when
            not given. The others never make a split.
        monotone
            -1, 0 or 1 per signal.
        """
        smaller = self._settings.sized(rows[1])
        slower = 2 if smaller else 1
        rounds, patience = self._settings.rounds * slower, self._settings.patience * slower
        parameters = (
            self._parameters()
            | smaller
            | {
                "objective": "binary",
                "metric": "binary_logloss",
                "seed": (self._settings.seed + crc32(name.encode())) % 2**31,
            }
        )
        if allowed is not None and len(allowed) < self._width:
            parameters["interaction_constraints"] = [list(allowed)]
        if monotone is not None and any(monotone):
            parameters["monotone_constraints"] = list(monotone)
        if stop is None:
            grown = lgb.train(
                parameters, self._part(*rows), self._settings.rounds_unstopped * slower
            )
            return plain_text(grown.model_to_string())
        grown = lgb.train(
            parameters,
            self._part(*rows),
            rounds,
            valid_sets=[self._part(*stop)],
            callbacks=[lgb.early_stopping(patience, verbose=False)],
        )
        return plain_text(grown.model_to_string(num_iteration=grown.best_iteration))

    def _parameters(self) -> dict[str, Any]:
        given = self._settings
        return {
            "verbosity": -1,
            "deterministic": True,
            # Row-wise histograms over a subset of few rows end in "Check failed: left_count > 0".
            "force_col_wise": True,
            # Row subsets of bundled or sparse bins write past their end (LightGBM 4.7: the
            # process aborts in malloc); plain dense bins do not.
            "enable_bundle": False,
            "is_enable_sparse": False,
            "feature_pre_filter": False,
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

    def _dataset(
        self, matrix: Matrix, columns: Columns, reference: lgb.Dataset | None
    ) -> lgb.Dataset:
        return lgb.Dataset(
            matrix,
            feature_name=list(columns.names),
            categorical_feature=columns.category_positions,
            reference=reference,
            params=self._parameters(),
            free_raw_data=True,
        ).construct()

    def _part(self, rows: Rows, labels: Vector, weights: Vector) -> lgb.Dataset:
        part = self._binned.subset(rows.tolist(), params=self._parameters()).construct()
        part.set_label(labels)
        part.set_weight(weights)
        return part


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
