"""Regret over past periods, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from models.audition import MEASURED, distances, regret

MONTHS = [datetime(2025, month, 1, tzinfo=UTC) for month in (1, 2, 3)]


def _measured(**groups: list[float]) -> pl.DataFrame:
    rows = [
        (at, name, value)
        for name, values in groups.items()
        for at, value in zip(MONTHS, values, strict=True)
    ]
    return pl.DataFrame(rows, schema=MEASURED, orient="row")


STEADY = _measured(heads=[0.80, 0.70, 0.80], logistic=[0.78, 0.78, 0.78], rules=[0.6, 0.6, 0.9])


def test_each_rule_loses_what_the_best_was_ahead() -> None:
    found = {(row["at"].month, row["rule"]): row for row in regret(STEADY).iter_rows(named=True)}
    # In February heads were best before, and fell behind logistic regression.
    assert found[2, "best last time"]["group"] == "heads"
    assert found[2, "best last time"]["regret"] == pytest.approx(0.08)
    # In March logistic regression is steadiest and best on average; rules overtake all.
    assert found[3, "steadiest near the best"]["group"] == "logistic"
    assert found[3, "best on average"]["regret"] == pytest.approx(0.12)


def test_the_best_of_a_period_is_behind_by_nothing() -> None:
    behind = distances(STEADY).group_by("at").agg(pl.col("behind").min())
    assert behind["behind"].to_list() == [0, 0, 0]


def test_what_could_not_be_measured_is_not_chosen() -> None:
    found = regret(_measured(heads=[0.8, 0.8, 0.8], logistic=[float("nan")] * 3))
    assert set(found["group"].to_list()) == {"heads"}


def test_one_period_says_nothing() -> None:
    assert regret(STEADY.filter(pl.col("at") == MONTHS[0])).is_empty()
