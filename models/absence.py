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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.compiled import Floats, Ints, compiled
from models.matrix import Matrix

_CATEGORY = 1
_DEEPEST = 512


@dataclass(frozen=True)
class Forest:
    """LightGBM's text as flat arrays, all trees after each other.

    Parameters
    ----------
    root
        Of each tree: the place of its first node, or ``~leaf`` of a tree that is one leaf.
    signal, threshold, decision, left, right, rows
        Per node; children as ``root`` is; ``rows`` it was grown on.
    value, leaf_rows
        Per leaf.
    bits, begin
        Categories that go left: 32 to a word, and where each set of them begins.
    """

    root: Ints
    signal: Ints
    threshold: Floats
    decision: Ints
    left: Ints
    right: Ints
    rows: Floats
    value: Floats
    leaf_rows: Floats
    bits: Ints
    begin: Ints

    @classmethod
    def of(cls, text: str) -> Forest:
        """Read from LightGBM's own text."""
        trees = [_fields(part) for part in text.split("\nTree=")[1:]]
        nodes = np.cumsum([0, *(len(tree.get("split_feature", ())) for tree in trees)])
        leaves = np.cumsum([0, *(len(tree["leaf_value"]) for tree in trees)])
        words = np.cumsum([0, *(len(tree.get("cat_threshold", ())) for tree in trees)])
        sets = np.cumsum([0, *(max(len(tree.get("cat_boundaries", ())) - 1, 0) for tree in trees)])

        def joined(name: str) -> list[float]:
            return [one for tree in trees for one in tree.get(name, ())]

        decision = np.array(joined("decision_type"), dtype=np.int64)
        threshold = np.array(joined("threshold"), dtype=np.float64)
        own_sets = np.repeat(sets[:-1], np.diff(nodes))
        threshold = np.where(decision & _CATEGORY, threshold + own_sets, threshold)
        begin = [
            int(one) + int(at)
            for tree, at in zip(trees, words, strict=False)
            for one in tree.get("cat_boundaries", ())[:-1]
        ]
        return cls(
            root=np.array(
                [
                    at if len(tree.get("split_feature", ())) else ~leaf
                    for tree, at, leaf in zip(trees, nodes, leaves, strict=False)
                ],
                dtype=np.int64,
            ),
            signal=np.array(joined("split_feature"), dtype=np.int64),
            threshold=threshold,
            decision=decision,
            left=_moved(joined("left_child"), nodes, leaves),
            right=_moved(joined("right_child"), nodes, leaves),
            rows=np.array(joined("internal_count"), dtype=np.float64),
            value=np.array(joined("leaf_value"), dtype=np.float64),
            leaf_rows=np.array(
                [one for tree in trees for one in tree.get("leaf_count", (1.0,))], dtype=np.float64
            ),
            bits=np.array(joined("cat_threshold"), dtype=np.int64),
            begin=np.array([*begin, int(words[-1])], dtype=np.int64),
        )

    def without(
        self, row: Matrix, absent: Sequence[Sequence[int] | NDArray[np.int64]]
    ) -> list[float]:
        """The raw score of a matrix of one row, once for each set of absent signals."""
        values = row[0].astype(np.float64)
        found = []
        for places in absent:
            gone = np.zeros(len(values), dtype=np.int64)
            gone[places] = 1
            found.append(
                float(
                    _expected(
                        self.root,
                        self.signal,
                        self.threshold,
                        self.decision,
                        self.left,
                        self.right,
                        self.rows,
                        self.value,
                        self.leaf_rows,
                        self.bits,
                        self.begin,
                        values,
                        gone,
                    )
                )
            )
        return found


def _fields(tree: str) -> dict[str, list[float]]:
    """The numbers of each line of one tree that holds any."""
    lines = (line.partition("=") for line in tree.split("\n\n")[0].splitlines() if "=" in line)
    return {name: [float(one) for one in numbers.split()] for name, _, numbers in lines}


def _moved(children: list[float], nodes: NDArray[np.int64], leaves: NDArray[np.int64]) -> Ints:
    """Children by their place among all trees' nodes, or all trees' leaves."""
    found = np.array(children, dtype=np.int64)
    size = np.diff(nodes)
    by_node, by_leaf = np.repeat(nodes[:-1], size), np.repeat(leaves[:-1], size)
    return np.where(found >= 0, found + by_node, found - by_leaf)


@compiled
def _expected(
    root: Ints,
    signal: Ints,
    threshold: Floats,
    decision: Ints,
    left: Ints,
    right: Ints,
    rows: Floats,
    value: Floats,
    leaf_rows: Floats,
    bits: Ints,
    begin: Ints,
    row: Floats,
    gone: Ints,
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
            if gone[signal[node]]:
                many = leaf_rows[~one] if one < 0 else rows[one]
                few = leaf_rows[~other] if other < 0 else rows[other]
                top += 1
                at[top], weight[top] = one, share * many / (many + few)
                top += 1
                at[top], weight[top] = other, share * few / (many + few)
                continue
            x, kind = row[signal[node]], decision[node]
            if kind & 1:
                chosen = other
                if not np.isnan(x) and x >= 0:
                    of = int(threshold[node])
                    word = begin[of] + int(x) // 32
                    if word < begin[of + 1] and (bits[word] >> (int(x) % 32)) & 1:
                        chosen = one
            else:
                missing = (kind >> 2) & 3
                if np.isnan(x) and missing != 2:
                    x = 0.0
                if (missing == 1 and abs(x) <= 1e-35) or (missing == 2 and np.isnan(x)):
                    chosen = one if kind & 2 else other
                else:
                    chosen = one if x <= threshold[node] else other
            top += 1
            at[top], weight[top] = chosen, share
    return total
