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

from typing import Literal

import numpy as np

from features.friction.case_work import HANDING_OVER, CaseWork, in_role
from features.friction.marks import Marks
from features.friction.ordering import Flags
from features.kernels.turns import turn_marks
from features.pack import Pack
from features.past_events import PastEvents
from features.provenance import sources_of_event_type
from features.remembered import remembered

Holder = Literal["actor", "team"]

EMPLOYEES = ("handovers", "spirals", "bounces")
TEAMS = ("team_handovers", "team_spirals", "team_bounces")
"""The names of what :func:`turns` finds."""


def turns(work: CaseWork, by: Holder, names: tuple[str, str, str]) -> Marks:
    """The handovers, spirals and bounces among employees or teams, under three names. Events that
    do not tell which are passed over."""
    return Marks(names, turn_marks(work.case, work.codes(by)))


def reassignments(work: CaseWork, team_handovers: Flags, pack: Pack) -> Flags:
    """At which work there is a recorded handover, or where a source records none, a handover
    between teams."""
    recorded = in_role(work.events, pack, HANDING_OVER)
    found: Flags = recorded | (team_handovers & ~records_handovers(work.events, pack))
    return found


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
