"""Friction, worked out by hand."""

from __future__ import annotations

from typing import Any

from tests.features.families.families import signals_of
from tests.features.told import Row, event


def step(
    actor: str | None, day: str, *, name: str | None = None, case: str = "Z1", **more: Any
) -> Row:
    attributes = f'{{"step": "{name}"}}' if name else None
    return event("case-step", day, actor=actor, case_id=case, attributes=attributes, **more)


def test_a_step_by_another_employee_is_a_handover_and_back_again_a_spiral() -> None:
    days = ("2025-05-01", "2025-05-02", "2025-05-03", "2025-05-04", "2025-05-05")
    found = signals_of("friction", *map(step, "aabac", days))
    assert found["friction_handovers_365d"] == 3
    assert found["friction_spirals_365d"] == 1


def test_a_step_of_which_the_employee_is_unknown_hands_nothing_over() -> None:
    found = signals_of(
        "friction", step("a", "2025-05-01"), step(None, "2025-05-02"), step("a", "2025-05-03")
    )
    assert found["friction_handovers_365d"] == 0


def test_two_cases_are_not_one_and_a_silo_has_its_own_numbers() -> None:
    rows = [
        step("a", "2025-05-01"),
        step("b", "2025-05-02", case="Z2"),
        step("c", "2025-05-03", source="tax"),
        step("a", "2025-05-04"),
    ]
    assert signals_of("friction", *rows)["friction_handovers_365d"] == 0


def test_the_window_is_that_of_the_later_step() -> None:
    found = signals_of("friction", step("a", "2024-01-01"), step("b", "2025-01-01"))
    assert (found["friction_handovers_90d"], found["friction_handovers_365d"]) == (0, 1)


def test_a_step_again_is_a_repeat_or_a_redo() -> None:
    rows = [
        step("a", "2025-05-01", name="check"),
        step("a", "2025-05-02", name="ask"),
        step("a", "2025-05-03", name="check"),
        step("b", "2025-05-04", name="check"),
        step("b", "2025-05-05"),
        step("b", "2025-05-06"),
    ]
    found = signals_of("friction", *rows)
    assert (found["friction_repeats_365d"], found["friction_redos_365d"]) == (1, 1)


def test_another_team_is_a_reassignment() -> None:
    rows = [step("a", "2025-05-01", team="north"), step("a", "2025-05-02", team="south")]
    assert signals_of("friction", *rows)["friction_reassignments_365d"] == 1


def test_open_cases_are_told_with_their_lateness_and_silence() -> None:
    question: Row = {"case_type": "question", "case_id": "Z1"}
    found = signals_of(
        "friction",
        event("case-opened", "2025-05-01", **question),
        event("case-step", "2025-05-22", **question),
        event("case-opened", "2025-05-31", case_id="Z2"),
        event("case-opened", "2020-01-01", case_id="Z3"),
        event("case-closed", "2020-02-01", case_id="Z3"),
    )
    assert found["friction_open_cases"] == 2
    assert found["friction_days_past_norm"] == 31 - 5
    assert found["friction_idle_days"] == 10


def test_a_reopened_case_is_open_and_late_from_its_reopening() -> None:
    question: Row = {"case_type": "question", "case_id": "Z1"}
    found = signals_of(
        "friction",
        event("case-opened", "2025-01-01", **question),
        event("case-closed", "2025-01-05", **question),
        event("case-reopened", "2025-05-25", **question),
    )
    assert found["friction_open_cases"] == found["friction_reopenings_365d"] == 1
    assert found["friction_days_past_norm"] == 2


def test_a_decision_ends_the_wait_though_nobody_records_the_closing() -> None:
    card: Row = {"case_type": "card", "case_id": "Z1"}
    found = signals_of(
        "friction",
        event("case-opened", "2025-01-01", actor="a", **card),
        event("case-step", "2025-01-20", actor="b", attributes='{"step": "decide"}', **card),
        event("granted", "2025-01-20", actor="b", attributes='{"step": "decide"}', **card),
    )
    assert found["friction_open_cases"] == found["friction_days_past_norm"] == 0
    assert found["friction_idle_days"] is None
    assert (found["friction_handovers_365d"], found["friction_repeats_365d"]) == (1, 0)


def test_a_case_silent_for_over_a_year_is_a_gap_in_the_source_and_no_wait() -> None:
    question: Row = {"case_type": "question", "case_id": "Z1"}
    found = signals_of("friction", event("case-opened", "2021-05-01", **question))
    assert found["friction_silent_cases"] == 1
    assert found["friction_open_cases"] == found["friction_days_past_norm"] == 0
    assert found["friction_concurrent_organisations"] == 0
    assert found["friction_idle_days"] is None


def test_without_an_open_case_nothing_is_late_and_nothing_waits() -> None:
    found = signals_of("friction")
    assert found["friction_open_cases"] == found["friction_days_past_norm"] == 0
    assert found["friction_idle_days"] is None


def test_contact_on_the_same_need_within_28_days_is_repeat_contact() -> None:
    days = ("2025-01-01", "2025-01-29", "2025-02-27")
    same = [event("contact", day, case_type="question") for day in days]
    other = event("contact", "2025-01-30", attributes='{"subject": "tax"}')
    unknown = [event("contact", day) for day in days]
    found = signals_of("friction", *same, other, *unknown)
    assert found["friction_repeat_contact_365d"] == 1


def test_contact_that_failed_is_counted() -> None:
    found = signals_of("friction", event("no-contact", "2025-05-30"))
    assert found["friction_failed_contacts_90d"] == 1


def test_organisations_at_once_have_an_open_case_or_a_pending_application() -> None:
    found = signals_of(
        "friction",
        event("case-opened", "2025-05-01", case_id="Z1"),
        event("case-opened", "2025-05-02", case_id="Z2"),
        event("applied", "2025-05-03", case_type="card", source="tax"),
        event("applied", "2025-05-03", case_type="allowance", source="register"),
        event("granted", "2025-05-04", case_type="allowance", source="register"),
    )
    assert found["friction_concurrent_organisations"] == 2


def test_the_statutory_term_is_told_apart_from_the_norm() -> None:
    found = signals_of(
        "friction", event("case-opened", "2025-05-01", case_type="question", case_id="Z1")
    )
    assert found["friction_days_past_norm"] == 31 - 5
    assert found["friction_days_past_term"] == 0


def test_waiting_is_told_in_calendar_days_and_in_working_days() -> None:
    found = signals_of("friction", event("case-opened", "2025-05-22", case_id="Z1"))
    assert (found["friction_idle_days"], found["friction_idle_working_days"]) == (10, 1 + 5)


def test_back_at_the_team_that_passed_it_on_is_a_spiral_of_teams() -> None:
    days = ("2025-05-01", "2025-05-02", "2025-05-03")
    rows = [step("a", day, team=team) for day, team in zip(days, "nsn", strict=True)]
    found = signals_of("friction", *rows)
    assert (found["friction_team_spirals_365d"], found["friction_spirals_365d"]) == (1, 0)


def test_no_handover_where_no_employee_is_told_is_not_known() -> None:
    days = ("2025-05-01", "2025-05-02", "2025-05-03")
    found = signals_of("friction", *(step(None, day) for day in days))
    assert found["friction_handovers_365d"] is found["friction_spirals_365d"] is None
    assert found["friction_employee_told_365d"] == 0
    assert found["friction_reopenings_365d"] == 0
    one = signals_of("friction", step(None, "2025-05-01"))
    assert one["friction_handovers_365d"] == 0
    assert one["friction_employee_told_365d"] is None


def test_work_of_which_the_case_is_not_told_is_no_sign_of_health() -> None:
    days = ("2025-05-01", "2025-05-02", "2025-05-03")
    found = signals_of("friction", *(step("a", day, case=None) for day in days))
    assert found["friction_handovers_365d"] is found["friction_open_cases"] is None
    assert found["friction_days_past_norm"] is found["friction_days_past_term"] is None


def test_another_channel_on_the_same_need_is_a_switch() -> None:
    told = (("2025-01-01", "phone"), ("2025-01-05", "desk"), ("2025-01-06", "desk"))
    contacts = [event("contact", day, case_type="question", channel=by) for day, by in told]
    later = event("contact", "2025-03-01", case_type="question", channel="phone")
    unknown = event("contact", "2025-01-07", case_type="question")
    found = signals_of("friction", *contacts, later, unknown)
    assert found["friction_channel_switches_365d"] == 1
    assert found["friction_repeat_contact_365d"] == 3


def test_contacts_without_a_need_leave_repeats_unknown() -> None:
    found = signals_of("friction", event("contact", "2025-05-01"), event("contact", "2025-05-05"))
    assert found["friction_repeat_contact_90d"] is found["friction_channel_switches_90d"] is None
    alone = signals_of("friction", event("contact", "2025-01-01"), event("contact", "2025-05-05"))
    assert alone["friction_repeat_contact_365d"] == 0


def test_a_contact_after_which_nothing_was_done_before_the_next_had_no_result() -> None:
    days = ("2025-05-01", "2025-05-08", "2025-05-20")
    contacts = [event("contact", day, case_type="question") for day in days]
    failed = event("no-contact", "2025-05-30")
    assert signals_of("friction", *contacts, failed)["friction_contacts_without_result_90d"] == 3
    for day in ("2025-05-01", "2025-05-05", "2025-05-08T23:00:00"):
        done = step("a", day, source="tax")
        found = signals_of("friction", *contacts, done)
        expected = 0 if day.startswith("2025-05-08") else 1
        assert found["friction_contacts_without_result_90d"] == expected
