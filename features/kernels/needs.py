"""Contacts on the same need."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Days, Flags, Ints, Marks, compiled

REPEATED, SWITCHED, FAILED, NO_RESULT, FOLLOW_UP, NEED_TOLD, CHANNEL_TOLD = 1, 2, 4, 8, 16, 32, 64


@compiled
def need_marks(
    row: Ints,
    age: Days,
    need: Codes,
    channel: Codes,
    failed: Flags,
    done_row: Ints,
    done_age: Days,
    days: int,
) -> Marks:
    """At each contact, as bits: it repeats one on the same need at most ``days`` before (1), by
    another channel (2); it did not get through (4); it had no result (8); it came at most ``days``
    after another (16), and then tells its need (32) and its channel too (64).

    ``done_row`` and ``done_age`` are whose cases something was done in, and how long ago, in order.
    A contact has no result that did not get through, or that is repeated before anything was done,
    from the day of the one to the day of the other.
    """
    found = np.zeros(len(row), np.uint32)
    size, start, begin = 16, 0, 0
    held, whose, place = np.empty(size, np.uint64), np.full(size, -1), np.empty(size, np.int64)
    while start < len(row):
        end = start + 1
        while end < len(row) and row[end] == row[start]:
            end += 1
        if 2 * (end - start) > size:
            while 2 * (end - start) > size:
                size *= 2
            held, whose = np.empty(size, np.uint64), np.full(size, -1)
            place = np.empty(size, np.int64)
        while begin < len(done_row) and done_row[begin] < row[start]:
            begin += 1
        over = begin
        while over < len(done_row) and done_row[over] == row[start]:
            over += 1
        done = begin
        for i in range(start, end):
            if failed[i]:
                found[i] |= FAILED | NO_RESULT
            if i > start and age[i - 1] - age[i] <= days:
                found[i] |= FOLLOW_UP
                if need[i] != 0:
                    found[i] |= NEED_TOLD
                    if channel[i] != 0:
                        found[i] |= CHANNEL_TOLD
            if need[i] == 0:
                continue
            # What was done up to and including the day of this contact ends before ``done``.
            while done < over and done_age[done] >= age[i]:
                done += 1
            slot = (need[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            at = np.int64(slot & np.uint64(size - 1))
            while whose[at] == row[i] and held[at] != need[i]:
                at = (at + 1) & (size - 1)
            if whose[at] == row[i] and age[place[at]] - age[i] <= days:
                earlier = place[at]
                found[i] |= REPEATED
                if channel[i] != 0 and channel[earlier] != 0 and channel[i] != channel[earlier]:
                    found[i] |= SWITCHED
                if done == begin or done_age[done - 1] > age[earlier]:
                    found[earlier] |= NO_RESULT
            whose[at], held[at], place[at] = row[i], need[i], i
        start, begin = end, over
    return found
