"""Friction counted per citizen, over all cases and silos."""

from __future__ import annotations

import numpy as np

from features.columns import Floats
from features.friction.case_work import REOPENING, SUSPENDING, CaseWork, in_role
from features.friction.completeness import caseless, follow_ups, known
from features.friction.contacts import contact_marks
from features.friction.marks import Marks
from features.friction.ordering import Flags
from features.friction.recurrences import recurrences
from features.friction.turns import EMPLOYEES, TEAMS, reassignments, turns
from features.pack import Pack
from features.past_events import PastEvents

_RESTS_ON = {
    "handovers": "employee",
    "spirals": "employee",
    "team_spirals": "team",
    "reassignments": "reassignment",
    "repeats": "step",
    "redos": "step",
    "repeat_contact": "need",
    "channel_switches": "channel",
    "contacts_without_result": "need",
}
"""What must be told for a measure to find anything; the others need an event of their own."""

_ON = ("employee", "team", "reassignment", "step", "need", "channel")


def work_within(
    work: CaseWork, events: PastEvents, pack: Pack, windows: tuple[int, ...], n: int
) -> dict[str, Floats]:
    """Friction in cases over the last days of each window (a row a window) of each of ``n``
    citizens, NaN where it is not known; and as ``<what>_told`` the share told of what was possible,
    NaN where nothing was. ``events`` are all course events, also those without a case."""
    employees, teams = turns(work, "actor", EMPLOYEES), turns(work, "team", TEAMS)
    reassigned = Marks.of(reassignments=reassignments(work, teams.at("team_handovers"), pack))
    in_case = employees.beside(teams, reassigned, recurrences(work), follow_ups(work, pack))
    anywhere = Marks.of(
        reopenings=in_role(events, pack, REOPENING),
        suspensions=in_role(events, pack, SUSPENDING),
        caseless=caseless(events, pack),
    )
    counted = in_case.within(work.events.row, work.events.age, windows, n)
    counted |= anywhere.within(events.row, events.age, windows, n)
    return _known(counted, counted["follow_ups"] + counted["caseless"])


def contacts_within(
    contacts: PastEvents, failed: Flags, done: PastEvents, windows: tuple[int, ...], n: int
) -> dict[str, Floats]:
    """The same for friction in contacts; ``done`` is what was done in cases, in the order of the
    records."""
    marks = contact_marks(contacts, failed, done)
    counted = marks.within(contacts.row, contacts.age, windows, n)
    return _known(counted, counted["follow_ups"])


def _known(counted: dict[str, Floats], possible: Floats) -> dict[str, Floats]:
    """``counted``, with NaN for what is not known; and the shares told."""
    for measure in counted.keys() & _RESTS_ON.keys():
        counted[measure] = known(counted[measure], possible, counted[_RESTS_ON[measure]])
    for on in counted.keys() & set(_ON):
        share = np.full(possible.shape, np.nan)
        counted[f"{on}_told"] = np.divide(counted[on], possible, out=share, where=possible > 0)
    return counted
