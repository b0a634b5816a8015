"""Work on cases: who did which step in which order, and what came round again.

After edeaR and bupaR: a *handover* is a step by another employee than the one before it in the
case; a *spiral* hands back to the employee before last (A→B→A); a *repeat* is a step that the same
employee does again, a *redo* one that another employee does again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.pack import Pack
from features.past_events import UNTOLD, Codes, PastEvents, past_events
from features.records import Records
from features.service_history import service_events
from features.windows import Days

WORK_ROLES = (
    "case-opened",
    "case-step",
    "case-handover",
    "case-suspended",
    "case-closed",
    "case-reopened",
)
"""The roles of events that are work on a case."""

REPEAT_CONTACT_DAYS = 28
"""Within how many days a second contact on the same need is a repeat."""

PENDING_DAYS = 365
"""How long an application without a recorded decision counts as pending."""

DECISION_ROLES = ("granted", "refused", "withdrawn")
"""The roles of events that answer what a case was about."""

_COURSE_ROLES = (*WORK_ROLES, *DECISION_ROLES, "ended")


@dataclass(frozen=True, slots=True)
class Moments:
    """Something that happened to citizens: whom (place in the records) and how many days ago."""

    row: NDArray[np.int64]
    age: Days


@dataclass(frozen=True, slots=True)
class CaseWork:
    """The events of cases, case by case and in order of time within each.

    ``case`` numbers the cases; a case is one citizen's, in one source.
    """

    events: PastEvents
    case: NDArray[np.int64]

    def moments(self, at: NDArray[np.bool_]) -> Moments:
        """The events at which ``at`` is true."""
        return Moments(self.events.row[at], self.events.age[at])

    def where(self, keep: NDArray[np.bool_]) -> CaseWork:
        """The work at which ``keep`` is true."""
        return CaseWork(self.events.where(keep), self.case[keep])


def case_course(records: Records, pack: Pack) -> CaseWork:
    """What happened in the cases of all citizens: the work, the decisions and their ends.

    Events without a case id are left out.
    """
    found = past_events(records, pack, _types(pack))
    found = found.where(found.codes("case_id") != UNTOLD)
    keys = (found.codes("case_id"), found.codes("source"), found.row)
    order = np.lexsort(keys)
    events = found.take(order)
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    return CaseWork(events, np.cumsum(starts))


def case_work(course: CaseWork, pack: Pack) -> CaseWork:
    """The work alone. A decision tells again what a step told, so it is left out; unless the pack
    has no event for the closing of a case, where the decision is the last step."""
    decides = () if pack.event_types_in("case-closed") else DECISION_ROLES
    return course.where(at_role(course, pack, *WORK_ROLES, *decides))


def at_role(course: CaseWork, pack: Pack, *roles: str) -> NDArray[np.bool_]:
    """Which events of ``course`` have one of ``roles``."""
    asked = [pack.domain.event_types[kind].role in roles for kind in _types(pack)]
    return np.array(asked, dtype=bool)[course.events.kind]


def handovers(work: CaseWork, by: str) -> Moments:
    """Each event by another ``by`` (``actor`` or ``team``) than the one before it in the case."""
    told, who = _told(work, by)
    return told.moments(_changes(told.case, who))


def spirals(work: CaseWork) -> Moments:
    """Each handover back to the employee before last."""
    told, who = _told(work, "actor")
    first = np.ones(len(who), dtype=bool)
    first[1:] = (told.case[1:] != told.case[:-1]) | (who[1:] != who[:-1])
    turns, who = told.where(first), who[first]
    back = np.zeros(len(who), dtype=bool)
    back[2:] = (turns.case[2:] == turns.case[:-2]) & (who[2:] == who[:-2])
    return turns.moments(back)


def recurrences(work: CaseWork) -> tuple[Moments, Moments]:
    """The repeats and the redos of a step. A step is named by the event's attribute ``step``
    (or ``activity``); steps without a name, or of which the employee is not known, are left out."""
    told, who = _told(work, "actor")
    step = _first_told(told.events, "$.step", "$.activity")
    named = step != UNTOLD
    told, who, step = told.where(named), who[named], step[named]
    order = np.lexsort((step, told.case))
    case, step, actor = told.case[order], step[order], who[order]
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (case[1:] == case[:-1]) & (step[1:] == step[:-1])
    same = np.zeros(len(order), dtype=bool)
    same[1:] = actor[1:] == actor[:-1]
    row, age = told.events.row[order], told.events.age[order]
    repeat, redo = again & same, again & ~same
    return Moments(row[repeat], age[repeat]), Moments(row[redo], age[redo])


def repeat_contacts(contacts: PastEvents) -> Moments:
    """Each contact on a need on which there was contact shortly before.

    The need is the contact's case type, or else its case, or else the attribute ``subject``;
    contacts of which it is not recorded are left out.
    """
    need = _first_told(contacts, "case_type", "case_id", "$.subject")
    told, code = contacts.where(need != UNTOLD), need[need != UNTOLD]
    order = np.lexsort((code, told.row))
    row, code, age = told.row[order], code[order], told.age[order]
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (
        (row[1:] == row[:-1])
        & (code[1:] == code[:-1])
        & (age[:-1] - age[1:] <= REPEAT_CONTACT_DAYS)
    )
    return Moments(row[again], age[again])


def pending_applications(records: Records, pack: Pack) -> pl.DataFrame:
    """Applications on which no decision is recorded: ``citizen``, ``source``."""
    steps = service_events(records.events, pack, records.as_of)
    last = steps.unique(["citizen", "service"], keep="last", maintain_order=True)
    since = pl.lit(records.as_of).dt.offset_by(f"-{PENDING_DAYS}d")
    return last.filter(pl.col("role") == "applied", pl.col("occurred_at") > since).select(
        "citizen", "source"
    )


def _types(pack: Pack) -> tuple[str, ...]:
    return pack.event_types_in(*_COURSE_ROLES)


def _told(work: CaseWork, by: str) -> tuple[CaseWork, Codes]:
    """The work of which ``by`` is recorded, and its code."""
    who = work.events.codes(by)
    return work.where(who != UNTOLD), who[who != UNTOLD]


def _first_told(events: PastEvents, *columns: str) -> Codes:
    """The first of ``columns`` that is told of each event."""
    found = events.codes(columns[0])
    for column in columns[1:]:
        found = np.where(found == UNTOLD, events.codes(column), found)
    return found


def _changes(case: NDArray[np.int64], who: Codes) -> NDArray[np.bool_]:
    changed = np.zeros(len(who), dtype=bool)
    changed[1:] = (case[1:] == case[:-1]) & (who[1:] != who[:-1])
    return changed
