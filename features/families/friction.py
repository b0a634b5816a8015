"""Friction: where the government's own process sends a citizen round in circles.

Counted per citizen over all cases and silos. What the sources do not record (who did a step, the
need behind a contact) is not counted, so a count is a floor; see the completeness of a source
before reading a low figure as a smooth process.

A case is open, late or silent as :mod:`features.open_cases` defines it: a decision stops the clock
even when the closing is not recorded, the days of a suspension do not count, and a case in which
nothing happened for over a year is a gap in its source and never a citizen who waits.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from features.case_work import (
    WORK_ROLES,
    CaseWork,
    Moments,
    case_course,
    case_work,
    handovers,
    pending_applications,
    recurrences,
    repeat_contacts,
    spirals,
)
from features.columns import Columns, Floats, nothing, rows_of, tally
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.open_cases import SILENT_DAYS, open_cases
from features.pack import Pack
from features.past_events import past_events
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records

CONCEPT = "process"
"""The concept of these signals, where the domain has it."""

_CONTACT_ROLES = ("contact", "contact-failed")

_WINDOWED: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "handovers": (
        WORK_ROLES,
        {
            "en": "Times a case went to another employee in the last {days} days",
            "nl": "Keren dat een zaak naar een andere medewerker ging in de laatste {days} dagen",
        },
    ),
    "spirals": (
        WORK_ROLES,
        {
            "en": "Times a case went back to who had handed it over, in the last {days} days",
            "nl": "Keren dat een zaak terugkwam bij wie hem overdroeg, in de laatste {days} dagen",
        },
    ),
    "reassignments": (
        WORK_ROLES,
        {
            "en": "Times a case went to another team in the last {days} days",
            "nl": "Keren dat een zaak naar een ander team ging in de laatste {days} dagen",
        },
    ),
    "repeats": (
        WORK_ROLES,
        {
            "en": "Steps that the same employee did again in the last {days} days",
            "nl": "Stappen die dezelfde medewerker overdeed in de laatste {days} dagen",
        },
    ),
    "redos": (
        WORK_ROLES,
        {
            "en": "Steps that another employee did again in the last {days} days",
            "nl": "Stappen die een andere medewerker overdeed in de laatste {days} dagen",
        },
    ),
    "reopenings": (
        WORK_ROLES,
        {
            "en": "Cases opened again in the last {days} days",
            "nl": "Heropende zaken in de laatste {days} dagen",
        },
    ),
    "suspensions": (
        WORK_ROLES,
        {
            "en": "Times a case was suspended in the last {days} days",
            "nl": "Keren dat een zaak werd opgeschort in de laatste {days} dagen",
        },
    ),
    "repeat_contact": (
        _CONTACT_ROLES,
        {
            "en": "Contacts on the same need within 28 days, in the last {days} days",
            "nl": "Contacten over dezelfde vraag binnen 28 dagen, in de laatste {days} dagen",
        },
    ),
    "failed_contacts": (
        _CONTACT_ROLES,
        {
            "en": "Contacts that did not get through in the last {days} days",
            "nl": "Contacten die niet tot stand kwamen in de laatste {days} dagen",
        },
    ),
}

_NOW: dict[str, tuple[str, dict[str, str]]] = {
    "open_cases": (
        "cases",
        {
            "en": "Cases open now: not decided on and not closed",
            "nl": "Zaken die nu lopen: niet besloten en niet afgesloten",
        },
    ),
    "concurrent_organisations": (
        "organisations",
        {
            "en": "Organisations at work for this citizen at once",
            "nl": "Organisaties die nu tegelijk voor deze inwoner aan het werk zijn",
        },
    ),
    "days_past_norm": (
        "days",
        {
            "en": "Calendar days that the slowest open case is past its norm, without suspensions",
            "nl": "Kalenderdagen dat de traagste lopende zaak over de norm is, zonder opschorting",
        },
    ),
    "idle_days": (
        "days",
        {
            "en": "Days without any step in the open case that has waited longest",
            "nl": "Dagen zonder stap in de lopende zaak die het langst stilligt",
        },
    ),
    "silent_cases": (
        "cases",
        {
            "en": "Cases without a recorded closing or any step for over {days} days: "
            "a gap in the source, not a wait",
            "nl": "Zaken zonder vastgelegde afsluiting of stap in meer dan {days} dagen: "
            "een gat in de bron, geen wachttijd",
        },
    ),
}


class Friction(Family):
    """``friction_<measure>_<window>d`` and how things stand now."""

    name = "friction"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Those of which the pack has the event types: work on cases, contacts, or both."""
        concept = CONCEPT if CONCEPT in pack.domain.concepts else "other"
        windowed = [
            Signal(
                name=f"friction_{measure}_{days}d",
                unit="times",
                meaning=meaning(pack, sentence, days=days),
                concept=concept,
                family=self.name,
                sources=_sources(pack, roles),
            )
            for measure, (roles, sentence) in _measures(pack).items()
            for days in pack.domain.windows.friction
        ]
        now = [
            Signal(
                name=f"friction_{measure}",
                unit=unit,
                meaning=meaning(pack, sentence, days=SILENT_DAYS),
                concept=concept,
                family=self.name,
                sources=_sources(pack, _roles_now(measure)),
            )
            for measure, (unit, sentence) in _measures_now(pack).items()
        ]
        return (*windowed, *now)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """All measures from one ordering of the case work."""
        n = len(records.citizens)
        course = case_course(records, pack)
        work = case_work(course, pack)
        found = _moments(records, pack, work)
        columns: dict[str, Floats] = {}
        for measure, (roles, _) in _measures(pack).items():
            known = is_known(_sources(pack, roles), records.sources)
            for days in pack.domain.windows.friction:
                recent = found[measure].row[found[measure].age < days]
                columns[f"friction_{measure}_{days}d"] = tally(recent, n) if known else nothing(n)
        now = _standing(records, pack, course)
        for measure in _measures_now(pack):
            known = is_known(_sources(pack, _roles_now(measure)), records.sources)
            columns[f"friction_{measure}"] = now[measure] if known else nothing(n)
        return columns


def _measures(pack: Pack) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    return {name: of for name, of in _WINDOWED.items() if pack.event_types_in(*of[0])}


def _measures_now(pack: Pack) -> dict[str, tuple[str, dict[str, str]]]:
    return {name: of for name, of in _NOW.items() if pack.event_types_in(*_roles_now(name))}


def _roles_now(measure: str) -> tuple[str, ...]:
    return (*WORK_ROLES, "applied") if measure == "concurrent_organisations" else WORK_ROLES


def _sources(pack: Pack, roles: tuple[str, ...]) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in pack.event_types_in(*roles)))


def _moments(records: Records, pack: Pack, work: CaseWork) -> dict[str, Moments]:
    repeats, redos = recurrences(work)
    contacts = past_events(records, pack, pack.event_types_in(*_CONTACT_ROLES))
    return {
        "handovers": handovers(work, "actor"),
        "spirals": spirals(work),
        "reassignments": handovers(work, "team"),
        "repeats": repeats,
        "redos": redos,
        "reopenings": _of_role(records, pack, "case-reopened"),
        "suspensions": _of_role(records, pack, "case-suspended"),
        "repeat_contact": repeat_contacts(contacts),
        "failed_contacts": _of_role(records, pack, "contact-failed"),
    }


def _of_role(records: Records, pack: Pack, role: str) -> Moments:
    events = past_events(records, pack, pack.event_types_in(role))
    return Moments(events.row, events.age)


def _standing(records: Records, pack: Pack, course: CaseWork) -> dict[str, Floats]:
    n = len(records.citizens)
    found = open_cases(course, pack)
    cases = found.filter(~pl.col("silent"))
    row = cases["row"].to_numpy()
    late = cases["past_norm"].fill_null(0).to_numpy()
    return {
        "open_cases": tally(row, n),
        "concurrent_organisations": _organisations(records, pack, cases),
        "days_past_norm": _most(row, late, np.zeros(n)),
        "idle_days": _most(row, cases["idle_days"].to_numpy(), nothing(n)),
        "silent_cases": tally(found.filter("silent")["row"].to_numpy(), n),
    }


def _organisations(records: Records, pack: Pack, cases: pl.DataFrame) -> Floats:
    pending = pending_applications(records, pack)
    at_work = pl.concat(
        [
            cases.select("row", "source"),
            pending.select(pl.Series("row", rows_of(pending["citizen"], records)), "source"),
        ]
    ).unique()
    return tally(at_work["row"].to_numpy(), len(records.citizens))


def _most(row: np.ndarray, values: np.ndarray, start: Floats) -> Floats:
    np.fmax.at(start, row, values)
    return start
