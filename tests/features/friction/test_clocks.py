"""Open cases and their clocks, worked out by hand. Today is 1 June 2025."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.domain import EventType
from features.friction.case_work import case_course, course_events
from features.friction.clocks import Clocks, clocks
from tests.features.told import PACK, Row, event, known

TITLE = {"en": "Suspended", "nl": "Opgeschort"}
SUSPENDED = EventType.model_validate({"title": TITLE, "role": "case-suspended"})
ALLOWANCE = PACK.services["allowance"].model_copy(update={"norm_days": 20, "term_days": 40})
CARD = PACK.services["card"].model_copy(update={"term_days": 30, "repeatable": True})
OFFICE = replace(
    PACK,
    domain=PACK.domain.model_copy(
        update={"event_types": {**PACK.domain.event_types, "suspended": SUSPENDED}}
    ),
    services={**PACK.services, "allowance": ALLOWANCE, "card": CARD},
)


def _of(kind: str, day: str, case: str = "Z1", about: str | None = "question") -> Row:
    return event(kind, day, case_id=case, case_type=about)


def _late(*rows: Row) -> list[int | None]:
    """Days past the norm of each open case that is not silent."""
    clock = _clocks(*rows)
    late = clock.past_norm[clock.waiting]
    return sorted((None if np.isnan(days) else int(days) for days in late), key=str)


def _clocks(*rows: Row) -> Clocks:
    return clocks(case_course(course_events(known(*rows), OFFICE), OFFICE), OFFICE)


@pytest.mark.parametrize("settling", ["granted", "refused", "ended", "case-closed"])
def test_what_settles_a_case_stops_its_clock(settling: str) -> None:
    opened = _of("case-opened", "2025-03-01", about="allowance")
    assert _late(opened) == [92 - 20]
    assert _late(opened, _of(settling, "2025-03-31", about="allowance")) == []


def test_a_step_after_the_decision_opens_nothing() -> None:
    rows = [
        _of(kind, day, about="card")
        for kind, day in (("case-opened", "2025-03-01"), ("granted", "2025-03-05"))
    ]
    assert _late(*rows, _of("case-step", "2025-03-09", about="card")) == []


def test_a_reopening_starts_the_clock_afresh_until_it_is_decided() -> None:
    rows = [
        _of("case-opened", "2025-01-01", about="allowance"),
        _of("refused", "2025-01-31", about="allowance"),
        _of("case-reopened", "2025-05-02", about="allowance"),
    ]
    assert _late(*rows) == [30 - 20]
    assert _late(*rows, _of("granted", "2025-05-20", about="allowance")) == []


def test_opening_again_what_is_open_does_not_start_it_anew() -> None:
    assert _late(_of("case-opened", "2025-05-02"), _of("case-opened", "2025-05-22")) == [30 - 5]


def test_the_clock_stands_still_from_a_suspension_to_the_next_step() -> None:
    rows = [
        _of("case-opened", "2025-05-02"),
        _of("suspended", "2025-05-07"),
        _of("case-step", "2025-05-17"),
    ]
    assert _late(*rows) == [30 - 10 - 5]
    assert _late(*rows, _of("suspended", "2025-05-22")) == [30 - 10 - 10 - 5]


def test_a_suspension_before_the_reopening_gives_nothing_back() -> None:
    rows = [
        _of("case-opened", "2025-04-02"),
        _of("suspended", "2025-04-07"),
        _of("case-closed", "2025-05-01"),
        _of("case-reopened", "2025-05-12"),
    ]
    assert _late(*rows) == [20 - 5]


def test_a_suspension_in_one_case_gives_nothing_to_another() -> None:
    rows = [
        _of("case-opened", "2025-05-02"),
        _of("suspended", "2025-05-12"),
        _of("case-opened", "2025-05-02", "Z2"),
        _of("case-step", "2025-05-30", "Z2"),
    ]
    assert _late(*rows) == sorted([10 - 5, 30 - 5], key=str)


def test_a_decision_on_the_successor_settles_the_case_it_came_after() -> None:
    rows = [
        _of("case-opened", "2025-03-01", about="allowance"),
        _of("case-opened", "2025-05-02", "Z2", about="allowance"),
    ]
    assert _late(*rows) == sorted([92 - 20, 30 - 20], key=str)
    decided = _of("granted", "2025-05-20", "Z2", about="allowance")
    assert _late(*rows, decided) == []
    assert _late(*rows, {**decided, "source": "tax"}) == sorted([92 - 20, 30 - 20], key=str)
    before = _of("refused", "2025-02-01", "Z0", about="allowance")
    assert _late(before, *rows) == sorted([92 - 20, 30 - 20], key=str)


@pytest.mark.parametrize(("about", "late"), [("card", 92 - 30), ("question", 92 - 5)])
def test_what_one_can_have_twice_has_no_successor(about: str, late: int) -> None:
    rows = [
        _of("case-opened", "2025-03-01", about=about),
        _of("case-opened", "2025-05-02", "Z2", about=about),
        _of("granted", "2025-05-20", "Z2", about=about),
    ]
    assert _late(*rows) == [late]


def test_without_a_norm_a_case_is_open_and_never_late() -> None:
    assert _late(_of("case-opened", "2025-03-01", about="visit")) == [None]
    assert _late(_of("case-opened", "2025-03-01", about=None)) == [None]


def test_the_case_type_is_the_one_told_last() -> None:
    rows = [
        _of("case-opened", "2025-03-01"),
        _of("case-step", "2025-03-02", about="allowance"),
        _of("case-step", "2025-03-03", about=None),
        _of("case-opened", "2025-05-31", "Z2", about=None),
    ]
    assert _late(*rows) == sorted([92 - 20, None], key=str)


def test_a_year_of_silence_is_read_as_a_closing_that_nobody_recorded() -> None:
    def silent(day: str) -> list[bool]:
        clock = _clocks(_of("case-opened", "2023-01-01"), _of("case-step", day))
        return [bool(silent) for silent in clock.silent]

    assert silent("2024-06-01") == [False]
    assert silent("2024-05-31") == [True]
