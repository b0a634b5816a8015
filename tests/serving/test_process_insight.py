"""Insight into the process: by team, step and source, and never of fewer than ten people."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.friction.report import friction_in
from features.lake import Lake
from serving.bootstrap import bootstrap
from serving.errors import NotReadyError
from serving.few import without_few
from serving.process_insight import COUNTS, HOLDS, ProcessInsights, large_enough
from serving.security import Caller, Role
from serving.standpoint import LakeView
from tests.conftest import Municipality
from tests.serving.office import Office

ANALYST = Caller("ada", "Ada", frozenset({Role.DATA_SCIENTIST}))
KEYS = ("source", "team", "cases", "handovers")


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
    assert soon.read(language="nl", by=ANALYST).as_of == first


class Slow:
    """A lake that is given out only when ``open`` is set."""

    def __init__(self, lakes: LakeView) -> None:
        self.lakes, self.open, self.asked = lakes, threading.Event(), 0

    def current(self) -> Lake:
        self.asked += 1
        assert self.open.wait(30)
        return self.lakes.current()


def counting_slowly(office: Office) -> tuple[ProcessInsights, Slow]:
    app = office.application
    slow = Slow(app.process.lakes)
    made = ProcessInsights(office.pack, slow, app.catalogue, app.process.now, patience=0.05)
    return made, slow


def test_who_asks_while_it_is_counted_the_first_time_comes_back_and_it_goes_on(
    office: Office,
) -> None:
    insights, slow = counting_slowly(office)
    for _ in range(3):
        with pytest.raises(NotReadyError, match="being counted"):
            insights.read(language="nl", by=ANALYST)
    slow.open.set()
    assert replace(insights, patience=30.0).read(language="nl", by=ANALYST).sources
    assert slow.asked == 1


def test_nobody_waits_while_it_is_counted_anew(office: Office) -> None:
    insights, slow = counting_slowly(office)
    slow.open.set()
    first = replace(insights, patience=30.0).read(language="nl", by=ANALYST).as_of
    slow.open.clear()
    later = replace(insights, now=lambda: first + HOLDS)
    assert later.read(language="nl", by=ANALYST).as_of == first
    slow.open.set()
    for _ in range(500):
        if later.read(language="nl", by=ANALYST).as_of > first:
            break
        time.sleep(0.02)
    assert later.read(language="nl", by=ANALYST).as_of == first + HOLDS


def work(*rows: tuple[str, str, int | None, int | None]) -> pl.DataFrame:
    schema = {"source": pl.String, "team": pl.String, "events": pl.Int64, "redos": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def kept(shown: pl.DataFrame, *left_out: tuple[str, str, int | None, int | None]):
    told = without_few(
        shown, ("events", "redos"), parts={"redos": "events"}, left_out=work(*left_out)
    )
    return told.select("events", "redos", "few").rows()


def test_a_count_of_fewer_than_ten_is_not_told_nor_the_next_smallest() -> None:
    told = kept(work(("a", "x", 900, 3), ("a", "y", 800, 40), ("a", "z", 700, 90)))
    assert told == [(900, None, ["redos"]), (800, None, ["redos"]), (700, 90, [])]


def test_none_and_not_known_are_told_as_such() -> None:
    told = kept(work(("a", "x", 900, 0), ("a", "y", 800, None), ("b", "z", 70, 30)))
    assert told == [(900, 0, []), (800, None, []), (70, 30, [])]


def test_a_part_that_leaves_a_rest_of_fewer_than_ten_is_not_told() -> None:
    assert kept(work(("a", "x", 100, 95))) == [(100, None, ["redos"])]


def test_a_row_that_is_left_out_is_not_had_by_subtracting() -> None:
    told = kept(work(("a", "y", 800, 40), ("a", "z", 700, 90)), ("a", "x", 30, 20))
    assert told == [(800, None, ["redos"]), (None, 90, ["events"])]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.integers(0, 25), st.booleans()),
        max_size=10,
    )
)
def test_what_is_hidden_of_a_count_is_never_one_number_or_few(
    rows: list[tuple[str, int, int, bool]],
) -> None:
    """Against somebody who knows the total of each source, and which rows there are."""
    all_rows = [
        (source, str(n), events, redos, shown)
        for n, (source, events, redos, shown) in enumerate(rows)
    ]
    frame = work(*(row[:4] for row in all_rows if row[4]))
    gone = work(*(row[:4] for row in all_rows if not row[4]))
    told = without_few(frame, ("events", "redos"), parts={}, left_out=gone)
    for source in frame["source"].unique():
        mine = pl.col("source") == source
        for name in ("events", "redos"):
            shown = told.filter(mine)[name]
            unseen = pl.concat([frame.filter(mine).filter(shown.is_null()), gone.filter(mine)])
            sizes = unseen.filter(pl.col(name) > 0)[name].to_list()
            assert all(one == 0 or one >= 10 for one in shown.drop_nulls())
            if sizes and (shown.drop_nulls() > 0).any():
                assert len(sizes) > 1
                assert sum(sizes) >= 10


@pytest.mark.slow("needs the simulated municipality")
def test_it_tells_what_the_friction_report_found(municipality: Municipality) -> None:
    application = bootstrap(municipality.workspace)
    told = application.process.read(language="en", by=ANALYST)
    report = friction_in(municipality.lake, application.pack, told.as_of)
    expected = large_enough(report.teams)
    assert len(told.teams) == expected.height > 2
    found = {(source, team): row for source, team, *row in expected.select(KEYS).rows()}
    for one in told.teams:
        cases, handovers = found[one.source, one.team]
        assert one.cases == (None if "cases" in one.few else cases)
        assert one.handovers == (None if "handovers" in one.few else handovers)
    for one in (*told.teams, *told.steps, *told.sources):
        for name in set(COUNTS) & set(type(one).model_fields):
            assert getattr(one, name) is None or not 0 < getattr(one, name) < 10, name
    days = [one.idle_days or 0 for one in told.steps]
    assert days == sorted(days, reverse=True)
    assert sum(days) > 0
    assert {one.source_title for one in told.sources} > {"Contact centre"}
    application.database.close()
