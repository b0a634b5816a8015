"""The measures at each piece of work: what the report sums by case, team, step and source."""

from __future__ import annotations

from dataclasses import dataclass

from features.friction.case_work import (
    REOPENING,
    SUSPENDING,
    CaseWork,
    case_course,
    case_work,
    course_events,
    in_role,
    is_work,
)
from features.friction.clocks import Clocks, clocks
from features.friction.completeness import follow_ups
from features.friction.marks import Marks
from features.friction.ordering import Places
from features.friction.recurrences import recurrences
from features.friction.turns import EMPLOYEES, TEAMS, reassignments, turns
from features.friction.waits import waits
from features.pack import Pack
from features.past_events import PastEvents
from features.records import Records
from features.windows import day_number, today

RESTS_ON = {
    "handovers": "employee",
    "spirals": "employee",
    "bounces": "employee",
    "team_handovers": "team",
    "team_spirals": "team",
    "reassignments": "reassignment",
    "repeats": "step",
    "redos": "step",
}
"""What must be told for a measure to find anything (:mod:`features.friction.completeness`)."""

COUNTED = (*RESTS_ON, "reopenings", "suspensions")
"""Measures that are counted, at the event at which they show."""

SUMMED = ("worked_days", "idle_days", "suspended_days")
"""Working days at each event (:mod:`features.friction.waits`)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The work on some cases, and where in it each measure shows.

    Parameters
    ----------
    events
        What happened in cases, also where the case is not told.
    marks
        At each event of ``work``, which of :data:`COUNTED` show; and which are ``follow_ups``, and
        tell each of the values of :data:`RESTS_ON`.
    summed
        The days at each event of ``work``, for each of :data:`SUMMED`.
    """

    events: PastEvents
    course: CaseWork
    clock: Clocks
    work: CaseWork
    marks: Marks
    summed: dict[str, Places]


def measured(records: Records, pack: Pack) -> Measured:
    """All measures of the cases in ``records``."""
    events = course_events(records, pack)
    course = case_course(events, pack)
    clock = clocks(course, pack)
    work = case_work(course, pack)
    at_work = is_work(course.events, pack)
    waited = waits(course, clock, pack, day_number(today(records.as_of, pack.domain.time_zone)))
    days = (waited.worked, waited.idle, waited.suspended)
    return Measured(
        events=events,
        course=course,
        clock=clock,
        work=work,
        marks=_marks(work, pack),
        summed={name: of[at_work] for name, of in zip(SUMMED, days, strict=True)},
    )


def _marks(work: CaseWork, pack: Pack) -> Marks:
    teams = turns(work, "team", TEAMS)
    by_role = Marks.of(
        reassignments=reassignments(work, teams.at("team_handovers"), pack),
        reopenings=in_role(work.events, pack, REOPENING),
        suspensions=in_role(work.events, pack, SUSPENDING),
    )
    return turns(work, "actor", EMPLOYEES).beside(
        teams, recurrences(work), by_role, follow_ups(work, pack)
    )
