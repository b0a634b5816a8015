"""What is held true at a date: the latest, by what was known then; null for what was never told."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from features.facts_at import facts_at
from tests.contracts.worlds import CITIZENS, World, worlds
from tests.features.told import PACK, Row, at, event, fact, known, relation, tables


def told(*rows: Row, **more: Any) -> dict[str, Any]:
    return facts_at(known(*rows, **more), PACK).row(0, named=True)


def test_the_latest_value_that_holds_is_true() -> None:
    rows = [fact("income", 9000, "2024-01-01"), fact("income", 12000, "2025-01-01")]
    assert told(*rows)["income"] == 12000
    assert told(*rows, as_of=at("2024-12-31"))["income"] == 9000


def test_what_has_ended_or_not_begun_is_not_true() -> None:
    assert told(fact("income", 1, "2024-01-01", to="2025-01-01"))["income"] is None
    assert told(fact("income", 1, "2026-01-01", known="2025-01-01"))["income"] is None


def test_a_fact_ends_at_the_first_moment_it_no_longer_holds() -> None:
    row = fact("income", 1, "2024-01-01", to="2025-01-01")
    assert told(row, as_of=at("2024-12-31T23:59"))["income"] == 1
    assert told(row, as_of=at("2025-01-01"))["income"] is None


def test_a_correction_counts_from_when_it_was_known() -> None:
    first = fact("income", 9000, "2024-01-01")
    corrected = fact("income", 8000, "2024-01-01", known="2025-05-01")
    assert told(first, corrected, as_of=at("2025-04-30"))["income"] == 9000
    assert told(first, corrected, as_of=at("2025-05-01"))["income"] == 8000


def test_an_end_told_later_ends_the_version_told_before() -> None:
    open_ended = fact("home", "rent", "2020-01-01")
    ended = fact("home", "rent", "2020-01-01", to="2024-01-01", known="2024-02-01")
    assert told(open_ended, ended)["home"] is None
    assert told(open_ended, ended, as_of=at("2024-01-15"))["home"] == "rent"


def test_a_late_record_of_an_earlier_time_does_not_overrule_a_later_one() -> None:
    now = fact("income", 12000, "2025-01-01")
    late = fact("income", 9000, "2024-01-01", known="2025-05-01")
    assert told(now, late)["income"] == 12000


def test_order_breaks_the_tie_of_two_sources() -> None:
    one = fact("income", 1, "2025-01-01", order=1)
    two = fact("income", 2, "2025-01-01", order=2, source="tax")
    assert told(one, two)["income"] == told(two, one)["income"] == 2


def test_each_type_of_fact_has_its_own_type_of_column() -> None:
    found = told(
        fact("birth_date", "1980-02-29", "1980-02-29"),
        fact("carer", True, "2025-01-01"),
        fact("home", "own", "2025-01-01"),
    )
    assert found["birth_date"] == date(1980, 2, 29)
    assert found["carer"] is True
    assert found["home"] == "own"
    assert found["income"] is None
    assert found["as_of"] == date(2025, 6, 1)


@pytest.mark.parametrize(
    ("day", "age"), [("2025-02-28", 44.0), ("2025-03-01", 45.0), ("2025-06-01", 45.0)]
)
def test_age_is_in_completed_years(day: str, age: float) -> None:
    assert told(fact("birth_date", "1980-02-29", "1980-02-29"), as_of=at(day))["age"] == age


def test_the_local_day_decides_on_a_birthday() -> None:
    born = fact("birth_date", "1980-06-02", "1980-06-02")
    assert told(born, as_of=at("2025-06-01T23:59"))["age"] == 44
    assert told(born, as_of=at("2025-06-02T00:00"))["age"] == 45


def test_parameters_are_those_of_the_date() -> None:
    assert told()["norm"] == 1200
    assert told(as_of=at("2024-06-01"))["norm"] == 1000
    assert told(as_of=at("2023-06-01"))["norm"] is None


def test_derived_facts_follow_each_other_and_stay_unknown_with_what_they_rest_on() -> None:
    assert told(fact("income", 12000, "2025-01-01"))["poor"] is True
    assert told(fact("income", 24000, "2025-01-01"))["poor"] is False
    assert told()["poor"] is None


def test_relatives_are_counted_while_the_relation_holds() -> None:
    young = relation("child", "2015-05-05", born="2015-05-05", relative=10)
    grown = relation("child", "2000-05-05", born="2000-05-05", relative=11)
    gone = relation("child", "2012-05-05", born="2012-05-05", relative=12, to="2024-01-01")
    found = told(young, grown, gone)
    assert (found["children"], found["youngest"]) == (1.0, 10.0)
    assert told(young, gone, as_of=at("2023-06-01"))["children"] == 2


def test_a_relative_told_twice_is_one_relative() -> None:
    twice = [
        relation("child", day, born="2015-05-05", relative=10)
        for day in ("2020-01-01", "2021-01-01")
    ]
    assert told(*twice)["children"] == 1


def test_no_relatives_is_known_only_when_their_source_is_there() -> None:
    assert told()["has_partner"] is False
    assert told()["children"] == 0
    without = told(sources=frozenset({"tax"}))
    assert without["has_partner"] is None
    assert without["children"] is None


def test_a_child_of_unknown_age_leaves_the_count_unknown() -> None:
    assert told(relation("child", "2015-05-05", relative=10))["children"] is None


def test_protected_facts_are_there_for_rules_alone() -> None:
    _, protected, _ = tables(
        fact("disability", True, "2020-01-01"), fact("origin", "a", "2020-01-01")
    )
    found = facts_at(known(), PACK, protected)
    assert found["disability"].to_list() == [True]
    assert "origin" not in found.columns
    assert "disability" not in facts_at(known(), PACK).columns


def test_having_a_service_is_unknown_without_its_source() -> None:
    granted = event("granted", "2025-05-01", case_type="card")
    assert told(granted)["has_card"] is True
    assert told()["has_card"] is False
    assert told(sources=frozenset({"register"}))["has_card"] is None
    assert told()["has_visit"] is None


@settings(max_examples=20)
@given(world=worlds(PACK))
def test_one_citizen_alone_is_told_the_same_as_among_others(world: World) -> None:
    batch = facts_at(world.known(), PACK)
    alone = [facts_at(world.known(citizens=(one,)), PACK) for one in CITIZENS]
    assert_frame_equal(batch, pl.concat(alone), check_exact=True)
