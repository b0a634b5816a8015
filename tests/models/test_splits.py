"""Periods never touch, whatever the length of the records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.domain import Schedule
from models.errors import TooShortError
from models.splits import Role, Split, snapshot_dates, split

START = datetime(2020, 1, 1, tzinfo=UTC)


def _months(count: int) -> tuple[datetime, ...]:
    end = START + timedelta(days=31 * count + 40)
    return snapshot_dates(Schedule(), START, end, "Europe/Amsterdam")[:count]


def _periods(found: Split) -> list[tuple[datetime, ...]]:
    return [found.fit, *found.held, found.test]


@given(count=st.integers(2, 90), days=st.integers(1, 400))
def test_no_label_reaches_into_a_later_period(count: int, days: int) -> None:
    embargo = timedelta(days=days)
    try:
        found = split(_months(count), embargo)
    except TooShortError:
        assert count < 2 + days / 28
        return
    for before, after in pairwise(_periods(found)):
        assert before[-1] + embargo <= after[0]
    assert all(period for period in _periods(found))


def test_the_split_shrinks_with_the_records() -> None:
    embargo = timedelta(days=180)
    forms = [split(_months(count), embargo).form for count in (60, 20, 9)]
    assert forms == ["four periods", "three periods", "two periods"]
    with pytest.raises(TooShortError, match="needs 14 months"):
        split(_months(5), embargo)


def test_snapshots_are_local_midnights() -> None:
    dates = snapshot_dates(Schedule(), START, START + timedelta(days=200), "Europe/Amsterdam")
    assert dates[0] == datetime(2020, 1, 31, 23, tzinfo=UTC)
    assert dates[4] == datetime(2020, 5, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize("count", [60, 20, 9])
def test_every_role_is_filled_and_people_keep_theirs(count: int) -> None:
    found = split(_months(count), timedelta(days=180))
    citizens = np.random.default_rng(1).integers(-(2**62), 2**62, 2_000)
    roles = {moment: found.roles(moment, citizens, seed=4) for moment in found.snapshots}
    assert {int(role) for part in roles.values() for role in part} == {0, 1, 2, 3}
    assert all((roles[moment] == Role.TEST).all() for moment in found.test)
    for period in _periods(found):
        assert all((roles[moment] == roles[period[0]]).all() for moment in period)
