"""Screening: the signals that tell are found, whatever their form; nothing else is let through."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.matrix import Columns
from models.screening import BINS, Screen, best_cut

NAMES = tuple("abcdef")


def _world(rows: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(rows, 6)).astype(np.float32)
    matrix[:, 2] = random.integers(0, 5, rows)
    labels = random.random(rows) < 0.1
    matrix[labels, 1] += 1  # higher
    matrix[labels & (random.random(rows) < 0.5), 3] = np.nan  # more often missing
    matrix[labels & (random.random(rows) < 0.5), 2] = 3  # of one kind
    matrix[:, 5] = 7  # the same for everyone
    return matrix, labels.astype(np.float64)


def _screen() -> tuple[Screen, np.ndarray, np.ndarray]:
    matrix, labels = _world()
    return Screen(matrix, Columns(NAMES, frozenset("c"))), np.arange(len(labels)), labels


def test_higher_missing_and_of_one_kind_are_all_found() -> None:
    screen, rows, labels = _screen()
    assert screen.telling(rows, labels, 3).tolist() == [1, 2, 3]


def test_what_never_differs_is_left_out_though_there_is_room() -> None:
    screen, rows, labels = _screen()
    assert 5 not in screen.telling(rows, labels, 6)


def test_only_what_is_allowed_and_always_what_is_asked_for() -> None:
    screen, rows, labels = _screen()
    assert screen.telling(rows, labels, 1, allowed=[0, 1, 5], always=[2, 5]).tolist() == [1, 5]


def test_rows_of_others_play_no_part() -> None:
    matrix, labels = _world()
    half = np.arange(0, len(labels), 2)
    whole = Screen(matrix, Columns(NAMES)).telling(half, labels[half], 2)
    edges_alike = np.vstack([matrix[half], matrix[half]])
    alone = Screen(edges_alike, Columns(NAMES)).telling(np.arange(len(half)), labels[half], 2)
    assert whole.tolist() == alone.tolist()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=8))
def test_the_best_cut_is_the_best_of_all_cuts(cells: list[tuple[int, int]]) -> None:
    counts = np.array([[a + b for a, b in cells]], dtype=np.float64)
    positives = np.array([[a for a, _ in cells]], dtype=np.float64)
    found = float(best_cut(counts, positives)[0])
    assert found >= 0
    assert np.isclose(found, _by_hand(cells))


def _by_hand(cells: list[tuple[int, int]]) -> float:
    *values, missing = cells
    best = 0.0
    for cut in range(1, len(values) + 1):
        for with_missing in (False, True):
            left = [*values[:cut], *([missing] if with_missing else [])]
            right = [*values[cut:], *([] if with_missing else [missing])]
            best = max(best, _two_by_two(left, right))
    return best


def _two_by_two(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> float:
    a, b = (sum(cell[k] for cell in left) for k in (0, 1))
    c, d = (sum(cell[k] for cell in right) for k in (0, 1))
    below = (a + b) * (c + d) * (a + c) * (b + d)
    return (a + b + c + d) * (a * d - b * c) ** 2 / below if below else 0.0


def test_there_are_no_more_bins_than_a_byte_holds() -> None:
    assert BINS < 255
