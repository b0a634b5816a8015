"""Folds that keep households together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def folds_of(household: NDArray[np.int64], folds: int, *, seed: int) -> NDArray[np.int8]:
    """The fold of each row, 0 to ``folds - 1``: whole households, drawn by ``seed``, in folds
    whose numbers of households differ by one at most.
    """
    names, place = np.unique(household, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(names)) % folds
    return drawn[place].astype(np.int8)
