"""What a head must beat: popularity, the rules alone, the last state, logistic regression."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from models.examples import Task
from models.heads import shrunken
from models.matrix import Columns, Matrix, Vector

RIDGE = 0.01
"""Chosen on the stop period of the synthetic municipality, the best of 0.0005 to 0.05."""
MOST_ROWS = 12_000
_GRANTED, _SEEN = "service_days_since_granted_", "days_since_last_"


def popularity(fit: Task, test: Task) -> Vector:
    """The share that took the service up, the same for everyone."""
    return np.full(len(test.rows), take_up_share(fit))


def take_up_share(fit: Task) -> float:
    """The share of the candidates that took the service up unaided."""
    return _share(fit, np.ones(len(fit.rows), dtype=bool))


def rules_only(fit: Task, test: Task) -> Vector:
    """The share among those with the same verdict: eligible, or unknown."""
    eligible, unknown = _share(fit, fit.known), _share(fit, ~fit.known)
    return np.where(test.known, eligible, unknown)


def last_state(columns: Columns, fit: tuple[Task, Matrix], test: Matrix) -> Vector:
    """The share that took the service up among those whose last record was of the same kind.

    A state is the service granted last, or the event seen last; the share of a rare state is
    pulled towards everyone's.

    Parameters
    ----------
    fit
        The candidates, and their rows of the matrix.
    """
    task, matrix = fit
    weight = task.weight
    overall = _share(task, np.ones(len(task.rows), dtype=bool))
    before, now = _states(columns, matrix), _states(columns, test)
    shares = {
        state: shrunken(
            float((weight * task.taken)[before == state].sum()),
            float(weight[before == state].sum()),
            overall,
            strength=10,
        )
        for state in np.unique(before)
    }
    return np.array([shares.get(state, overall) for state in now], dtype=np.float64)


def _states(columns: Columns, matrix: Matrix) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Which kind of record is the most recent: its place among the recency signals, -1 for none."""
    granted = [p for p, name in enumerate(columns.names) if name.startswith(_GRANTED)]
    seen = [p for p, name in enumerate(columns.names) if name.startswith(_SEEN)]
    if not granted and not seen:
        return np.full(len(matrix), -1, dtype=np.int64)
    days = matrix[:, [*granted, *seen]]
    ages = np.where(np.isnan(days) | (days < 0), np.inf, days)
    return np.where(np.isfinite(ages.min(axis=1)), ages.argmin(axis=1), -1).astype(np.int64)


def logistic(
    columns: Columns,
    fit: tuple[Matrix, Vector, Vector],
    test: Matrix,
) -> Vector:
    """Ridge logistic regression: medians and missing flags for numbers, cut at four standard
    deviations, and one-hot for codes.

    Parameters
    ----------
    fit
        The rows, labels and weights that the trees were grown on; of more than
        :data:`MOST_ROWS` every second, third, … is taken.
    """
    step = len(fit[1]) // MOST_ROWS + 1
    matrix, labels, weights = (part[::step] for part in fit)
    model = _pipeline(columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, labels, logisticregression__sample_weight=weights)
    return np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)


def _pipeline(columns: Columns) -> Any:
    codes = columns.category_positions
    numbers = [place for place in range(len(columns.names)) if place not in set(codes)]
    steps = [
        (
            "numbers",
            make_pipeline(
                SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
                StandardScaler(),
                FunctionTransformer(np.clip, kw_args={"a_min": -4.0, "a_max": 4.0}),
            ),
            numbers,
        ),
        (
            "codes",
            OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False),
            codes,
        ),
    ]
    chosen = [step for step in steps if step[2]]
    return make_pipeline(
        ColumnTransformer(chosen, sparse_threshold=0),
        LogisticRegression(C=RIDGE, max_iter=200, tol=1e-3),
    )


def _share(task: Task, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    weight = task.weight * chosen
    overall = float((task.weight * task.taken).sum()) / max(float(task.weight.sum()), 1.0)
    return shrunken(
        float((weight * task.taken).sum()), float(weight.sum()), min(max(overall, 1e-4), 0.9)
    )
