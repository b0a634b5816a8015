"""Equal codes as one group."""

from __future__ import annotations

import numpy as np

from features.compiled import Codes, Flags, Ints, compiled


@compiled
def grouped(code: Codes) -> tuple[Ints, Ints]:
    """The number of the group of each code, and the place of the first of each group: groups are
    numbered as they first occur."""
    group, first = np.empty(len(code), np.int64), np.empty(16, np.int64)
    size, groups = 32, 0
    number = np.full(size, -1)
    for i in range(len(code)):
        if 2 * groups >= size:
            size *= 4
            number = np.full(size, -1)
            longer = np.empty(size, np.int64)
            longer[:groups] = first[:groups]
            first = longer
            for one in range(groups):
                slot = (code[first[one]] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
                at = np.int64(slot & np.uint64(size - 1))
                while number[at] >= 0:
                    at = (at + 1) & (size - 1)
                number[at] = one
        slot = (code[i] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
        at = np.int64(slot & np.uint64(size - 1))
        while number[at] >= 0 and code[first[number[at]]] != code[i]:
            at = (at + 1) & (size - 1)
        if number[at] < 0:
            number[at], first[groups] = groups, i
            groups += 1
        group[i] = number[at]
    return group, first[:groups].copy()


@compiled
def wholes_by_group(whole: Ints, group: Ints, groups: int) -> Ints:
    """In how many different wholes (which never fall) each group occurs."""
    found, last = np.zeros(groups, np.int64), np.full(groups, -1)
    for i in range(len(group)):
        if last[group[i]] != whole[i]:
            last[group[i]] = whole[i]
            found[group[i]] += 1
    return found


@compiled
def last_told(group: Ints, code: Codes, groups: int) -> Ints:
    """The place of the last code of each group that is not 0; -1 without one."""
    found = np.full(groups, -1)
    for i in range(len(group)):
        if code[i] != 0:
            found[group[i]] = i
    return found


@compiled
def met_by_group(row: Ints, group: Ints, met: Flags, n: int) -> Flags:
    """``met`` (which citizens each group has met; shape (groups, n), flat), and those of ``row``. A
    group of -1 meets nobody."""
    found = met.copy()
    for i in range(len(row)):
        if group[i] >= 0:
            found[group[i] * n + row[i]] = True
    return found
