"""Training without some signals: for what they tell that they should not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.errors import UnknownSignalError
from models.examples import Examples
from models.matrix import Matrix


def without_signals(examples: Examples, dropped: tuple[str, ...]) -> Examples:
    """``examples`` in which the dropped signals are known of nobody, so that no tree asks them.

    Raises
    ------
    UnknownSignalError
        When there is no such signal.
    """
    if not dropped:
        return examples
    names = examples.columns.names
    missing = [name for name in dropped if name not in names]
    if missing:
        raise UnknownSignalError(missing[0])
    places = [names.index(name) for name in dropped]
    checked = examples.sampled
    if len(checked.matrix):
        checked = replace(checked, matrix=_unknown(checked.matrix, places))
    return replace(examples, matrix=_unknown(examples.matrix, places), sampled=checked)


def _unknown(matrix: Matrix, places: list[int]) -> Matrix:
    found = matrix.copy()
    found[:, places] = np.nan
    return found
