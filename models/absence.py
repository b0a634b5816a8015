"""What a model of trees would say without some of its signals.

Where a tree asks for an absent signal both ways are followed, each for the share of the rows it was
grown on that went there: the game that TreeSHAP divides (its path-dependent form). With nothing
absent it is the model's own raw score, with everything absent the base of the contributions.

References
----------
Lundberg, S. M. et al. (2020). From local explanations to global understanding with explainable AI
for trees. Nature Machine Intelligence 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.compiled import Flags, Floats, Ints, compiled
from models.forest import Forest
from models.matrix import Matrix

_DEEPEST = 512


def without(
    forest: Forest, row: Matrix, absent: Sequence[Sequence[int] | NDArray[np.int64]]
) -> list[float]:
    """The raw score of a matrix of one row, once for each set of absent signals."""
    ways, found = forest.ways(row), []
    for places in absent:
        gone = np.zeros(row.shape[1], dtype=np.bool_)
        gone[places] = True
        found.append(
            float(
                _expected(
                    forest.root,
                    forest.signal,
                    forest.left,
                    forest.right,
                    forest.rows,
                    forest.value,
                    forest.leaf_rows,
                    ways,
                    gone,
                )
            )
        )
    return found


@compiled
def _expected(
    root: Ints,
    signal: Ints,
    left: Ints,
    right: Ints,
    rows: Floats,
    value: Floats,
    leaf_rows: Floats,
    ways: Flags,
    gone: Flags,
) -> float:
    """The sum over trees of the mean of the leaves that can be reached."""
    total = 0.0
    at = np.empty(_DEEPEST, dtype=np.int64)
    weight = np.empty(_DEEPEST, dtype=np.float64)
    for tree in range(len(root)):
        top = 0
        at[0], weight[0] = root[tree], 1.0
        while top >= 0:
            node, share = at[top], weight[top]
            top -= 1
            if node < 0:
                total += share * value[~node]
                continue
            one, other = left[node], right[node]
            top += 1
            if not gone[signal[node]]:
                at[top], weight[top] = one if ways[node] else other, share
                continue
            many = leaf_rows[~one] if one < 0 else rows[one]
            few = leaf_rows[~other] if other < 0 else rows[other]
            at[top], weight[top] = one, share * many / (many + few)
            top += 1
            at[top], weight[top] = other, share * few / (many + few)
    return total
