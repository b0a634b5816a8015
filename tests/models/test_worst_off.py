"""The worst-off group, and the interval that it is judged by."""

from __future__ import annotations

from math import comb, inf

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.intervals import ratio
from models.worst_off import GROUPS, worst_off


def _groups(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=GROUPS, orient="row")


def _chances(n: int, share: float) -> list[float]:
    return [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]


@pytest.mark.parametrize(
    ("n", "other_n", "share"), [(50, 150, 0.6), (50, 50, 0.15), (60, 200, 0.9)]
)
def test_a_group_at_the_limit_is_called_behind_as_often_as_the_confidence_says(
    n: int, other_n: int, share: float
) -> None:
    """Added up over all outcomes: 2.5 in 100 that the upper limit lies below the true ratio."""
    group, others = _chances(n, 0.8 * share), _chances(other_n, share)
    wrong = sum(
        chance * other
        for hits, chance in enumerate(group)
        for other_hits, other in enumerate(others)
        if chance * other > 1e-8 and ratio(hits, n, other_hits, other_n).high < 0.8
    )
    assert wrong == pytest.approx(0.025, abs=0.005)


@given(
    hits=st.integers(0, 60),
    more=st.integers(0, 60),
    other=st.integers(0, 90),
    rest=st.integers(0, 90),
)
def test_the_ratio_lies_between_its_limits_and_turned_round_they_turn_round(
    hits: int, more: int, other: int, rest: int
) -> None:
    found = ratio(hits, hits + more, other, other + rest)
    if not found.known:
        return
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9
    if hits and other:
        back = ratio(other, other + rest, hits, hits + more)
        assert (1 / back.high, 1 / back.low) == pytest.approx((found.low, found.high))


def test_a_ratio_to_nothing_is_infinite_and_of_nothing_unknown() -> None:
    assert ratio(5, 10, 0, 10).high == inf
    assert not ratio(0, 10, 0, 10).known
    assert not ratio(0, 0, 3, 10).known


def test_the_ratio_is_to_everybody_in_the_grouping() -> None:
    groups = _groups(
        ("district", "a", 100, 60), ("district", "b", 100, 20), ("district", "c", 3, 0)
    )
    worst = worst_off(groups, 50)
    assert worst is not None
    assert (worst.grouping, worst.group) == ("district", "b")
    assert worst.ratio.value == pytest.approx(0.2 / (80 / 203))
    assert worst.ratio.high < 0.8


def test_the_worst_is_the_one_that_is_certainly_so() -> None:
    """``few`` has the lower figure, ``many`` the firmer one."""
    groups = _groups(
        ("district", "few", 60, 24),
        ("district", "many", 2000, 900),
        ("district", "rest", 2000, 1400),
    )
    worst = worst_off(groups, 50)
    assert worst is not None
    assert worst.group == "many"


def test_people_without_a_group_count_among_everybody_and_are_not_judged() -> None:
    rows = [("district", "a", 100, 60), ("district", None, 100, 10)]
    worst = worst_off(pl.DataFrame(rows, schema=GROUPS, orient="row"), 50)
    assert worst is not None
    assert worst.group == "a"
    assert worst.ratio.value == pytest.approx(0.6 / 0.35)


def test_more_groups_make_each_finding_less_certain() -> None:
    two = _groups(("district", "a", 100, 60), ("district", "b", 100, 40))
    more = _groups(*((f"other-{place}", name, 100, 50) for place in range(9) for name in "ab"))
    one, among = worst_off(two, 50), worst_off(pl.concat([two, more]), 50)
    assert one is not None
    assert among is not None
    assert (one.group, among.group) == ("b", "b")
    assert one.ratio.high < among.ratio.high


@pytest.mark.parametrize(
    "groups",
    [
        _groups(),
        _groups(("district", "a", 49, 40), ("district", "b", 49, 0)),
        _groups(("district", "alone", 200, 40)),
        _groups(("district", "a", 100, 0), ("district", "b", 100, 0)),
    ],
    ids=["none", "small", "alone", "nobody reached"],
)
def test_nothing_to_compare_is_no_finding(groups: pl.DataFrame) -> None:
    assert worst_off(groups, 50) is None
