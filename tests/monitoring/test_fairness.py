"""Group rates: right, and never telling of a handful of people."""

from __future__ import annotations

import polars as pl

from monitoring.fairness import (
    SMALLEST,
    UNKNOWN,
    _banded,
    group_rates,
    unplaced_gap,
    worst_gap,
)


def frame(*groups: tuple[str, int, int]) -> pl.DataFrame:
    """Rows of (group, people, hits)."""
    rows = [(name, place < hits) for name, n, hits in groups for place in range(n)]
    return pl.DataFrame(rows, schema=["origin", "hit"], orient="row")


def test_rates_and_gaps_are_those_of_the_counts() -> None:
    rates = {
        rate.group: rate for rate in group_rates(frame(("a", 100, 50), ("b", 100, 20)), ["origin"])
    }
    assert rates["a"].rate.value == 0.5
    assert round(rates["b"].gap.value, 6) == -0.3
    assert rates["b"].gap.high < 0


def test_the_worst_off_is_the_group_that_certainly_lags() -> None:
    rates = group_rates(frame(("a", 500, 250), ("b", 500, 100), ("c", 12, 0)), ["origin"])
    worst = worst_gap(rates)
    assert worst is not None
    assert worst.group == "b"


def test_people_whom_no_source_places_are_told_apart() -> None:
    rates = group_rates(frame(("a", 500, 250), ("b", 500, 240), (UNKNOWN, 100, 5)), ["origin"])
    worst, unplaced = worst_gap(rates), unplaced_gap(rates)
    assert worst is not None
    assert worst.group == "b"
    assert unplaced is not None
    assert unplaced.gap.high < 0


def test_a_small_group_is_hidden_and_cannot_be_subtracted() -> None:
    rates = {
        rate.group: rate
        for rate in group_rates(
            frame(("a", 100, 50), ("b", 60, 20), ("c", SMALLEST - 1, 1)), ["origin"]
        )
    }
    assert rates["c"].hidden
    assert rates["b"].hidden
    assert not rates["a"].hidden
    assert rates["c"].as_dict() == {"grouping": "origin", "group": "c", "hidden": True}


def test_two_small_groups_hide_each_other() -> None:
    rates = {
        rate.group: rate.hidden
        for rate in group_rates(frame(("a", 100, 50), ("b", 5, 2), ("c", 6, 1)), ["origin"])
    }
    assert rates == {"a": False, "b": True, "c": True}


def test_ages_fall_in_the_bands_of_the_domain() -> None:
    frame = pl.DataFrame({"age": [None, 3.0, 27.0, 44.9, 45.0, 90.0]})
    banded = frame.select(_banded("age", (27, 45)).alias("band"))["band"].to_list()
    assert banded == [None, "under 27", "27 to 45", "27 to 45", "45 and over", "45 and over"]
