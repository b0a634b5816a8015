"""Looking up codes: at which place each stands among those that are held.

A table has a slot for every place and as many free ones at least; its size is a power of two. A
code is looked for from the slot that its last bits name, up to the first free one.
"""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Ints, compiled

FREE = -1


@compiled
def slots_of(held: Codes, size: int) -> Ints:
    """The table of ``size`` slots for the codes that are ``held``."""
    slots = np.full(size, -1, np.int64)
    for place in range(len(held)):
        slot = np.int64(held[place] & np.uint64(size - 1))
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = place
    return slots


@compiled
def places_in(slots: Ints, held: Codes, asked: Codes) -> Ints:
    """The first place at which each code that is ``asked`` is ``held``; -1 where it is not."""
    last = len(slots) - 1
    found = np.empty(len(asked), np.int64)
    for i in range(len(asked)):
        slot = np.int64(asked[i] & np.uint64(last))
        while slots[slot] >= 0 and held[slots[slot]] != asked[i]:
            slot = (slot + 1) & last
        found[i] = slots[slot]
    return found
