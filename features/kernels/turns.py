"""Whose turn it was in each case."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Ints, Marks, compiled

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
