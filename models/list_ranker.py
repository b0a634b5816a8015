"""The rival from recommender systems: LambdaMART, one model that orders each citizen's candidates.

Burges (2010), LightGBM's ``lambdarank``: trees grown to put what a citizen takes up next, unaided,
above the rest of that citizen's own list. A query is a citizen at a date; an entry is a candidate
with its signals, its service and its verdict. A signal that a service's purpose does not allow is
missing in the entries of that service. Scores compare within a list only: they are no chances.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.fitting import Settings
from models.heads import plain_text
from models.learning import LEAST_TO_STOP, Learner
from models.matrix import Matrix, Vector
from models.splits import Role

LIST_LENGTH = 5
MOST_LISTS = 6_000
"""Lists that trees are grown on; without a take-up a list tells no order and is left out."""
LEAST_LISTS = 40
SIGNALS_EACH = 12
"""Of each service, the signals that tell its takers best; the model reads those of all."""


@dataclass(frozen=True)
class ListRanker:
    """LambdaMART, held as its own text.

    Parameters
    ----------
    signals
        Positions of the signals it reads.
    allowed
        By service, in order of its code: which of those it may read.
    """

    text: str
    signals: NDArray[np.int64]
    allowed: dict[str, NDArray[np.bool_]]

    @cached_property
    def booster(self) -> lgb.Booster:
        """The model, read once."""
        return lgb.Booster(model_str=self.text)

    def scores(
        self, service: str, matrix: Matrix, known: NDArray[np.bool_], *, threads: int = 1
    ) -> Vector:
        """One per row, to be compared with other services' for the same row."""
        if not len(matrix):
            return np.empty(0)
        rows = _entries(self, service, matrix, known)
        return np.asarray(self.booster.predict(rows, num_threads=threads), dtype=np.float64)


@dataclass(frozen=True)
class _Lists:
    """Entries of whole lists, list after list."""

    entries: Matrix
    labels: Vector
    sizes: NDArray[np.int64]


def learn_ranker(learner: Learner, services: list[str]) -> ListRanker | None:
    """Grow it on the fit period, stopped on the next; None where too few lists tell an order."""
    signals = _telling(learner, services)
    allowed = {one: np.isin(signals, learner.allowed(one)) for one in services}
    ranker = ListRanker("", signals, allowed)
    fit = _lists(learner, ranker, Role.FIT)
    if fit is None or len(fit.sizes) < LEAST_LISTS:
        return None
    stop = _lists(learner, ranker, Role.STOP)
    return ListRanker(_grown(learner, ranker, fit, stop), signals, allowed)


def _telling(learner: Learner, services: list[str]) -> NDArray[np.int64]:
    """The signals that tell each service's takers best, together."""
    found = [np.empty(0, dtype=np.int64)]
    for service in services:
        task = learner.examples.task(service, Role.FIT)
        seen = task.weight > 0
        labels = task.taken[seen].astype(np.float64)
        if 0 < labels.sum() < len(labels):
            allowed = learner.allowed(service)
            best = learner.bins.screen.telling(
                task.rows[seen], labels, SIGNALS_EACH, allowed=allowed
            )
            found.append(best)
    return np.unique(np.concatenate(found))


def _taken_in(learner: Learner, services: Iterable[str], role: Role) -> NDArray[np.int64]:
    """The lists of a period in which something was taken up, seen without help."""
    tasks = [learner.examples.task(one, role) for one in services]
    taken = [task.rows[(task.weight > 0) & (task.taken == 1)] for task in tasks]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *taken]))


def _lists(learner: Learner, ranker: ListRanker, role: Role) -> _Lists | None:
    """The lists of a period that hold a take-up; None where there are too few."""
    kept = _drawn(_taken_in(learner, ranker.allowed, role), learner.settings.seed)
    if len(kept) < LEAST_TO_STOP:
        return None
    parts, owners, labels = [], [], []
    for service in ranker.allowed:
        task = learner.examples.task(service, role)
        task = task.where((task.weight > 0) & np.isin(task.rows, kept))
        parts.append(_entries(ranker, service, learner.examples.matrix[task.rows], task.known))
        owners.append(task.rows)
        labels.append(task.taken.astype(np.float64))
    owner = np.concatenate(owners)
    # By lot within a list: trees that say nothing must not look good by the order of services.
    lot = np.random.default_rng(learner.settings.seed).random(len(owner))
    order = np.lexsort((lot, owner))
    _, sizes = np.unique(owner, return_counts=True)
    return _Lists(np.concatenate(parts)[order], np.concatenate(labels)[order], sizes)


def _drawn(rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    if len(rows) <= MOST_LISTS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_LISTS, replace=False))


def _entries(ranker: ListRanker, service: str, matrix: Matrix, known: NDArray[np.bool_]) -> Matrix:
    """The signals a service may read, then its code and the verdict."""
    told = np.where(ranker.allowed[service], matrix[:, ranker.signals], np.float32(np.nan))
    code = list(ranker.allowed).index(service)
    return np.column_stack([told, np.full(len(told), code), known]).astype(np.float32)


def _grown(learner: Learner, ranker: ListRanker, fit: _Lists, stop: _Lists | None) -> str:
    settings = learner.settings
    parameters = _parameters(settings)
    codes = set(learner.examples.columns.category_positions)
    categories = [place for place, one in enumerate(ranker.signals.tolist()) if one in codes]
    data = lgb.Dataset(
        fit.entries,
        label=fit.labels,
        group=fit.sizes,
        categorical_feature=[*categories, len(ranker.signals)],
        params=parameters,
    )
    if stop is None:
        return plain_text(lgb.train(parameters, data, settings.rounds_unstopped).model_to_string())
    held = lgb.Dataset(
        stop.entries, label=stop.labels, group=stop.sizes, reference=data, params=parameters
    )
    patience = lgb.early_stopping(settings.patience, verbose=False)
    grown = lgb.train(parameters, data, settings.rounds, valid_sets=[held], callbacks=[patience])
    return plain_text(grown.model_to_string(num_iteration=grown.best_iteration))


def _parameters(settings: Settings) -> dict[str, Any]:
    """Those of the heads, without their penalty on leaves: the curvature of pairs is so small that
    it would flatten them."""
    return {
        "objective": "lambdarank",
        "metric": "ndcg",
        "eval_at": [LIST_LENGTH],
        "seed": settings.seed % 2**31,
        "verbosity": -1,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": settings.threads,
        "max_bin": settings.bins,
        "num_leaves": settings.leaves,
        "max_depth": settings.max_depth,
        "min_data_in_leaf": settings.min_leaf,
        "learning_rate": settings.learning_rate,
        "feature_fraction": settings.column_share,
    }
