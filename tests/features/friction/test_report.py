"""The friction report, worked out by hand. Today is Sunday 1 June 2025; 29 May is a holiday."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.friction.report import FrictionReport, friction_of
from features.pack import Pack
from tests.features.friction.office import HANDING_OVER, OFFICE, step, steps
from tests.features.told import Row, event, known


def report(*rows: Row, pack: Pack = OFFICE, **more: Any) -> FrictionReport:
    return friction_of([known(*rows, **more)], pack)


def one_case(*rows: Row, pack: Pack = OFFICE) -> dict[str, Any]:
    return report(*rows, pack=pack).cases.row(0, named=True)


@pytest.mark.parametrize(
    ("actors", "handovers", "spirals", "bounces"),
    [
        ("a", 0, 0, 0),
        ("ab", 1, 0, 0),
        ("aba", 2, 1, 1),
        ("abba", 2, 1, 0),
        ("aabaa", 2, 1, 1),
        ("abab", 3, 2, 2),
        ("abc", 2, 0, 0),
        ("abcab", 4, 0, 0),
        ("a.a", 0, 0, 0),
        ("ab.a", 2, 1, 1),
    ],
)
def test_handovers_spirals_and_bounces(
    actors: str, handovers: int, spirals: int, bounces: int
) -> None:
    case = one_case(*steps(actors))
    assert (case["handovers"], case["spirals"], case["bounces"]) == (handovers, spirals, bounces)


def test_what_is_dated_on_one_day_stands_in_the_order_of_its_file() -> None:
    rows = [step("2025-05-01", actor) for actor in "aba"]
    assert one_case(*reversed(rows))["spirals"] == 1
    again = [step("2025-05-01", actor) for actor in "aab"]
    assert one_case(*reversed(again))["spirals"] == 0


def test_teams_have_turns_of_their_own() -> None:
    days = ("2025-05-01", "2025-05-02", "2025-05-03")
    rows = [step(day, "a", team=team) for day, team in zip(days, "nsn", strict=True)]
    case = one_case(*rows)
    assert (case["handovers"], case["team_handovers"], case["team_spirals"]) == (0, 2, 1)


def test_where_handovers_are_recorded_they_alone_are_reassignments() -> None:
    rows = [
        step("2025-05-01", "a", team="n"),
        step("2025-05-02", "b", team="s"),
        event("handed-over", "2025-05-03", case_id="Z1", actor="b", team="s"),
        step("2025-05-04", "c", team="n"),
    ]
    assert one_case(*rows, pack=HANDING_OVER)["reassignments"] == 1
    elsewhere = [{**row, "source": "tax"} for row in rows]
    assert one_case(*elsewhere, pack=HANDING_OVER)["reassignments"] == 1 + 2
    assert one_case(rows[0], rows[1], rows[3])["reassignments"] == 2


def test_repeats_and_redos_count_at_their_step() -> None:
    rows = [
        step("2025-05-01", "a", name="check"),
        step("2025-05-02", "a", name="check"),
        step("2025-05-03", "b", name="ask"),
        step("2025-05-04", "b", name="check"),
    ]
    found = report(*rows).steps
    assert found["step"].to_list() == ["ask", "check"]
    assert found["repeats"].to_list() == [0, 1]
    assert found["redos"].to_list() == [0, 1]


def test_idle_are_the_working_days_between_on_which_nothing_was_done() -> None:
    # Thursday 15 May, Wednesday 21 May: Friday, Monday and Tuesday lie idle.
    settled = one_case(
        event("case-opened", "2025-05-15", case_id="Z1"),
        event("case-closed", "2025-05-21", case_id="Z1"),
    )
    assert (settled["idle_days"], settled["worked_days"]) == (3, 2)


def test_a_case_that_waits_lies_idle_until_today() -> None:
    # Monday 26 May; Tuesday, Wednesday and Friday lie idle, Thursday is a holiday, then a weekend.
    waiting = one_case(event("case-opened", "2025-05-26", case_id="Z1"))
    assert (waiting["state"], waiting["idle_days"]) == ("waiting", 3)


def test_moments_and_days_give_the_same_days() -> None:
    days = ("2025-05-15", "2025-05-16", "2025-05-20")
    moments = ("2025-05-15T23:59:00", "2025-05-16T00:01:00", "2025-05-20T12:00:00")
    told = [[step(when, "a") for when in each] for each in (days, moments)]
    first, second = (one_case(*rows) for rows in told)
    assert first == second
    assert (first["idle_days"], first["worked_days"]) == (1, 3)


def test_work_in_the_weekend_is_no_worked_day_and_two_steps_a_day_are_one() -> None:
    case = one_case(step("2025-05-16", "a"), step("2025-05-16", "b"), step("2025-05-17", "a"))
    assert case["worked_days"] == 1


def test_days_after_a_decision_are_nobodys_wait_until_the_case_is_opened_again() -> None:
    rows = [
        event("case-opened", "2025-03-03", case_id="Z1"),
        event("refused", "2025-03-04", case_id="Z1", case_type="allowance"),
        event("case-closed", "2025-04-01", case_id="Z1"),
        event("case-reopened", "2025-05-26", case_id="Z1"),
        event("granted", "2025-05-28", case_id="Z1", case_type="allowance"),
    ]
    case = one_case(*rows)
    assert (case["idle_days"], case["reopenings"], case["state"]) == (1, 1, "settled")


def test_idle_days_after_a_suspension_are_told_apart() -> None:
    rows = [
        event("case-opened", "2025-05-12", case_id="Z1"),
        event("suspended", "2025-05-14", case_id="Z1"),
        event("case-closed", "2025-05-21", case_id="Z1"),
    ]
    case = one_case(*rows)
    assert (case["idle_days"], case["suspended_days"], case["suspensions"]) == (1 + 4, 4, 1)


def test_the_norm_and_the_statutory_term_are_two_limits() -> None:
    about = {"case_id": "Z1", "case_type": "allowance"}
    rows = [
        event("case-opened", "2025-04-01", **about),
        event("suspended", "2025-04-11", **about),
        event("case-step", "2025-04-16", **about),
    ]
    assert one_case(*rows)["past_norm"] == 61 - 5 - 20
    assert one_case(*rows)["past_term"] == 61 - 5 - 40
    settled = one_case(*rows, event("granted", "2025-05-01", **about))
    assert (settled["past_norm"], settled["past_term"]) == (30 - 5 - 20, 0)
    question = one_case(event("case-opened", "2025-05-01", case_id="Z1", case_type="question"))
    assert (question["past_norm"], question["past_term"]) == (31 - 5, None)


def test_a_silent_case_is_neither_late_nor_idle() -> None:
    case = one_case(event("case-opened", "2023-05-01", case_id="Z1", case_type="question"))
    assert (case["state"], case["past_norm"], case["idle_days"]) == ("silent", None, 0)


def test_nothing_found_where_too_little_is_told_is_not_known() -> None:
    silent = one_case(*steps("...."))
    assert silent["handovers"] is silent["spirals"] is silent["redos"] is None
    assert silent["employee_told"] == 0
    floor = one_case(*steps("a..b...."))
    assert (floor["handovers"], floor["spirals"]) == (1, None)
    assert one_case(*steps("."))["handovers"] == 0


def test_the_completeness_of_a_source_stands_beside_its_friction() -> None:
    rows = [
        event("case-opened", "2025-05-05", case_id="Z1"),
        step("2025-05-06", "a", team="n"),
        step("2025-05-07", None, team="n"),
        event("case-closed", "2025-05-08", case_id="Z1"),
        event("case-opened", "2023-05-05", case_id="Z2"),
        step("2025-05-07", "a", team="n", case_id=None),
    ]
    found = report(*rows, sources=frozenset({"cases"})).sources
    told = found.row(by_predicate=pl.col("source") == "cases", named=True)
    assert (told["work"], told["case_told"]) == (6, pytest.approx(5 / 6))
    assert (told["follow_ups"], told["employee_told"], told["team_told"]) == (4, 1 / 4, 2 / 4)
    assert (told["ended"], told["closing_told"]) == (2, 1 / 2)
    assert told["handovers"] is None
    assert told["team_handovers"] == 0
    missing = found.row(by_predicate=pl.col("source") == "tax", named=True)
    assert not missing["delivered"]
    assert missing["reopenings"] is missing["failed_contacts"] is missing["idle_days"] is None


def test_contacts_count_at_their_source_and_are_not_known_where_the_need_is_not_told() -> None:
    def contact(day: str, channel: str, source: str = "cases") -> Row:
        return event("contact", day, case_type="question", channel=channel, source=source)

    rows = [
        contact("2025-05-01", "phone"),
        contact("2025-05-05", "desk", "tax"),
        contact("2025-05-20", "desk", "tax"),
        event("no-contact", "2025-05-21"),
    ]
    found = (
        report(*rows)
        .sources.sort("source")
        .select(
            "source", "contacts", "repeat_contact", "channel_switches", "contacts_without_result"
        )
    )
    assert found.rows() == [
        ("cases", 2, None, None, 2),
        ("register", 0, None, None, None),
        ("tax", 2, 2, 1, 1),
    ]


def test_a_wait_counts_where_the_case_lay_still_and_a_handover_where_it_arrives() -> None:
    rows = [step("2025-05-12", "a", team="n"), step("2025-05-15", "b", team="s")]
    found = report(*rows).teams.select("team", "citizens", "cases", "idle_days", "handovers")
    assert found.rows() == [("n", 1, 1, 2, 0), ("s", 1, 1, 0, 1)]
