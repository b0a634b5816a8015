"""Steps that were done again in a case."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Ints, Marks, compiled

REPEAT, REDO = 1, 2


@compiled
def again_marks(case: Ints, step: Codes, actor: Codes) -> Marks:
    """At each event whether its step was done in the case before: last by the same employee (1), or
    by another (2). Events that do not tell both (0) are passed over."""
    found = np.zeros(len(case), np.uint32)
    size, start = 16, 0
    held, whose, by = np.empty(size, np.uint64), np.full(size, -1), np.empty(size, np.uint64)
    while start < len(case):
        end = start + 1
        while end < len(case) and case[end] == case[start]:
            end += 1
        if 2 * (end - start) > size:
            while 2 * (end - start) > size:
                size *= 2
            held, whose = np.empty(size, np.uint64), np.full(size, -1)
            by = np.empty(size, np.uint64)
        for i in range(start, end):
            if step[i] == 0 or actor[i] == 0:
                continue
            slot = (step[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            at = np.int64(slot & np.uint64(size - 1))
            while whose[at] == case[i] and held[at] != step[i]:
                at = (at + 1) & (size - 1)
            if whose[at] == case[i]:
                found[i] = REPEAT if by[at] == actor[i] else REDO
            whose[at], held[at], by[at] = case[i], step[i], actor[i]
        start = end
    return found
