"""Counts, recency and values of events, worked out by hand."""

from __future__ import annotations

import pytest

from tests.features.families.families import signals_of
from tests.features.told import at, event, fact


def test_a_window_holds_today_and_the_days_before_it() -> None:
    days = ("2025-06-01", "2025-05-03", "2025-05-02", "2024-06-02", "2024-06-01")
    found = signals_of("counts", *(event("moved", day) for day in days))
    assert found["count_moved_30d"] == 2
    assert found["count_moved_90d"] == 3
    assert found["count_moved_365d"] == 4


def test_days_are_local_days() -> None:
    late = event("moved", "2025-05-02T23:59")
    assert signals_of("counts", late, as_of=at("2025-05-31T00:00"))["count_moved_30d"] == 1
    assert signals_of("counts", late, as_of=at("2025-06-01T00:00"))["count_moved_30d"] == 0


def test_the_change_to_summer_time_loses_no_day() -> None:
    found = signals_of("recency", event("moved", "2025-03-29"), as_of=at("2025-03-31"))
    assert found["days_since_last_moved"] == 2


def test_what_is_planned_does_not_count_yet() -> None:
    planned = event("moved", "2025-06-02", known="2025-01-01")
    assert signals_of("counts", planned)["count_moved_30d"] == 0
    assert signals_of("recency", planned)["days_since_last_moved"] is None


def test_none_is_zero_and_unknown_is_null() -> None:
    register = frozenset({"register"})
    assert signals_of("counts", sources=register)["count_moved_30d"] == 0
    assert signals_of("counts", sources=register)["count_bill_30d"] is None
    assert signals_of("counts", sources=frozenset())["count_walk_in_30d"] == 0


def test_recency_is_of_the_last_one() -> None:
    found = signals_of("recency", event("moved", "2025-05-22"), event("moved", "2024-01-01"))
    assert found["days_since_last_moved"] == 10
    assert found["days_since_last_contact"] is None


def test_amounts_are_summed_averaged_and_trended() -> None:
    bills = [
        event("bill", "2025-03-01", source="tax", value=100.0),
        event("bill", "2025-05-01", source="tax", value=200.0),
        event("bill", "2025-05-02", source="tax"),
        event("bill", "2020-01-01", source="tax", value=999.0),
    ]
    found = signals_of("values", *bills)
    assert found["value_sum_bill_365d"] == 300
    assert found["value_mean_bill_365d"] == 150
    assert found["value_last_bill"] == 200
    assert found["value_trend_bill_365d"] == pytest.approx(100 / 61 * 365.25, rel=1e-6)


def test_one_amount_has_no_trend_and_no_amount_no_average() -> None:
    one = event("bill", "2025-03-01", source="tax", value=100.0)
    assert signals_of("values", one)["value_trend_bill_365d"] is None
    assert signals_of("values")["value_mean_bill_365d"] is None
    assert signals_of("values")["value_sum_bill_365d"] == 0


def test_a_numeric_fact_tells_its_last_change_and_its_year() -> None:
    incomes = [
        fact("income", amount, day, source="tax")
        for amount, day in ((9000, "2023-01-01"), (12000, "2024-01-01"), (15000, "2025-01-01"))
    ]
    again = fact("income", 15000, "2025-03-01", source="tax")
    found = signals_of("values", *incomes, again)
    assert found["value_change_income"] == 3000
    assert found["value_trend_income_365d"] == 3000
    assert signals_of("values", incomes[0])["value_change_income"] is None


def test_an_amount_is_held_against_the_citizens_own_past() -> None:
    def bills(*amounts: float) -> dict[str, float | None]:
        days = ("2023-01-01", "2024-01-01", "2025-01-01", "2025-05-01")
        told = zip(days[-len(amounts) :], amounts, strict=True)
        return signals_of(
            "values", *(event("bill", day, source="tax", value=value) for day, value in told)
        )

    found = bills(100.0, 200.0, 300.0, 500.0)
    assert found["value_max_bill_365d"] == 500
    assert found["value_above_own_mean_bill"] == 500 - 200
    assert found["value_unusual_bill"] == pytest.approx((500 - 200) / 100)
    assert bills(100.0, 200.0, 500.0)["value_unusual_bill"] is None
    assert bills(100.0, 100.0, 100.0, 500.0)["value_unusual_bill"] is None
    assert bills(100.0)["value_above_own_mean_bill"] is None
