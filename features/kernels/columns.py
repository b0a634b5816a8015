"""Columns of rows as places and days."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Days, Ints, compiled


@compiled
def rows_among(given: Ints, citizens: Ints) -> Ints:
    """The place in ``citizens`` (sorted; all are there) of each of ``given``."""
    found = np.empty(len(given), np.int64)
    place = 0
    for i in range(len(given)):
        if i == 0 or given[i] != given[i - 1]:
            place = np.searchsorted(citizens, given[i])
        found[i] = place
    return found


@compiled
def places_until(at: Ints, latest: int) -> Ints:
    """The places of the moments that are no later."""
    found = np.empty(len(at), np.int64)
    count = 0
    for i in range(len(at)):
        if at[i] <= latest:
            found[count] = i
            count += 1
    return found[:count].copy()


@compiled
def places_known(given: Ints, known_at: Ints, citizens: Ints, latest: int) -> Ints:
    """The places of the rows about any of ``citizens`` (sorted) that were known by ``latest``."""
    found = np.empty(len(given), np.int64)
    count, place = 0, 0
    for i in range(len(given)):
        if i == 0 or given[i] != given[i - 1]:
            place = np.searchsorted(citizens, given[i])
        there = place < len(citizens) and citizens[place] == given[i]
        if there and known_at[i] <= latest:
            found[count] = i
            count += 1
    return found[:count].copy()


@compiled
def days_among(at: Ints, midnights: Ints, first_day: int) -> Days:
    """The local day of each moment (microseconds), by the ``midnights`` of all days since
    ``first_day``. A zone is less than a day from UTC: the local day is the one in UTC, or next to
    it. Empty when some moment is on none of these days."""
    found = np.empty(len(at), np.int32)
    for i in range(len(at)):
        day = at[i] // 86_400_000_000
        place = day - first_day
        if place < 1 or place >= len(midnights) - 1:
            return np.empty(0, np.int32)
        if at[i] >= midnights[place + 1]:
            day += 1
        elif at[i] < midnights[place]:
            day -= 1
        found[i] = day
    return found


@compiled
def places_among(spoken: Codes, shift: int, place: Ints, whose: Codes) -> Ints:
    """The place of the word behind each code, -1 for none: ``place`` and ``whose`` tell the word
    and its code by the sixteen bits above ``shift``."""
    found = np.empty(len(spoken), np.int64)
    right, bits = np.uint64(shift), np.uint64(0xFFFF)
    for i in range(len(spoken)):
        slot = (spoken[i] >> right) & bits
        found[i] = place[slot] if whose[slot] == spoken[i] else -1
    return found


@compiled
def marked_past(kind: Ints, at: Ints, now: int) -> Ints:
    """``kind``, and -1 where it happened after ``now``."""
    found = np.empty(len(kind), np.int64)
    for i in range(len(kind)):
        found[i] = kind[i] if at[i] <= now else -1
    return found
