"""Friction: where the government's own process sends a citizen round in circles.

Counted per citizen over all cases and silos, by the measures of :mod:`features.friction`, where
each is defined. A count is a floor. Where nothing was found and the records tell too little to say
so (:mod:`features.friction.completeness`), it is not known: null, never zero.

A case is open, late or silent as :mod:`features.friction.clocks` defines it: a decision stops the
clock even when the closing is not recorded, the days of a suspension do not count, and a case in
which nothing happened for over a year is a gap in its source and never a citizen who waits.
"""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing, tally
from features.families.base import Family, Signal
from features.families.friction_meanings import NOW, WITHIN
from features.families.meaning import meaning
from features.friction.case_work import (
    COURSE_ROLES,
    WORK_ROLES,
    CaseWork,
    case_course,
    case_work,
    course_events,
    is_work,
)
from features.friction.clocks import SILENT_DAYS, clocks
from features.friction.completeness import known
from features.friction.contacts import CONTACT_ROLES, contacts_of
from features.friction.counts import contacts_within, work_within
from features.friction.organisations import concurrent_organisations
from features.friction.waits import waiting_days
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records
from features.remembered import remembered
from features.windows import day_number, today

CONCEPT = "process"
"""The concept of these signals, where the domain has it."""

_ROLES: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys((*WITHIN, *NOW), (WORK_ROLES,)),
    **dict.fromkeys(("repeat_contact", "channel_switches", "failed_contacts"), (CONTACT_ROLES,)),
    "contacts_without_result": (CONTACT_ROLES, COURSE_ROLES),
    "concurrent_organisations": ((*WORK_ROLES, "applied"),),
}
"""The roles of events that each measure rests on; of every group one must be known."""

_RECENT_DAYS = 365
"""Work of the last year says whether a source tells which case it is on."""


class Friction(Family):
    """``friction_<measure>_<window>d`` and how things stand now."""

    name = "friction"
    windows = (90, 365)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Those of which the pack has the event types: work on cases, contacts, or both."""
        concept = CONCEPT if CONCEPT in pack.domain.concepts else "other"
        behind = _behind(pack)
        return tuple(
            Signal(
                name=name,
                unit=unit,
                meaning=meaning(pack, sentence, days=days),
                concept=concept,
                family=self.name,
                sources=frozenset().union(*behind[measure]),
            )
            for measure, (unit, sentence) in (WITHIN | NOW).items()
            if measure in behind
            for name, days in _names(measure, pack)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """All measures from one ordering of the case work."""
        n = len(records.citizens)
        found = _found(records, pack)
        columns: dict[str, Floats] = {}
        for measure, behind in _behind(pack).items():
            told = all(is_known(sources, records.sources) for sources in behind)
            for name in _names_of(pack)[measure]:
                columns[name] = found[name] if told else nothing(n)
        return columns


def _names(measure: str, pack: Pack) -> list[tuple[str, int]]:
    """The signals of a measure, each with its days."""
    if measure in NOW:
        return [(f"friction_{measure}", SILENT_DAYS)]
    return [(f"friction_{measure}_{days}d", days) for days in _windows(pack)]


@remembered(8)
def _names_of(pack: Pack) -> dict[str, list[str]]:
    return {measure: [name for name, _ in _names(measure, pack)] for measure in _behind(pack)}


def _windows(pack: Pack) -> tuple[int, ...]:
    return Friction().windows_in(pack)


@remembered(8)
def _behind(pack: Pack) -> dict[str, tuple[Sources, ...]]:
    """The measures that ``pack`` has the event types for, and the sources behind each group."""
    of_type = sources_of_event_type(pack)
    return {
        measure: tuple(
            frozenset().union(*(of_type[kind] for kind in pack.event_types_in(*roles)))
            for roles in _ROLES[measure]
        )
        for measure in (*WITHIN, *NOW)
        if all(pack.event_types_in(*roles) for roles in _ROLES[measure])
    }


def _found(records: Records, pack: Pack) -> dict[str, Floats]:
    n = len(records.citizens)
    events = course_events(records, pack)
    course = case_course(events, pack)
    columns, windows = _now(records, pack, events, course), _windows(pack)
    counted = work_within(case_work(course, pack), events, pack, windows, n)
    counted |= contacts_within(*contacts_of(records, pack), events, windows, n)
    for measure in WITHIN:
        for days, column in zip(windows, counted[measure], strict=True):
            columns[f"friction_{measure}_{days}d"] = column
    return columns


def _now(records: Records, pack: Pack, events: PastEvents, course: CaseWork) -> dict[str, Floats]:
    n = len(records.citizens)
    clock = clocks(course, pack)
    row = course.events.row[clock.first]
    waiting = row[clock.waiting]
    day = day_number(today(records.as_of, pack.domain.time_zone))
    recent = events.where(is_work(events, pack) & (events.age < _RECENT_DAYS))
    possible = tally(recent.row, n)
    told = tally(recent.row[recent.codes("case_id") != UNTOLD], n)

    def late(days: Floats) -> Floats:
        return _most(waiting, days[clock.waiting], np.zeros(n))

    return {
        "friction_silent_cases": tally(row[clock.silent], n),
        "friction_idle_days": _most(waiting, clock.idle_days[clock.waiting], nothing(n)),
        "friction_idle_working_days": _most(
            waiting, waiting_days(course, clock, pack, day), nothing(n)
        ),
        **{
            f"friction_{measure}": known(found, possible, told)
            for measure, found in {
                "open_cases": tally(waiting, n),
                "concurrent_organisations": concurrent_organisations(records, pack, course, clock),
                "days_past_norm": late(clock.past_norm),
                "days_past_term": late(clock.past_term),
            }.items()
        },
    }


def _most(row: np.ndarray, values: np.ndarray, start: Floats) -> Floats:
    """The largest of ``values`` per citizen, NaN left out."""
    np.fmax.at(start, row, values)
    return start
