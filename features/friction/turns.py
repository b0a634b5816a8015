"""Whose turn it was: handovers, and cases that come back.

Of the events of a case that tell the employee (or the team), those in a row by the same one are one
*turn*. After edeaR's handover-of-work, without the handovers to oneself:

- *handover*: every turn of a case but its first;
- *spiral* (A→B→A): a turn of whoever had the turn before last, however long B had it;
- *bounce*: a spiral in which B did a single thing. Three events in a row by A, B and A: what the
  process-mining literature counts as ping-pong;
- *reassignment*: where a source has events for it (role ``case-handover``) those, and nothing else:
  in many processes a step belongs to another team by design. Elsewhere a handover between teams.

Everything is counted at the event at which the case arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.friction.case_work import HANDING_OVER, CaseWork, in_role
from features.friction.ordering import Flags, Places, starts
from features.pack import Pack
from features.past_events import UNTOLD, Codes, PastEvents
from features.provenance import sources_of_event_type
from features.remembered import remembered

Holder = Literal["actor", "team"]


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns, case by case: ``place`` of the first event of each in the work, ``size`` in
    events."""

    place: Places
    case: Places
    who: Codes
    size: Places


def turns(work: CaseWork, by: Holder) -> Turns:
    """The turns of employees or teams. Events that do not tell which are passed over."""
    who = work.codes(by)
    told = np.flatnonzero(who != UNTOLD)
    who, case = who[told], work.case[told]
    first = np.flatnonzero(starts(who) | starts(case))
    size = np.diff(first, append=len(told))
    return Turns(told[first], case[first], who[first], size)


def handovers(of: Turns) -> Places:
    """The places in the work of every turn but the first of its case."""
    found: Places = of.place[1:][of.case[1:] == of.case[:-1]]
    return found


def spirals(of: Turns) -> Places:
    """The places in the work of every turn of who had the turn before last."""
    found: Places = of.place[2:][_back(of)]
    return found


def bounces(of: Turns) -> Places:
    """The places in the work of the spirals with a single event in between."""
    found: Places = of.place[2:][_back(of) & (of.size[1:-1] == 1)]
    return found


def reassignments(work: CaseWork, teams: Turns, pack: Pack) -> Places:
    """The places in the work of the recorded handovers, and where a source records none, of the
    handovers between teams."""
    recorded = np.flatnonzero(in_role(work.events, pack, HANDING_OVER))
    changed = handovers(teams)
    unrecorded = ~records_handovers(work.events, pack)[changed]
    return np.concatenate([recorded, changed[unrecorded]])


def records_handovers(events: PastEvents, pack: Pack) -> Flags:
    """Whether the source of each event has events of its own for a handover. A type that no
    mapping delivers comes in by the API and may be any source's."""
    recording = _recording(pack)
    if recording is None:
        return np.ones(len(events), dtype=bool)
    if not recording:
        return np.zeros(len(events), dtype=bool)
    return events.places("source", recording) >= 0


@remembered(8)
def _recording(pack: Pack) -> tuple[str, ...] | None:
    """The sources that record handovers; None for all of them."""
    behind = sources_of_event_type(pack)
    each = [behind[kind] for kind in pack.event_types_in(*HANDING_OVER)]
    return tuple(sorted(frozenset().union(*each))) if all(each) else None


def _back(of: Turns) -> Flags:
    same: Flags = (of.case[2:] == of.case[:-2]) & (of.who[2:] == of.who[:-2])
    return same
