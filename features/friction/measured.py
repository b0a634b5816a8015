"""The measures at each piece of work: what the report sums by case, team, step and source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
from features.friction.completeness import follow_ups, tells
from features.friction.ordering import Places
from features.friction.recurrences import recurrences
from features.friction.turns import bounces, handovers, reassignments, spirals, turns
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
    counted
        The places in ``work`` of each of :data:`COUNTED`.
    summed
        The days at each event of ``work``, for each of :data:`SUMMED`.
    possible, untold
        The places in ``work`` of the follow-up events, and of those (mostly few) that do not tell
        each of the values of :data:`RESTS_ON`.
    """

    events: PastEvents
    course: CaseWork
    clock: Clocks
    work: CaseWork
    counted: dict[str, Places]
    summed: dict[str, Places]
    possible: Places
    untold: dict[str, Places]


def measured(records: Records, pack: Pack) -> Measured:
    """All measures of the cases in ``records``."""
    events = course_events(records, pack)
    course = case_course(events, pack)
    clock = clocks(course, pack)
    work = case_work(course, pack)
    at_work = is_work(course.events, pack)
    waited = waits(course, clock, pack, day_number(today(records.as_of, pack.domain.time_zone)))
    follows = follow_ups(work)
    return Measured(
        events=events,
        course=course,
        clock=clock,
        work=work,
        counted=_counted(work, pack),
        summed={
            "worked_days": waited.worked[at_work],
            "idle_days": waited.idle[at_work],
            "suspended_days": waited.suspended[at_work],
        },
        possible=np.flatnonzero(follows),
        untold={on: np.flatnonzero(follows & ~told) for on, told in tells(work, pack).items()},
    )


def _counted(work: CaseWork, pack: Pack) -> dict[str, Places]:
    employees, teams = turns(work, "actor"), turns(work, "team")
    repeats, redos = recurrences(work)
    return {
        "handovers": handovers(employees),
        "spirals": spirals(employees),
        "bounces": bounces(employees),
        "team_handovers": handovers(teams),
        "team_spirals": spirals(teams),
        "reassignments": reassignments(work, teams, pack),
        "repeats": repeats,
        "redos": redos,
        "reopenings": np.flatnonzero(in_role(work.events, pack, REOPENING)),
        "suspensions": np.flatnonzero(in_role(work.events, pack, SUSPENDING)),
    }
