"""What was seen before: sorted runs of 64-bit hashes, merged as they grow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class Seen:
    """A growing multiset of hashes: eight bytes each, whole arrays at a time."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def add(self, hashes: Hashes) -> None:
        """Take in ``hashes``, doubles too."""
        run = np.sort(hashes)
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)

    def is_empty(self) -> bool:
        """Whether nothing was taken in."""
        return not self._runs

    def occurrence(self, hashes: Hashes) -> Hashes:
        """Which of its equals each hash is (the first is 0), those taken in before included.

        Takes them in.
        """
        order = np.argsort(hashes, kind="stable")
        run = hashes[order]
        count = self._count(run)
        starts = np.flatnonzero(np.concatenate([[True], run[1:] != run[:-1]]))
        if len(starts) < len(run):
            lengths = np.diff(np.append(starts, len(run)))
            count += (np.arange(len(run)) - np.repeat(starts, lengths)).astype(np.uint64)
        self.add(run)
        back = np.empty_like(count)
        back[order] = count
        return back

    def overlap(self, hashes: Hashes) -> bool:
        """Whether any of ``hashes`` is there twice, or was taken in before."""
        run = np.sort(hashes)
        return bool((run[1:] == run[:-1]).any() or self._count(run).any())

    def contains(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Which of ``hashes`` were taken in."""
        found = np.zeros(len(hashes), dtype=np.bool_)
        if not self._runs:
            return found
        order = np.argsort(hashes)
        found[order] = self._count(hashes[order]) > 0
        return found

    def _count(self, ascending: Hashes) -> Hashes:
        """How often each was taken in; in ascending order the search stays in the cache."""
        total = np.zeros(len(ascending), dtype=np.uint64)
        for run in self._runs:
            first = np.searchsorted(run, ascending, side="left")
            found = run[np.minimum(first, len(run) - 1)] == ascending
            if found.any():
                there = ascending[found]
                after = np.searchsorted(run, there, side="right")
                total[found] += (after - first[found]).astype(np.uint64)
        return total
