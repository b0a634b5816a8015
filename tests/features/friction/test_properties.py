"""What holds of friction in any office: who delivers when, and who else has cases, is no matter."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.columns import matrix
from features.events import EVENTS
from features.facts import FACTS
from features.families.friction import Friction
from features.friction.measured import COUNTED, SUMMED
from features.friction.report import FrictionReport, friction_of
from features.records import Records, known_records
from features.relations import RELATIONS
from tests.features.friction.office import OFFICE
from tests.features.told import ALL, AS_OF, Row, event

KINDS = (
    "case-opened",
    "case-step",
    "case-step",
    "case-step",
    "suspended",
    "case-closed",
    "granted",
)
SUMS = ("events", *COUNTED, *SUMMED)

few = settings(max_examples=40)


@st.composite
def work(draw: st.DrawFn) -> list[Row]:
    """Up to forty events of a few cases of three citizens, many of them on the same day."""
    rows = []
    for order in range(draw(st.integers(0, 40))):
        pick = draw(st.randoms(use_true_random=False))
        rows.append(
            event(
                pick.choice(KINDS),
                f"2025-05-{pick.randint(1, 30):02}",
                citizen=pick.randint(1, 3),
                case_id=pick.choice(["Z1", "Z2"]),
                actor=pick.choice([None, "a", "b", "b"]),
                team=pick.choice([None, "n", "s"]),
                attributes=pick.choice([None, '{"step": "check"}', '{"step": "ask"}']),
                event_id=f"e{order}",
                order=order,
            )
        )
    return rows


def _records(rows: list[Row], **more: Any) -> Records:
    return known_records(
        as_of=AS_OF,
        citizens=pl.Series([1, 2, 3, 9]),
        events=pl.DataFrame(rows, schema=EVENTS),
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=ALL,
        **more,
    )


def _report(*parts: list[Row]) -> FrictionReport:
    return friction_of([_records(rows) for rows in parts], OFFICE)


def _frames(report: FrictionReport) -> list[pl.DataFrame]:
    return [
        report.cases.sort("citizen", "source", "case_id"),
        report.teams,
        report.steps,
        report.sources,
    ]


@few
@given(rows=work(), seed=st.randoms(use_true_random=False))
def test_the_order_of_delivery_is_no_matter(rows: list[Row], seed: Any) -> None:
    shuffled = seed.sample(rows, len(rows))
    for found, expected in zip(_frames(_report(shuffled)), _frames(_report(rows)), strict=True):
        assert_frame_equal(found, expected)


@few
@given(rows=work())
def test_citizens_in_parts_add_up(rows: list[Row]) -> None:
    parts = [[row for row in rows if row["citizen"] == citizen] for citizen in (1, 2, 3)]
    for found, expected in zip(_frames(_report(*parts)), _frames(_report(rows)), strict=True):
        assert_frame_equal(found, expected)


@few
@given(rows=work())
def test_the_cases_of_citizens_add_up_to_teams_steps_and_sources(rows: list[Row]) -> None:
    report = _report(rows)
    known = report.cases.select(SUMS)
    for frame in (report.teams, report.steps):
        for measure in ("events", "reopenings", "suspensions", *SUMMED):
            assert known[measure].sum() == frame[measure].sum()
    cases = report.sources.filter(pl.col("source") == "cases")
    assert cases["cases"].item() == report.cases.height


@few
@given(rows=work())
def test_an_unrelated_case_changes_nothing_else(rows: list[Row]) -> None:
    other = [
        event("case-step", "2025-05-02", citizen=9, case_id="Z1", actor=actor, team=actor)
        for actor in "aba"
    ]
    found = _report(rows + other).cases.filter(pl.col("citizen") != 9)
    assert_frame_equal(
        found.sort("citizen", "source", "case_id"),
        _report(rows).cases.sort("citizen", "source", "case_id"),
    )
    alone, beside = (
        matrix(Friction().compute(_records(told), OFFICE), 4) for told in (rows, rows + other)
    )
    assert_frame_equal(alone.head(3), beside.head(3))
    assert beside["friction_spirals_90d"][3] == 1


@few
@given(rows=work())
def test_signals_and_report_count_alike(rows: list[Row]) -> None:
    """Over a window that holds everything, a citizen's signal is the sum over the cases."""
    signals = matrix(Friction().compute(_records(rows), OFFICE), 4)
    cases = _report(rows).cases
    for measure in ("handovers", "spirals", "team_spirals", "reassignments", "repeats", "redos"):
        for place, citizen in enumerate((1, 2, 3)):
            summed = cases.filter(pl.col("citizen") == citizen)[measure].sum()
            assert (signals[f"friction_{measure}_365d"][place] or 0) == summed
