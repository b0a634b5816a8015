"""Runs of equals among rows that stand side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


def starts(group: NDArray[np.generic]) -> Flags:
    """Which element begins a run of equals."""
    first = np.ones(len(group), dtype=bool)
    first[1:] = group[1:] != group[:-1]
    return first
