"""What a source must tell for its friction to be seen, and whether it does.

A handover shows when two steps tell their employee. A source that tells neither shows none, and
that is silence, not health. So beside each count stand how many events *could* have shown friction
and how many of them *told* what it takes. **Nothing found, where less than half of what could show
it was told, is not known** (null). Something found is a floor, and stays.

What could show friction: of work on cases every event but the first of its case, and work without a
case id; of contacts every one within 28 days of the citizen's contact before.
"""

from __future__ import annotations

import numpy as np

from features.columns import Floats
from features.friction.case_work import CaseWork, is_work
from features.friction.marks import Marks
from features.friction.ordering import Flags
from features.friction.turns import records_handovers
from features.kernels.turns import told_marks
from features.pack import Pack
from features.past_events import UNTOLD, PastEvents

ENOUGH = 0.5
"""The share of what could show friction that must be told before *none* is believed."""


def known(found: Floats, possible: Floats, told: Floats) -> Floats:
    """``found``, and NaN where it is none and too little was told to say so."""
    return np.where((found == 0) & (told < ENOUGH * possible), np.nan, found)


def follow_ups(work: CaseWork, pack: Pack) -> Marks:
    """Which events of ``work`` are ``follow_ups`` (all but the first of each case), and which of
    those tell the ``employee``, the ``team``, a ``reassignment`` (the team, or the source has
    events for it) and the ``step`` with its employee."""
    bits = told_marks(
        work.case,
        work.codes("actor"),
        work.codes("team"),
        work.steps(),
        records_handovers(work.events, pack),
    )
    return Marks(("follow_ups", "employee", "team", "reassignment", "step"), bits)


def caseless(events: PastEvents, pack: Pack) -> Flags:
    """Which of the course events are work of which the case is not told."""
    found: Flags = (events.codes("case_id") == UNTOLD) & is_work(events, pack)
    return found
