"""Intervals against the figures of their own publications."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.intervals import newcombe, wilson


def test_newcombe_gives_the_limits_of_the_paper() -> None:
    """Newcombe 1998, table II, method 10."""
    cases = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 10): (0.6075, 1.0000),
    }
    for counts, (low, high) in cases.items():
        found = newcombe(*counts)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_nothing_is_known_of_an_empty_group() -> None:
    assert not wilson(0, 0).known
    assert not newcombe(0, 0, 3, 10).known
    assert wilson(0, 0).as_dict() == {"value": None, "low": None, "high": None}


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_wilson_holds_the_estimate_inside_the_unit_interval(n: int, share: float) -> None:
    found = wilson(round(n * share), n)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_more_comparisons_make_a_wider_interval() -> None:
    one, many = newcombe(56, 70, 48, 80), newcombe(56, 70, 48, 80, comparisons=20)
    assert many.low < one.low < one.high < many.high
