"""How many different."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Days, Floats, Ints, compiled


@compiled
def different_within(
    row: Ints,
    kind: Ints,
    age: Days,
    place_of: Ints,
    code: Codes,
    untold: int,
    windows: Ints,
    n: int,
) -> Floats:
    """How many different codes each citizen has in the last days of each window, among the events
    whose kind has a place; the code ``untold`` tells nothing. Shape (windows, n), flat.

    Of each run the newest comes first, so that a code is met first at its least age.
    """
    found = np.zeros(len(windows) * n)
    widest = windows[-1] if len(windows) else 0
    size, nothing = 16, np.uint64(untold)
    held, whose = np.empty(size, np.uint64), np.full(size, -1)
    end = len(row)
    while end > 0:
        start = end - 1
        while start > 0 and row[start - 1] == row[end - 1]:
            start -= 1
        if 2 * (end - start) > size:
            while 2 * (end - start) > size:
                size *= 2
            held, whose = np.empty(size, np.uint64), np.full(size, -1)
        for i in range(end - 1, start - 1, -1):
            if code[i] == nothing or age[i] >= widest or place_of[kind[i]] < 0:
                continue
            slot = (code[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            at = np.int64(slot & np.uint64(size - 1))
            while whose[at] == row[i] and held[at] != code[i]:
                at = (at + 1) & (size - 1)
            if whose[at] != row[i]:
                whose[at], held[at] = row[i], code[i]
                for window in range(len(windows)):
                    if age[i] < windows[window]:
                        found[window * n + row[i]] += 1.0
        end = start
    return found
