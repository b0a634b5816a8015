"""Facts, services, contact and sources, worked out by hand."""

from __future__ import annotations

import pytest

from tests.features.families.families import signals_of
from tests.features.told import event, fact


def test_a_fact_is_told_with_how_long_it_has_held() -> None:
    own, no_carer = fact("home", "own", "2025-05-22"), fact("carer", False, "2025-05-31")
    found = signals_of("facts", own, no_carer)
    assert (found["fact_home"], found["fact_home_held_days"]) == (1, 10)
    assert (found["fact_carer"], found["fact_carer_held_days"]) == (0, 1)
    assert (found["fact_income"], found["fact_income_held_days"]) == (None, None)


def test_repeating_a_value_does_not_start_it_anew_but_a_break_does() -> None:
    monthly = [fact("income", 1000, day) for day in ("2025-03-01", "2025-04-01", "2025-05-01")]
    assert signals_of("facts", *monthly)["fact_income_held_days"] == 92
    changed = [*monthly, fact("income", 2000, "2025-05-20"), fact("income", 1000, "2025-05-30")]
    assert signals_of("facts", *changed)["fact_income_held_days"] == 2
    broken = [
        fact("income", 1000, "2025-01-01", to="2025-02-01"),
        fact("income", 1000, "2025-05-30"),
    ]
    assert signals_of("facts", *broken)["fact_income_held_days"] == 2


def test_a_date_is_told_as_days_until_it() -> None:
    assert (
        signals_of("facts", fact("card_expires", "2025-07-01", "2020-01-01"))["fact_card_expires"]
        == 30
    )


def test_services_are_told_one_by_one_and_together() -> None:
    found = signals_of(
        "service_history",
        event("applied", "2025-05-01", case_type="card"),
        event("granted", "2025-05-22", case_type="card"),
        event("refused", "2025-05-31", case_type="allowance"),
    )
    assert found["service_held"] == 1
    assert (found["service_has_card"], found["service_has_allowance"]) == (1, 0)
    assert found["service_days_since_applied"] == found["service_days_since_applied_card"] == 31
    assert found["service_days_since_granted"] == 10
    assert found["service_days_since_refused"] == 1
    assert found["service_days_since_ended"] is None
    assert "service_has_visit" not in found


def test_a_service_tells_whether_it_was_ever_had_and_how_often_refused() -> None:
    steps = (
        event("granted", "2020-05-22", case_type="card"),
        event("ended", "2021-05-22", case_type="card"),
        event("refused", "2024-05-31", case_type="allowance"),
        event("refused", "2025-05-31", case_type="allowance-extra"),
    )
    found = signals_of("service_history", *steps)
    assert (found["service_has_card"], found["service_had_card"]) == (0, 1)
    assert (found["service_had_allowance"], found["service_refused_card"]) == (0, 0)
    assert found["service_refused_allowance"] == 2
    assert found["service_days_since_refused_allowance"] == 1
    unheard = signals_of("service_history", sources=frozenset({"register"}))
    assert unheard["service_had_card"] is None
    assert unheard["service_refused_card"] is None


def test_contact_tells_how_much_how_and_how_well() -> None:
    found = signals_of(
        "contact",
        event("contact", "2025-05-30", channel="desk"),
        event("contact", "2025-01-01", channel="phone"),
        event("no-contact", "2025-02-01", channel="phone"),
        event("contact", "2025-02-02"),
    )
    assert found["contact_total_30d"] == 1
    assert found["contact_total_365d"] == 4
    assert (found["contact_phone_365d"], found["contact_desk_365d"]) == (2, 1)
    assert found["contact_failed_share_365d"] == pytest.approx(0.25)
    assert found["contact_main_channel"] == 0


def test_contact_tells_which_channel_works_and_whether_the_habit_changed() -> None:
    found = signals_of(
        "contact",
        event("contact", "2024-01-01", channel="desk"),
        event("no-contact", "2025-01-01", channel="phone"),
        event("no-contact", "2025-02-01", channel="phone"),
        event("contact", "2025-02-02", channel="phone"),
        event("contact", "2025-03-01", channel="desk"),
        event("contact", "2025-03-02", channel="desk"),
    )
    assert found["contact_through_phone_365d"] == pytest.approx(1 / 3)
    assert found["contact_through_desk_365d"] == 1
    assert (found["contact_main_channel"], found["contact_best_channel"]) == (0, 1)
    assert found["contact_main_channel_changed"] == 1
    assert signals_of("contact")["contact_main_channel_changed"] is None
    assert signals_of("contact")["contact_through_desk_365d"] is None


def test_without_contact_there_is_no_share_and_no_main_channel() -> None:
    found = signals_of("contact")
    assert found["contact_total_30d"] == 0
    assert found["contact_failed_share_365d"] is None
    assert found["contact_main_channel"] is None


def test_a_source_is_told_by_when_it_last_spoke() -> None:
    found = signals_of(
        "sources",
        event("contact", "2025-01-01", known="2025-05-22"),
        sources=frozenset({"cases", "register"}),
    )
    assert found["source_days_since_last_cases"] == 10
    assert found["source_days_since_last_register"] is None
    assert (found["source_missing_register"], found["source_missing_tax"]) == (0, 1)


def test_changes_of_facts_are_counted_but_not_their_first_values_nor_repeats() -> None:
    rows = [
        fact("income", amount, day, source="tax")
        for amount, day in (
            (9000, "2023-01-01"),
            (12000, "2024-01-01"),
            (15000, "2025-01-01"),
            (15000, "2025-02-01"),
            (16000, "2025-03-01"),
        )
    ]
    planned = fact("home", "own", "2025-07-01", known="2025-05-01")
    found = signals_of("fact_changes", *rows, fact("home", "rent", "2025-05-01"), planned)
    assert found["fact_changes_income_365d"] == 2
    assert found["fact_changes_home_365d"] == 0
    assert found["changes_365d"] == 2
    assert found["changes_days_since_last"] == 92
    assert signals_of("fact_changes")["changes_days_since_last"] is None
    unheard = signals_of("fact_changes", sources=frozenset({"register"}))
    assert unheard["fact_changes_income_365d"] is None
