"""Amounts of events of one type: summed, averaged, and held against a citizen's own."""

from __future__ import annotations

import math

import numpy as np

from features.compiled import Days, Floats, Ints, compiled


@compiled
def amounts_within(
    at: Ints,
    row: Ints,
    kind: Ints,
    age: Days,
    value: Floats,
    place_of: Ints,
    days: int,
    places: int,
    n: int,
) -> Floats:
    """The sum, the mean, the highest and the least-squares slope per year of the amounts of the
    last ``days``. Shape (4, places, n), flat; NaN where it cannot be said.

    ``at`` are the places of the events by citizen and kind; a value of NaN is none.
    """
    size = places * n
    found = np.full(4 * size, np.nan)
    found[:size] = 0.0
    start = 0
    while start < len(at):
        whose, what = row[at[start]], kind[at[start]]
        end = start
        while end < len(at) and row[at[end]] == whose and kind[at[end]] == what:
            end += 1
        if place_of[what] >= 0:
            cell = place_of[what] * n + whose
            count, total, day, most = 0, 0.0, 0.0, -math.inf
            for i in at[start:end]:
                if age[i] < days and not math.isnan(value[i]):
                    count, total, day = count + 1, total + value[i], day - float(age[i])
                    most = max(most, value[i])
            if count > 0:
                mean, mean_day = total / count, day / count
                found[cell], found[size + cell], found[2 * size + cell] = total, mean, most
                spread, both = 0.0, 0.0
                for i in at[start:end]:
                    if age[i] < days and not math.isnan(value[i]):
                        away, above = -float(age[i]) - mean_day, value[i] - mean
                        spread += away * away
                        both += away * above
                if spread > 1e-6:
                    found[3 * size + cell] = both * 365.25 / spread
        start = end
    return found


@compiled
def amounts_ever(
    at: Ints,
    row: Ints,
    kind: Ints,
    value: Floats,
    place_of: Ints,
    least: int,
    places: int,
    n: int,
) -> Floats:
    """The last amount; how far it is above the mean of the earlier ones; and in how many of their
    standard deviations, of at least ``least`` that are not all the same. Shape (3, places, n),
    flat; NaN where it cannot be said."""
    size = places * n
    found = np.full(3 * size, np.nan)
    start = 0
    while start < len(at):
        whose, what = row[at[start]], kind[at[start]]
        end, newest = start, -1
        while end < len(at) and row[at[end]] == whose and kind[at[end]] == what:
            if not math.isnan(value[at[end]]):
                newest = at[end]
            end += 1
        if place_of[what] >= 0 and newest >= 0:
            cell = place_of[what] * n + whose
            found[cell] = value[newest]
            count, total = 0, 0.0
            for i in at[start:end]:
                if i != newest and not math.isnan(value[i]):
                    count, total = count + 1, total + value[i]
            if count > 0:
                mean = total / count
                above = value[newest] - mean
                found[size + cell] = above
                spread = 0.0
                for i in at[start:end]:
                    if i != newest and not math.isnan(value[i]):
                        spread += (value[i] - mean) * (value[i] - mean)
                if count > 1 and count >= least:
                    deviation = math.sqrt(spread / (count - 1))
                    if deviation > 1e-9 * abs(mean):
                        found[2 * size + cell] = above / deviation
        start = end
    return found
