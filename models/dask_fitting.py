"""Growing trees on a Dask cluster, with LightGBM's own estimator for it.

The rows of a head are spread over the workers; trees are grown together and the model comes back as
the same text. It is not the same model to the bit, for histograms are added up in another order:
what holds is its quality. LightGBM stops early on one machine only, so here all rounds are grown,
and the best number of trees is looked up afterwards on the same later period.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np

from features.errors import VoorzetError
from models.fitting import Cut, Rows, SharedBins
from models.matrix import Matrix, Vector
from models.metrics import log_loss

LEAST_FOR_WORKER = 200
"""Fewer rows than this for each worker are not worth spreading."""
EVERY = 5
"""The number of trees is looked up in steps of so many."""
NAMES = {
    "min_data_in_leaf": "min_child_samples",
    "lambda_l2": "reg_lambda",
    "feature_fraction": "colsample_bytree",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
    "seed": "random_state",
}
"""What the estimator calls LightGBM's own parameters."""
OWN = ("num_threads", "metric", "data_random_seed")


class DaskBins(SharedBins):
    """Bins whose heads are grown on the workers of ``client`` (``distributed.Client``)."""

    _client: Any
    _workers: int

    @classmethod
    def spread(cls, bins: SharedBins, client: Any) -> DaskBins:
        """The same bins on a cluster.

        Raises
        ------
        VoorzetError
            When it has no workers.
        """
        spread = cls.__new__(cls)
        spread.__dict__ |= bins.__dict__
        spread._client = client
        spread._workers = len(client.scheduler_info()["workers"])
        if not spread._workers:
            raise VoorzetError("the Dask cluster has no workers: start some, and run this again")
        return spread

    def _grown(
        self, parameters: dict[str, Any], rows: Cut, stop: Cut | None, signals: Rows, slower: int
    ) -> str:
        positives = rows[1].sum()
        if len(rows[0]) < LEAST_FOR_WORKER * self._workers or positives < self._workers:
            return super()._grown(parameters, rows, stop, signals, slower)
        rounds = self._settings.rounds if stop else self._settings.rounds_unstopped
        booster = self._on_workers(parameters, rows, signals, rounds * slower)
        best = None if stop is None else self._best(booster, stop)
        return str(booster.model_to_string(num_iteration=best))

    def _on_workers(
        self, parameters: dict[str, Any], rows: Cut, signals: Rows, rounds: int
    ) -> lgb.Booster:
        from dask.array import from_array

        spread: Callable[..., Any] = from_array
        shuffled = np.random.default_rng(parameters["seed"]).permutation(len(rows[0]))
        size = -(-len(shuffled) // self._workers)
        wide = np.zeros((len(shuffled), len(self._columns.names)), dtype=np.float32)
        wide[:, signals] = self._matrix[np.ix_(rows[0][shuffled], signals)]
        given = {NAMES.get(key, key): value for key, value in parameters.items() if key not in OWN}
        grown = lgb.DaskLGBMClassifier(client=self._client, n_estimators=rounds, **given)
        categories = set(self._columns.category_positions) & set(signals.tolist())
        grown.fit(
            spread(wide, chunks=(size, wide.shape[1])),
            spread(rows[1][shuffled], chunks=size),
            sample_weight=spread(rows[2][shuffled], chunks=size),
            feature_name=list(self._columns.names),
            categorical_feature=sorted(categories),
        )
        return grown.booster_

    def _best(self, booster: lgb.Booster, stop: Cut) -> int:
        """The number of trees with the smallest loss on the later period."""
        matrix = self._matrix[stop[0]]
        counts = range(EVERY, booster.num_trees() + EVERY, EVERY)
        losses = [self._loss(booster, matrix, stop, count) for count in counts]
        return min(counts[int(np.argmin(losses))], booster.num_trees())

    def _loss(self, booster: lgb.Booster, matrix: Matrix, stop: Cut, trees: int) -> float:
        said: Vector = np.asarray(booster.predict(matrix, num_iteration=trees), dtype=np.float64)
        return log_loss(stop[1], said, stop[2])
