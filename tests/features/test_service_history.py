"""Which services a citizen had, and has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from features.service_history import HISTORY, service_history
from tests.features.told import AS_OF, PACK, Row, at, event, tables


def history(*rows: Row, as_of: datetime = AS_OF) -> dict[str, dict[str, Any]]:
    found = service_history(tables(*rows)[0], PACK, as_of)
    assert found.schema == HISTORY
    return {row["service"]: row for row in found.rows(named=True)}


def card(step: str, day: str, **more: Any) -> Row:
    return event(step, day, case_type="card", **more)


def test_the_last_of_each_step_is_kept() -> None:
    steps = ("applied", "refused", "applied", "granted")
    days = ("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01")
    found = history(*map(card, steps, days))["card"]
    assert found["applied_at"] == at("2024-03-01")
    assert found["refused_at"] == at("2024-02-01")
    assert found["granted_at"] == at("2024-04-01")
    assert found["ended_at"] is None
    assert found["has"] is True


def test_a_refusal_does_not_end_what_was_granted() -> None:
    found = history(card("granted", "2024-01-01"), card("refused", "2024-05-01"))
    assert found["card"]["has"] is True


def test_an_end_ends_and_a_new_grant_begins_again() -> None:
    ended = [card("granted", "2024-01-01"), card("ended", "2024-05-01")]
    assert history(*ended)["card"]["has"] is False
    assert history(*ended, card("granted", "2024-06-01"))["card"]["has"] is True


@pytest.mark.parametrize(
    ("first", "last", "has"), [("granted", "ended", False), ("ended", "granted", True)]
)
def test_order_decides_between_steps_at_the_same_moment(first: str, last: str, has: bool) -> None:
    rows = [card(last, "2024-01-01", order=2), card(first, "2024-01-01", order=1)]
    assert history(*rows)["card"]["has"] is has


def test_a_grant_lasts_no_longer_than_the_service_says() -> None:
    granted = event("granted", "2024-06-02", case_type="allowance")
    assert history(granted, as_of=at("2025-06-01"))["allowance"]["has"] is True
    assert history(granted, as_of=at("2025-06-02"))["allowance"]["has"] is False


def test_what_is_planned_or_not_yet_known_has_not_happened() -> None:
    granted = card("granted", "2024-01-01")
    assert history(granted, card("ended", "2025-12-31", known="2025-01-01"))["card"]["has"] is True
    assert history(granted, card("ended", "2025-01-01", known="2025-12-31"))["card"]["has"] is True


def test_a_service_is_known_by_each_of_its_case_types() -> None:
    found = history(event("granted", "2025-05-01", case_type="allowance-extra"))
    assert list(found) == ["allowance"]


def test_events_about_other_cases_are_left_out() -> None:
    assert (
        history(
            event("granted", "2025-05-01", case_type="question"), event("granted", "2025-05-01")
        )
        == {}
    )
