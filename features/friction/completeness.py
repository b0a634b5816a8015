"""What a source must tell for its friction to be seen, and whether it does.

A handover shows when two steps tell their employee. A source that tells neither shows none, and
that is silence, not health. So beside each count stand how many events *could* have shown friction
and how many of them *told* what it takes. **Nothing found, where less than half of what could show
it was told, is not known** (null). Something found is a floor, and stays.

What could show friction: of work on cases every event but the first of its case, and work without a
case id; of contacts every one within 28 days of the citizen's contact before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.columns import Floats
from features.friction.case_work import CaseWork, is_work
from features.friction.contacts import REPEAT_CONTACT_DAYS, need_of
from features.friction.ordering import Flags, starts
from features.friction.turns import records_handovers
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents

ENOUGH = 0.5
"""The share of what could show friction that must be told before *none* is believed."""


@dataclass(frozen=True, slots=True)
class Told:
    """Events that could show friction, and which of them tell what it takes."""

    events: PastEvents
    told: Flags


def known(found: Floats, possible: Floats, told: Floats) -> Floats:
    """``found``, and NaN where it is none and too little was told to say so."""
    return np.where((found == 0) & (told < ENOUGH * possible), np.nan, found)


def follow_ups(work: CaseWork) -> Flags:
    """The events of work that are not the first of their case."""
    return ~starts(work.case)


def tells(work: CaseWork, pack: Pack) -> dict[str, Flags]:
    """Which events of ``work`` tell the ``employee``, the ``team``, a ``reassignment`` (the team,
    or the source has events for it) and the ``step`` with its employee."""
    employee, team = work.codes("actor") != UNTOLD, work.codes("team") != UNTOLD
    return {
        "employee": employee,
        "team": team,
        "reassignment": team | records_handovers(work.events, pack),
        "step": employee & (work.steps() != UNTOLD),
    }


def caseless(events: PastEvents, pack: Pack) -> PastEvents:
    """The work among the course events of which the case is not told."""
    return events.where((events.codes("case_id") == UNTOLD) & is_work(events, pack))


def contacts_told(contacts: PastEvents) -> dict[str, Told]:
    """Of the contacts shortly after another one, which tell their ``need``, and which that and
    their ``channel``."""
    close = ~starts(contacts.row)
    close[1:] &= contacts.age[:-1] - contacts.age[1:] <= REPEAT_CONTACT_DAYS
    after = contacts.where(close)
    need = need_of(after) != UNTOLD
    return {
        "need": Told(after, need),
        "channel": Told(after, need & (after.codes("channel") != UNTOLD)),
    }
