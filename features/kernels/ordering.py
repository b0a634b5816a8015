"""Whether rows are in order, and which of them tie."""

from __future__ import annotations

import numpy as np

from features.compiled import Ints, compiled

UNSORTED = -1


@compiled
def ties_of_two(first: Ints, second: Ints) -> Ints:
    """The places of the rows that equal the row before in two columns; -1 alone when they are not
    sorted by them."""
    found = np.empty(max(len(first), 1), np.int64)
    count = 0
    for i in range(1, len(first)):
        if first[i - 1] > first[i]:
            found[0] = -1
            return found[:1].copy()
        if first[i - 1] == first[i]:
            if second[i - 1] > second[i]:
                found[0] = -1
                return found[:1].copy()
            if second[i - 1] == second[i]:
                found[count] = i
                count += 1
    return found[:count].copy()


@compiled
def ties_among(values: Ints, at: Ints) -> Ints:
    """Those of the places ``at`` whose row equals the row before in ``values``; -1 alone when one
    of them is less."""
    found = np.empty(max(len(at), 1), np.int64)
    count = 0
    for i in at:
        if values[i - 1] > values[i]:
            found[0] = -1
            return found[:1].copy()
        if values[i - 1] == values[i]:
            found[count] = i
            count += 1
    return found[:count].copy()
