"""Time between events of one type."""

from __future__ import annotations

import math

import numpy as np

from features.compiled import Days, Floats, Ints, compiled


@compiled
def gaps_within(
    at: Ints, row: Ints, kind: Ints, age: Days, place_of: Ints, days: int, places: int, n: int
) -> Floats:
    """The mean, the shortest, the last and the variation of the gaps between events of one type
    in the last ``days``. Shape (4, places, n), flat; NaN where it cannot be said.

    ``at`` are the places of the events by citizen and kind
    (:func:`features.kernels.by_kind.places_by_kind`).
    """
    found = np.full(4 * places * n, np.nan)
    start = 0
    while start < len(at):
        whose, what = row[at[start]], kind[at[start]]
        end = start
        while end < len(at) and row[at[end]] == whose and kind[at[end]] == what:
            end += 1
        if place_of[what] >= 0:
            cell = place_of[what] * n + whose
            count, total, shortest, last, before = 0, 0.0, math.inf, math.nan, -1
            for i in range(start, end):
                if age[at[i]] >= days:
                    continue
                if before >= 0:
                    last = float(age[before] - age[at[i]])
                    count, total, shortest = count + 1, total + last, min(shortest, last)
                before = at[i]
            if count > 0:
                mean = total / count
                found[cell] = mean
                found[places * n + cell] = shortest
                found[2 * places * n + cell] = last
                if count > 1 and mean > 0:
                    spread, before = 0.0, -1
                    for i in range(start, end):
                        if age[at[i]] < days:
                            if before >= 0:
                                away = float(age[before] - age[at[i]]) - mean
                                spread += away * away
                            before = at[i]
                    found[3 * places * n + cell] = math.sqrt(spread / count) / mean
        start = end
    return found
