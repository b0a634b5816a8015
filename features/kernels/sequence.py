"""What followed what."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Floats, Ints, compiled


@compiled
def last_kinds(row: Ints, kind: Ints, place_of: Ints, length: int, n: int) -> Floats:
    """The kinds of the last events of each citizen, the very last first; NaN where there are not
    so many. Shape (length, n), flat; of kinds with a place."""
    found = np.full(length * n, np.nan)
    told = np.zeros(n, np.int64)
    for i in range(len(row) - 1, -1, -1):
        if place_of[kind[i]] >= 0 and told[row[i]] < length:
            found[told[row[i]] * n + row[i]] = kind[i]
            told[row[i]] += 1
    return found


@compiled
def last_steps(row: Ints, kind: Ints, age: Days, place_of: Ints, n: int) -> Floats:
    """Of each citizen's last step (one event and the next, of kinds with a place): its days; how
    often there was an earlier step from the same kind; and how often that led to the same kind.

    Shape (3, n), flat; NaN with fewer than two events.
    """
    found = np.full(3 * n, np.nan)
    end = len(row)
    while end > 0:
        whose = row[end - 1]
        outcome, origin, later = -1, -1, -1
        tried, done, last_age = 0.0, 0.0, 0
        i = end - 1
        while i >= 0 and row[i] == whose:
            if place_of[kind[i]] >= 0:
                if outcome < 0:
                    outcome, last_age = kind[i], age[i]
                elif origin < 0:
                    origin = kind[i]
                    found[whose] = age[i] - last_age
                elif kind[i] == origin:
                    tried += 1.0
                    if later == outcome:
                        done += 1.0
                later = kind[i]
            i -= 1
        if origin >= 0:
            found[n + whose], found[2 * n + whose] = tried, done
        end = i + 1
    return found
