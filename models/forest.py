"""A model of trees as flat arrays, for what is asked of one citizen at a time.

LightGBM's own call prepares for thousands of rows; for one row that takes longer than the trees.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.compiled import Flags, Floats, Ints, compiled
from models.matrix import Matrix

_CATEGORY = 1
_NOTHING = np.empty(0)
_LINKS = re.compile(r"^objective=(?:binary sigmoid:([0-9.]+)|cross_entropy)$", re.MULTILINE)


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
    steepness
        By which the raw score is multiplied to be log-odds; None where it is something else.
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
    steepness: float | None

    @classmethod
    def of(cls, text: str) -> Forest:
        """Read from LightGBM's own text."""
        head, *parts = text.split("\nTree=")
        trees = [_fields(part) for part in parts]
        nodes = np.cumsum([0, *(len(tree.get("split_feature", ())) for tree in trees)])
        leaves = np.cumsum([0, *(len(tree["leaf_value"]) for tree in trees)])
        words = np.cumsum([0, *(len(tree.get("cat_threshold", ())) for tree in trees)])
        sets = np.cumsum([0, *(max(len(tree.get("cat_boundaries", ())) - 1, 0) for tree in trees)])

        def joined(name: str, otherwise: Floats = _NOTHING) -> Floats:
            parts = [tree.get(name, otherwise) for tree in trees]
            return np.concatenate([_NOTHING, *parts])

        decision = joined("decision_type").astype(np.int64)
        threshold = joined("threshold")
        own_sets = np.repeat(sets[:-1], np.diff(nodes))
        threshold = np.where(decision & _CATEGORY, threshold + own_sets, threshold)
        begin = [
            int(one) + int(at)
            for tree, at in zip(trees, words, strict=False)
            for one in tree.get("cat_boundaries", ())[:-1]
        ]
        link = _LINKS.search(head)
        return cls(
            root=np.array(
                [
                    at if len(tree.get("split_feature", ())) else ~leaf
                    for tree, at, leaf in zip(trees, nodes, leaves, strict=False)
                ],
                dtype=np.int64,
            ),
            signal=joined("split_feature").astype(np.int64),
            threshold=threshold,
            decision=decision,
            left=_moved(joined("left_child"), nodes, leaves),
            right=_moved(joined("right_child"), nodes, leaves),
            rows=joined("internal_count"),
            value=joined("leaf_value"),
            leaf_rows=joined("leaf_count", np.ones(1)),
            bits=joined("cat_threshold").astype(np.int64),
            begin=np.array([*begin, int(words[-1])], dtype=np.int64),
            steepness=float(link.group(1) or 1) if link else None,
        )

    def ways(self, row: Matrix) -> Flags:
        """Of each node, whether a matrix of one row goes left there."""
        return _ways(
            self.signal,
            self.threshold,
            self.decision,
            self.bits,
            self.begin,
            row[0].astype(np.float64),
        )

    def raw(self, row: Matrix) -> float:
        """The raw score of a matrix of one row; the same bits as LightGBM's."""
        return float(_raw(self.root, self.left, self.right, self.value, self.ways(row)))

    def probability(self, row: Matrix) -> float:
        """The probability that the raw score stands for; only with a ``steepness``."""
        if self.steepness is None:
            raise ValueError("the raw score of this model is no log-odds")
        score = self.steepness * self.raw(row)
        return 1.0 / (1.0 + math.exp(-score)) if score > -700 else 0.0

    @cached_property
    def deepest(self) -> int:
        """The most questions on the way to a leaf."""
        return int(_deepest(self.root, self.left, self.right))


def _fields(tree: str) -> dict[str, Floats]:
    """The numbers of each line of one tree that holds any."""
    lines = (line.partition("=") for line in tree.split("\n\n")[0].splitlines() if "=" in line)
    return {
        name: np.fromstring(numbers, dtype=np.float64, sep=" ")
        for name, _, numbers in lines
        if name in _READ
    }


_READ = frozenset(
    {
        "split_feature", "threshold", "decision_type", "left_child", "right_child",
        "internal_count", "leaf_value", "leaf_count", "cat_threshold", "cat_boundaries",
    }
)  # fmt: skip


def _moved(children: Floats, nodes: NDArray[np.int64], leaves: NDArray[np.int64]) -> Ints:
    """Children by their place among all trees' nodes, or all trees' leaves."""
    found = children.astype(np.int64)
    size = np.diff(nodes)
    by_node, by_leaf = np.repeat(nodes[:-1], size), np.repeat(leaves[:-1], size)
    return np.where(found >= 0, found + by_node, found - by_leaf)


@compiled
def _ways(
    signal: Ints, threshold: Floats, decision: Ints, bits: Ints, begin: Ints, row: Floats
) -> Flags:
    """Which nodes send ``row`` left."""
    found = np.empty(len(signal), dtype=np.bool_)
    for node in range(len(signal)):
        x, kind = row[signal[node]], decision[node]
        if kind & 1:
            found[node] = False
            if not np.isnan(x) and int(x) >= 0:
                of = int(threshold[node])
                word = begin[of] + int(x) // 32
                found[node] = word < begin[of + 1] and (bits[word] >> (int(x) % 32)) & 1 == 1
            continue
        missing = (kind >> 2) & 3
        if np.isnan(x) and missing != 2:
            x = 0.0
        if (missing == 1 and abs(x) <= 1e-35) or (missing == 2 and np.isnan(x)):
            found[node] = kind & 2 != 0
        else:
            found[node] = x <= threshold[node]
    return found


@compiled
def _raw(root: Ints, left: Ints, right: Ints, value: Floats, ways: Flags) -> float:
    """The sum over trees of the leaf that is reached."""
    total = 0.0
    for tree in range(len(root)):
        node = root[tree]
        while node >= 0:
            node = left[node] if ways[node] else right[node]
        total += value[~node]
    return total


@compiled
def _deepest(root: Ints, left: Ints, right: Ints) -> int:
    """The depth of the deepest leaf. A child of a tree stands after its parent or is a leaf."""
    depth = np.zeros(len(left), dtype=np.int64)
    most = 0
    for node in range(len(left)):
        for child in (left[node], right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
        most = max(most, depth[node] + 1)
    return most
