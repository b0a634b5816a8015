"""Friction counted per citizen, over all cases and silos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Floats, tally
from features.friction.case_work import REOPENING, SUSPENDING, CaseWork, in_role
from features.friction.completeness import caseless, contacts_told, follow_ups, known, tells
from features.friction.contacts import channel_switches, repeat_contacts, without_result
from features.friction.ordering import Flags, Places
from features.friction.recurrences import recurrences
from features.friction.turns import handovers, reassignments, spirals, turns
from features.pack import Pack
from features.past_events import PastEvents
from features.windows import Days

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


@dataclass(frozen=True, slots=True)
class Moments:
    """Something that happened to citizens: whom (place in the records) and how many days ago."""

    row: Places
    age: Days

    @classmethod
    def of(cls, events: PastEvents, at: Places | Flags) -> Moments:
        """Some of ``events``."""
        return cls(events.row[at], events.age[at])

    def and_of(self, events: PastEvents) -> Moments:
        """These, and all of ``events``."""
        if not len(events):
            return self
        row, age = np.append(self.row, events.row), np.append(self.age, events.age)
        return Moments(row, age)

    def tally(self, windows: tuple[int, ...], n: int) -> Floats:
        """How many in the last days of each window, of each of ``n`` citizens: a row a window."""
        counted = np.empty((len(windows), n))
        for place, days in enumerate(windows):
            counted[place] = tally(self.row[self.age < days], n)
        return counted


@dataclass(frozen=True, slots=True)
class Counts:
    """What was ``found`` of each measure; and of all that measures rest on, what was ``possible``
    and which of that was ``untold``, mostly little."""

    found: dict[str, Moments]
    possible: dict[str, Moments]
    untold: dict[str, Moments]

    def within(self, windows: tuple[int, ...], n: int) -> dict[str, Floats]:
        """Each measure over the last days of each window (a row a window) of each of ``n``
        citizens, NaN where it is not known; and as ``<what>_told`` the share told of what was
        possible, NaN where nothing was."""
        possible = _tallied(self.possible, windows, n)
        untold = _tallied(self.untold, windows, n)
        told = {on: possible[on] - untold[on] for on in possible}
        counted = _tallied(self.found, windows, n)
        for measure in counted.keys() & _RESTS_ON.keys():
            on = _RESTS_ON[measure]
            counted[measure] = known(counted[measure], possible[on], told[on])
        for on in possible:
            share = np.full((len(windows), n), np.nan)
            np.divide(told[on], possible[on], out=share, where=possible[on] > 0)
            counted[f"{on}_told"] = share
        return counted


def _tallied(moments: dict[str, Moments], windows: tuple[int, ...], n: int) -> dict[str, Floats]:
    """Each tallied; the same moments under two names once."""
    once = {id(one): one.tally(windows, n) for one in {id(m): m for m in moments.values()}.values()}
    return {name: once[id(one)] for name, one in moments.items()}


def counts_of_work(work: CaseWork, events: PastEvents, pack: Pack) -> Counts:
    """Friction in cases; ``events`` are all course events, also those without a case."""
    of = work.events
    employees, teams = turns(work, "actor"), turns(work, "team")
    repeats, redos = recurrences(work)
    found = {
        "handovers": Moments.of(of, handovers(employees)),
        "spirals": Moments.of(of, spirals(employees)),
        "team_spirals": Moments.of(of, spirals(teams)),
        "reassignments": Moments.of(of, reassignments(work, teams, pack)),
        "repeats": Moments.of(of, repeats),
        "redos": Moments.of(of, redos),
        "reopenings": Moments.of(events, in_role(events, pack, REOPENING)),
        "suspensions": Moments.of(events, in_role(events, pack, SUSPENDING)),
    }
    follows, unknown = follow_ups(work), caseless(events, pack)
    possible = Moments.of(of, np.flatnonzero(follows)).and_of(unknown)
    untold = {
        on: Moments.of(of, np.flatnonzero(follows & ~told)).and_of(unknown)
        for on, told in tells(work, pack).items()
    }
    return Counts(found, dict.fromkeys(untold, possible), untold)


def counts_of_contacts(contacts: PastEvents, failed: Flags, done: PastEvents) -> Counts:
    """Friction in contacts; ``done`` is what was done in cases, in the order of the records."""
    repeats = repeat_contacts(contacts)
    found = {
        "repeat_contact": Moments.of(contacts, repeats.later),
        "channel_switches": Moments.of(contacts, channel_switches(contacts, repeats)),
        "failed_contacts": Moments.of(contacts, failed),
        "contacts_without_result": Moments.of(
            contacts, without_result(contacts, failed, repeats, done)
        ),
    }
    shown = contacts_told(contacts)
    possible = {on: Moments(one.events.row, one.events.age) for on, one in shown.items()}
    untold = {on: Moments.of(one.events, ~one.told) for on, one in shown.items()}
    return Counts(found, possible, untold)
