"""Whose turn it was in each case."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Flags, Ints, Marks, compiled

HANDOVER, SPIRAL, BOUNCE = 1, 2, 4
"""Bits, at the event at which a case arrives."""


@compiled
def turn_marks(case: Ints, who: Codes) -> Marks:
    """At each event whether the case was handed over (1), to who had the turn before last (2), who
    got it back after a single event (4). An event of nobody (0) is passed over."""
    found = np.zeros(len(case), np.uint32)
    size, of = 0, -1
    has, had = np.uint64(0), np.uint64(0)
    for i in range(len(case)):
        if who[i] == 0:
            continue
        if case[i] != of:
            of, has, had, size = case[i], who[i], np.uint64(0), 1
        elif who[i] == has:
            size += 1
        else:
            found[i] = HANDOVER
            if who[i] == had:
                found[i] |= SPIRAL
                if size == 1:
                    found[i] |= BOUNCE
            has, had, size = who[i], has, 1
    return found


@compiled
def told_marks(case: Ints, actor: Codes, team: Codes, step: Codes, recorded: Flags) -> Marks:
    """At each event but the first of its case: that (1), and whether it tells the employee (2), the
    team (4), a reassignment (8; the team, or it would have been ``recorded``) and the step with its
    employee (16)."""
    found = np.zeros(len(case), np.uint32)
    for i in range(1, len(case)):
        if case[i] != case[i - 1]:
            continue
        bits = 1
        if actor[i] != 0:
            bits |= 2 if step[i] == 0 else 18
        if team[i] != 0:
            bits |= 12
        elif recorded[i]:
            bits |= 8
        found[i] = bits
    return found
