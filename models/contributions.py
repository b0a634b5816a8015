"""What each signal adds to a raw score: Shapley values of the game of :mod:`models.absence`.

The same numbers as LightGBM's ``pred_contrib``, reached another way. Of a leaf the game is a
product over the signals on the way to it: each counts for 1 or 0 when it is known (the row goes
that way or does not), and for the share of rows that went that way when it is not. The Shapley
value of such a game is the integral over t from 0 to 1 of a polynomial in t (Owen 1972), and Gauss
and Legendre's points integrate a polynomial exactly: as many points as half the signals on the way.
So a tree is walked once, with a few numbers an edge.

References
----------
Owen, G. (1972). Multilinear extensions of games. Management Science 18.
Lundberg, S. M. et al. (2020). From local explanations to global understanding with explainable AI
for trees. Nature Machine Intelligence 2.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from features.compiled import Flags, Floats, Ints, compiled
from models.forest import Forest
from models.matrix import Matrix, Vector


def contributions(forest: Forest, row: Matrix) -> Vector:
    """Of a matrix of one row: what each signal adds to the raw score, and last the base."""
    points, weights = _points(max(1, (forest.deepest + 1) // 2))
    return _shares(
        forest.root,
        forest.signal,
        forest.left,
        forest.right,
        forest.rows,
        forest.value,
        forest.leaf_rows,
        forest.ways(row),
        points,
        weights,
        forest.deepest,
        row.shape[1],
    )


@lru_cache(maxsize=64)
def _points(count: int) -> tuple[Floats, Floats]:
    """Where between 0 and 1 to look, and how heavily each point counts."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return (points + 1) / 2, weights / 2


@compiled
def _shares(
    root: Ints,
    signal: Ints,
    left: Ints,
    right: Ints,
    rows: Floats,
    value: Floats,
    leaf_rows: Floats,
    ways: Flags,
    points: Floats,
    weights: Floats,
    deepest: int,
    signals: int,
) -> Floats:
    """What each signal adds, and the base.

    ``at`` holds the way down: a node a depth. ``product`` is the game's polynomial so far and
    ``under`` the sum of the leaves' underneath, both at the points. A signal that a way asks for
    again counts as one, with its shares multiplied: what its last question adds takes the place of
    what the one before (``before``, a depth) added.
    """
    found = np.zeros(signals + 1, dtype=np.float64)
    count, depths = len(points), deepest + 1
    at = np.zeros(depths, dtype=np.int64)
    begun = np.zeros(depths, dtype=np.int64)
    before = np.zeros(depths, dtype=np.int64)
    known = np.ones(depths, dtype=np.float64)
    share = np.ones(depths, dtype=np.float64)
    factor = np.ones((depths, count), dtype=np.float64)
    product = np.ones((depths, count), dtype=np.float64)
    under = np.zeros((depths, count), dtype=np.float64)
    for tree in range(len(root)):
        at[0], begun[0], depth = root[tree], 0, 0
        whole = 1.0 if root[tree] < 0 else rows[root[tree]]
        under[0, :] = 0.0
        while True:
            node = at[depth]
            if node < 0:
                for q in range(count):
                    under[depth, q] = value[~node] * product[depth, q]
                here = whole if depth == 0 else leaf_rows[~node]
                found[signals] += value[~node] * here / whole
            elif begun[depth] < 2:
                # One step down, left first.
                down = left[node] if begun[depth] == 0 else right[node]
                hit = ways[node] == (begun[depth] == 0)
                begun[depth] += 1
                last = depth
                while last > 0 and signal[at[last - 1]] != signal[node]:
                    last -= 1
                below = leaf_rows[~down] if down < 0 else rows[down]
                depth += 1
                at[depth], begun[depth], before[depth] = down, 0, last
                share[depth] = (share[last] if last > 0 else 1.0) * below / rows[node]
                known[depth] = (known[last] if last > 0 else 1.0) * (1.0 if hit else 0.0)
                for q in range(count):
                    t = points[q]
                    factor[depth, q] = share[depth] * (1.0 - t) + known[depth] * t
                    old = factor[last, q] if last > 0 else 1.0
                    product[depth, q] = product[depth - 1, q] / old * factor[depth, q]
                    under[depth, q] = 0.0
                continue
            if depth == 0:
                break
            # One step up: what the question above adds to the leaves underneath.
            last, asked = before[depth], signal[at[depth - 1]]
            for q in range(count):
                leaves = weights[q] * under[depth, q]
                found[asked] += (known[depth] - share[depth]) * leaves / factor[depth, q]
                if last > 0:
                    found[asked] -= (known[last] - share[last]) * leaves / factor[last, q]
                under[depth - 1, q] += under[depth, q]
            depth -= 1
    return found
