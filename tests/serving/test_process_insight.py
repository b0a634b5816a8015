"""Insight into the process: by team, step and source, and never of fewer than ten people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.friction.report import friction_in
from serving.bootstrap import bootstrap
from serving.errors import NotReadyError
from serving.process_insight import HOLDS, ProcessInsights, large_enough
from serving.security import Caller, Role
from tests.conftest import Municipality
from tests.serving.office import Office

ANALYST = Caller("ada", "Ada", frozenset({Role.DATA_SCIENTIST}))


def groups(*rows: tuple[str, str | None, int]) -> pl.DataFrame:
    schema = {"source": pl.String, "team": pl.String, "citizens": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def names(frame: pl.DataFrame) -> list[str | None]:
    return frame["team"].to_list()


def test_a_team_that_met_fewer_than_ten_people_hides_the_next_smallest_too() -> None:
    told = groups(("a", "x", 9), ("a", "y", 12), ("a", None, 30), ("b", "z", 10))
    assert names(large_enough(told)) == [None, "z"]


def test_where_nothing_is_hidden_everything_is_told() -> None:
    assert names(large_enough(groups(("a", "x", 10), ("a", "y", 11), ("a", "n", 0)))) == ["x", "y"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=12))
def test_what_is_left_out_of_a_source_is_ten_people_or_nobody(sizes: list[tuple[str, int]]) -> None:
    told = groups(*((source, str(place), n) for place, (source, n) in enumerate(sizes)))
    shown = large_enough(told)
    hidden = told.join(shown, on="team", how="anti").filter(pl.col("citizens") > 0)
    assert (shown["citizens"] >= 10).all()
    for source in shown["source"].unique():
        left_out = hidden.filter(pl.col("source") == source)["citizens"].to_list()
        assert not left_out or max(left_out) >= 10


def test_it_is_counted_once_an_hour(office: Office) -> None:
    insights = office.application.process
    first = insights.read(language="en", by=ANALYST).as_of
    soon = replace(insights, now=lambda: first + HOLDS - timedelta(minutes=1))
    later = replace(insights, now=lambda: first + HOLDS)
    assert soon.read(language="nl", by=ANALYST).as_of == first
    assert later.read(language="nl", by=ANALYST).as_of == first + HOLDS


def test_while_it_is_being_counted_the_first_time_the_others_are_asked_to_wait(
    office: Office,
) -> None:
    app = office.application
    insights = ProcessInsights(office.pack, app.process.lakes, app.catalogue, app.process.now)
    with insights._counting, pytest.raises(NotReadyError, match="being counted"):
        insights.read(language="nl", by=ANALYST)


@pytest.mark.slow("needs the simulated municipality")
def test_it_tells_what_the_friction_report_found(municipality: Municipality) -> None:
    application = bootstrap(municipality.workspace)
    told = application.process.read(language="en", by=ANALYST)
    report = friction_in(municipality.lake, application.pack, told.as_of)
    expected = large_enough(report.teams)
    assert len(told.teams) == expected.height > 2
    assert {(one.source, one.team, one.cases, one.handovers) for one in told.teams} == set(
        expected.select("source", "team", "cases", "handovers").rows()
    )
    days = [one.idle_days or 0 for one in told.steps]
    assert days == sorted(days, reverse=True)
    assert sum(days) > 0
    assert {one.source_title for one in told.sources} > {"Contact centre"}
    application.database.close()
