"""Intervals, sequence, season and variety, worked out by hand."""

from __future__ import annotations

import math

import pytest

from tests.features.families.families import signals_of
from tests.features.told import event


def test_gaps_are_told_by_their_mean_the_shortest_and_the_last() -> None:
    days = ("2025-04-01", "2025-04-11", "2025-05-01")
    found = signals_of("intervals", *(event("moved", day) for day in days))
    assert found["interval_mean_moved_730d"] == 15
    assert found["interval_shortest_moved_730d"] == 10
    assert found["interval_last_moved_730d"] == 20
    assert found["interval_variation_moved_730d"] == pytest.approx(5 / 15)


def test_a_gap_lies_between_events_of_one_type_and_within_the_window() -> None:
    found = signals_of(
        "intervals",
        event("moved", "2020-01-01"),
        event("contact", "2025-04-05"),
        event("moved", "2025-04-10"),
    )
    assert found["interval_mean_moved_730d"] is None
    assert found["interval_shortest_contact_730d"] is None


def test_two_events_have_no_regularity_and_three_on_a_day_neither() -> None:
    two = signals_of("intervals", event("moved", "2025-04-01"), event("moved", "2025-04-03"))
    assert two["interval_mean_moved_730d"] == 2
    assert two["interval_variation_moved_730d"] is None
    three = signals_of("intervals", *(event("moved", "2025-04-01") for _ in range(3)))
    assert three["interval_mean_moved_730d"] == three["interval_shortest_moved_730d"] == 0
    assert three["interval_variation_moved_730d"] is None


def test_a_regular_rhythm_varies_by_nothing() -> None:
    days = ("2025-02-01", "2025-03-01", "2025-03-29", "2025-04-26")
    found = signals_of("intervals", *(event("bill", day, source="tax") for day in days))
    assert found["interval_variation_bill_730d"] == 0


def test_variety_is_counted_once_each_and_the_unknown_not_at_all() -> None:
    found = signals_of(
        "distinct",
        event("contact", "2025-05-01", channel="phone", team="north"),
        event("contact", "2025-05-02", channel="phone", team="south", case_type="card"),
        event("contact", "2025-05-03", channel="desk", case_type="question"),
        event("moved", "2025-05-04", source="register"),
        event("contact", "2020-01-01", channel="pigeon", team="west"),
    )
    assert found["distinct_channels_365d"] == 2
    assert found["distinct_teams_365d"] == 2
    assert found["distinct_organisations_365d"] == 2
    assert found["distinct_case_types_365d"] == 2
    assert found["distinct_event_types_365d"] == 2
    assert signals_of("distinct")["distinct_teams_365d"] == 0
    assert signals_of("distinct", sources=frozenset())["distinct_teams_365d"] is None


def test_the_last_events_are_told_in_order() -> None:
    found = signals_of(
        "sequence",
        event("moved", "2025-01-01"),
        event("contact", "2025-05-01"),
        event("bill", "2025-05-08", source="tax"),
    )
    assert found["sequence_last_0"] == 3, "bill is the fourth type of the domain"
    assert found["sequence_last_1"] == 12
    assert found["sequence_last_2"] == 0
    assert found["sequence_days_between"] == 7
    assert found["sequence_step_before"] == 0
    assert found["sequence_step_rate"] is None


def test_a_step_is_held_against_the_citizens_own_earlier_ones() -> None:
    course = ("applied", "granted", "applied", "refused", "applied", "granted")
    found = signals_of(
        "sequence",
        *(event(kind, f"2025-01-0{day}") for day, kind in enumerate(course, start=1)),
        event("applied", "2025-01-09", citizen=2),
        event("granted", "2025-01-10", citizen=2),
        citizens=(1, 2),
    )
    assert found["sequence_step_before"] == 1
    assert found["sequence_step_rate"] == 0.5


def test_one_event_is_no_step() -> None:
    found = signals_of("sequence", event("moved", "2025-01-01"))
    assert found["sequence_last_0"] == 0
    assert found["sequence_last_1"] is None
    assert found["sequence_days_between"] is None
    assert found["sequence_step_before"] is None


def test_the_season_is_that_of_the_date() -> None:
    found = signals_of("seasonality", sources=frozenset())
    angle = 2 * math.pi * 151 / 365.25
    assert found["season_sine"] == pytest.approx(math.sin(angle), rel=1e-6)
    assert found["season_cosine"] == pytest.approx(math.cos(angle), rel=1e-6)
    assert found["season_last_month"] is None


def test_events_are_told_by_month_weekday_and_what_came_this_month_before() -> None:
    found = signals_of(
        "seasonality",
        event("moved", "2024-06-10"),
        event("moved", "2023-06-05"),
        event("moved", "2024-10-05"),
        event("moved", "2019-06-05"),
        event("contact", "2025-01-31T23:30"),
    )
    assert found["season_last_month"] == 1
    assert found["season_last_weekday"] == 5
    assert found["season_share_this_month"] == 0.5
    assert found["season_days_from_a_year_ago"] == 9
