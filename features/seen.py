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

    def count(self, hashes: Hashes) -> Hashes:
        """How often each of ``hashes`` was taken in."""
        total = np.zeros(len(hashes), dtype=np.uint64)
        for run in self._runs:
            upto = np.searchsorted(run, hashes, side="right")
            total += (upto - np.searchsorted(run, hashes, side="left")).astype(np.uint64)
        return total

    def occurrence(self, hashes: Hashes) -> Hashes:
        """Which of its equals each hash is (the first is 0), those taken in before included.

        Takes them in.
        """
        here = np.zeros(len(hashes), dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        run = hashes[order]
        starts = np.flatnonzero(np.concatenate([[True], run[1:] != run[:-1]]))
        if len(starts) < len(run):
            lengths = np.diff(np.append(starts, len(run)))
            here[order] = np.arange(len(run)) - np.repeat(starts, lengths)
        before = self.count(hashes)
        self.add(hashes)
        return here + before

    def contains(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Which of ``hashes`` were taken in."""
        found = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            place = np.searchsorted(run, hashes)
            found |= run[np.minimum(place, len(run) - 1)] == hashes
        return found
