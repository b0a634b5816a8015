"""Life events: from events, fact changes, ages and dates; past and upcoming."""

from __future__ import annotations

from typing import Any

from features.facts_at import facts_at
from features.life_events import LIFE_EVENTS, life_events
from tests.features.told import PACK, Row, at, event, fact, known, relation


def found(*rows: Row, **more: Any) -> list[tuple[str, str, bool]]:
    table = life_events(known(*rows, **more), PACK)
    assert table.schema == LIFE_EVENTS
    local = table["happens_at"].dt.convert_time_zone("Europe/Amsterdam").dt.date()
    return list(zip(table["life_event"], map(str, local), table["upcoming"], strict=True))


def test_an_event_makes_a_life_event() -> None:
    assert found(event("moved", "2025-05-01")) == [("moving", "2025-05-01", False)]


def test_a_planned_event_that_was_announced_is_upcoming() -> None:
    assert found(event("moved", "2025-07-01", known="2025-05-01")) == [
        ("moving", "2025-07-01", True)
    ]


def test_what_was_not_known_yet_is_not_seen() -> None:
    assert found(event("moved", "2025-05-01", known="2025-06-02")) == []


def test_the_first_value_of_a_fact_is_no_change() -> None:
    first = fact("home", "rent", "2020-01-01")
    assert found(first) == []
    assert found(first, fact("home", "own", "2024-01-01")) == [("other-home", "2024-01-01", False)]
    assert found(first, fact("home", "rent", "2024-01-01")) == []


def test_a_boolean_that_was_never_recorded_was_false() -> None:
    assert found(fact("carer", True, "2024-01-01")) == [("caring", "2024-01-01", False)]
    assert found(fact("carer", False, "2024-01-01")) == []


def test_an_age_is_seen_no_further_ahead_than_the_life_event_allows() -> None:
    born = fact("birth_date", "2007-08-15", "2007-08-15")
    assert found(born) == [("adult", "2025-08-15", True)]
    assert found(born, as_of=at("2025-05-01")) == []
    assert found(born, as_of=at("2025-08-15")) == [("adult", "2025-08-15", False)]


def test_a_child_reaches_an_age_while_it_is_a_child_of_the_citizen() -> None:
    child = relation("child", "2021-07-01", born="2021-07-01", relative=9)
    assert found(child) == [("child-at-school", "2025-07-01", True)]
    gone = relation("child", "2021-07-01", born="2021-07-01", relative=9, to="2024-01-01")
    assert found(gone) == []


def test_a_date_arrives_unless_the_fact_was_replaced_before() -> None:
    old = fact("card_expires", "2025-05-01", "2020-05-01")
    assert found(old) == [("card-expires", "2025-05-01", False)]
    assert found(old, fact("card_expires", "2030-04-01", "2025-04-01")) == []


def test_one_that_is_told_by_two_sources_is_one() -> None:
    twice = [
        event("moved", "2025-05-01"),
        event("moved", "2025-05-01", known="2025-05-09", source="register"),
    ]
    table = life_events(known(*twice), PACK)
    assert table["known_at"].to_list() == [at("2025-05-01")]


def days(name: str, *rows: Row) -> float | None:
    value: float | None = facts_at(known(*rows), PACK)[f"days_since_{name}"].item()
    return value


def test_days_since_is_negative_for_what_is_upcoming() -> None:
    assert days("moving", event("moved", "2025-05-01")) == 31
    assert days("moving", event("moved", "2025-07-01", known="2025-05-01")) == -30
    assert days("moving") is None


def test_a_fresh_past_goes_before_the_upcoming_and_the_upcoming_before_a_stale_past() -> None:
    upcoming = event("moved", "2025-07-01", known="2025-05-01")
    assert days("moving", event("moved", "2025-05-01"), upcoming) == 31
    assert days("moving", event("moved", "2020-05-01"), upcoming) == -30
