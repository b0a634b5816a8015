"""Screening: which signals a head is grown on, when there are many more than it can use.

Of hundreds of signals most say nothing about one service, and growing trees costs time for each.
All signals are put into coarse bins once, for all heads; a head then takes those whose single best
cut tells its outcomes apart most. Only rows that the head is fitted on take part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.matrix import Columns, Matrix, Vector

BINS = 31
"""Bins for values; one more holds what is missing."""
_WIDTH = BINS + 1
_SAMPLED = 20_000
_AT_ONCE = 4_000_000
"""Cells that are counted at once: what bounds the memory."""


class Screen:
    """Coarse bins of all signals, from which the telling ones are picked for each head.

    Parameters
    ----------
    matrix
        (rows, signals) of the fit period.
    """

    def __init__(self, matrix: Matrix, columns: Columns) -> None:
        self._codes = _codes(matrix, columns)
        self._categories = np.zeros(len(columns.names), dtype=np.bool_)
        self._categories[columns.category_positions] = True

    def telling(
        self,
        rows: NDArray[np.int64],
        labels: Vector,
        most: int,
        *,
        allowed: Sequence[int] | None = None,
        always: Iterable[int] = (),
    ) -> NDArray[np.int64]:
        """The positions, ascending, of the signals that tell the outcomes apart best.

        Parameters
        ----------
        rows, labels
            Row numbers, and 0/1 for each.
        most
            At most so many, ``always`` not counted. A signal that says nothing is left out even
            when there is room.
        allowed
            Only among these positions; among all when not given.
        """
        among = np.arange(self._codes.shape[1]) if allowed is None else np.asarray(allowed)
        gains = np.concatenate(
            [self._gains(rows, labels, part) for part in _parts(among, len(rows))] or [np.empty(0)]
        )
        best = np.argsort(-gains, kind="stable")[:most]
        kept = set(among[best[gains[best] > 0]].tolist())
        return np.array(sorted(kept | (set(always) & set(among.tolist()))), dtype=np.int64)

    def counts(self, rows: NDArray[np.int64], labels: Vector) -> tuple[Vector, Vector]:
        """(signals, bins): how many of ``rows``, and how many of them with the outcome."""
        every = np.arange(self._codes.shape[1])
        told = [self._counts(rows, labels, part) for part in _parts(every, len(rows))]
        return np.concatenate([n for n, _ in told]), np.concatenate([s for _, s in told])

    def _gains(self, rows: NDArray[np.int64], labels: Vector, part: NDArray[np.int64]) -> Vector:
        told = self._counts(rows, labels, part)
        return np.where(self._categories[part], best_code(*told), best_cut(*told))

    def _counts(
        self, rows: NDArray[np.int64], labels: Vector, part: NDArray[np.int64]
    ) -> tuple[Vector, Vector]:
        codes = self._codes[np.ix_(rows, part)].astype(np.int32)
        codes += np.arange(len(part), dtype=np.int32) * _WIDTH
        return _counted(codes, len(part)), _counted(codes[labels == 1], len(part))


def best_cut(counts: Vector, positives: Vector) -> Vector:
    """Chi-square (one degree of freedom) of the best cut of each signal, one per row.

    Parameters
    ----------
    counts, positives
        (signals, bins): how many rows, and how many with the outcome; the last bin holds what is
        missing, which may stand on either side of a cut.
    """
    missing = counts[:, -1:], positives[:, -1:]
    n, s = np.cumsum(counts[:, :-1], axis=1), np.cumsum(positives[:, :-1], axis=1)
    n, s = np.hstack([n, n + missing[0]]), np.hstack([s, s + missing[1]])
    return np.asarray(_chi_square(n, s, counts, positives).max(axis=1), dtype=np.float64)


def best_code(counts: Vector, positives: Vector) -> Vector:
    """The same where values have no order: one code against all others."""
    return np.asarray(
        _chi_square(counts, positives, counts, positives).max(axis=1), dtype=np.float64
    )


def _chi_square(n: Vector, s: Vector, counts: Vector, positives: Vector) -> Vector:
    total = counts.sum(axis=1, keepdims=True)
    share = positives.sum(axis=1, keepdims=True) / np.maximum(total, 1)
    spread = n * (total - n) / np.maximum(total, 1) * share * (1 - share)
    apart = (s - share * n) ** 2
    found: Vector = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    return found


def _counted(codes: NDArray[np.int32], signals: int) -> Vector:
    counts = np.bincount(codes.ravel(), minlength=signals * _WIDTH)
    return counts.reshape(signals, _WIDTH).astype(np.float64)


def _parts(among: NDArray[np.int64], rows: int) -> list[NDArray[np.int64]]:
    size = max(1, _AT_ONCE // max(rows, 1))
    return [among[start : start + size] for start in range(0, len(among), size)]


def _codes(matrix: Matrix, columns: Columns) -> NDArray[np.uint8]:
    """Per cell the number of its bin. Codes of a category keep to themselves, the high ones
    together."""
    codes = np.full(matrix.shape, BINS, dtype=np.uint8, order="F")
    step = max(1, len(matrix) // _SAMPLED)
    categories = set(columns.category_positions)
    for place in range(matrix.shape[1]):
        column = np.ascontiguousarray(matrix[:, place])
        edges = np.arange(1, BINS) if place in categories else _edges(column[::step])
        found = np.searchsorted(edges, column, side="right")
        codes[:, place] = np.where(np.isnan(column), BINS, found)
    return codes


def _edges(sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most BINS - 1 edges: between all values where they are few, else quantiles."""
    values, counts = np.unique(sample[~np.isnan(sample)], return_counts=True)
    if len(values) <= BINS:
        return values[1:]
    places = np.searchsorted(np.cumsum(counts), np.arange(1, BINS) * counts.sum() / BINS)
    return np.unique(values[places])
