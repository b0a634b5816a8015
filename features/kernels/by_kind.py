"""The events of a citizen by kind: those of one type side by side, in order of time."""

from __future__ import annotations

import numpy as np

from features.compiled import Ints, compiled


@compiled
def places_of_some(kind: Ints, place_of: Ints) -> Ints:
    """The places of the events whose kind has a place."""
    count = 0
    for one in kind:
        count += place_of[one] >= 0
    found = np.empty(count, np.int64)
    filled = 0
    for i in range(len(kind)):
        if place_of[kind[i]] >= 0:
            found[filled] = i
            filled += 1
    return found


@compiled
def places_by_kind(row: Ints, kind: Ints, kinds: int) -> Ints:
    """The places of all events of a kind, by citizen, and within a citizen by kind: sorted by
    counting, run by run."""
    found = np.empty(len(row), np.int64)
    begin = np.zeros(kinds + 1, np.int64)
    filled, start = 0, 0
    while start < len(row):
        end = start
        begin[:] = 0
        while end < len(row) and row[end] == row[start]:
            if kind[end] >= 0:
                begin[kind[end] + 1] += 1
            end += 1
        for one in range(kinds):
            begin[one + 1] += begin[one]
        count = begin[kinds]
        for i in range(start, end):
            if kind[i] >= 0:
                found[filled + begin[kind[i]]] = i
                begin[kind[i]] += 1
        filled += count
        start = end
    return found[:filled].copy()
