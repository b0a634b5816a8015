"""A chunk is made while the one before it is used: in the same order, and with the same faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from features.mapped_chunks import _one_ahead
from features.sources.chunks import TruncatedFile


def test_chunks_come_in_order_and_one_ahead_at_most() -> None:
    made: list[int] = []

    def chunks() -> Iterator[int]:
        for number in range(1, 6):
            made.append(number)
            yield number

    for used in _one_ahead(chunks(), lambda number: -number):
        assert -used <= len(made) <= 1 - used
    assert made == [1, 2, 3, 4, 5]


def test_a_fault_comes_after_the_chunks_before_it() -> None:
    def chunks() -> Iterator[int]:
        yield 1
        yield 2
        raise TruncatedFile("it stops short")

    used: list[int] = []
    with pytest.raises(TruncatedFile, match="stops short"):
        used.extend(_one_ahead(chunks(), abs))
    assert used == [1, 2]


def test_a_fault_in_the_work_ends_it_there() -> None:
    used: list[float] = []
    with pytest.raises(ZeroDivisionError):
        used.extend(_one_ahead(iter([2, 1, 0, 1]), lambda number: 1 / number))
    assert used == [0.5, 1]
