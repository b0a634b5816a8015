"""Marks at events added up: a bit a measure."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Floats, Ints, Marks, compiled


@compiled
def marks_within(row: Ints, age: Days, marks: Marks, bits: int, windows: Ints, n: int) -> Floats:
    """How many events of each citizen in the last days of each window have each of ``bits``. Shape
    (n, windows, bits), flat: what belongs to a citizen lies together."""
    found = np.zeros(n * len(windows) * bits)
    widest = windows[-1] if len(windows) else 0
    for i in range(len(row)):
        if marks[i] == 0 or age[i] >= widest:
            continue
        for window in range(len(windows)):
            if age[i] < windows[window]:
                cell = (row[i] * len(windows) + window) * bits
                for bit in range(bits):
                    found[cell + bit] += np.float64(marks[i] >> np.uint32(bit) & np.uint32(1))
    return found


@compiled
def marks_by_group(group: Ints, marks: Marks, bits: int, groups: int) -> Ints:
    """How many events of each group have each of ``bits``. Shape (groups, bits), flat; what has no
    group (-1) is passed over."""
    found = np.zeros(groups * bits, np.int64)
    for i in range(len(group)):
        if group[i] < 0:
            continue
        cell = group[i] * bits
        for bit in range(bits):
            found[cell + bit] += np.int64(marks[i] >> np.uint32(bit) & np.uint32(1))
    return found


@compiled
def days_by_group(group: Ints, days: Ints, groups: int) -> Ints:
    """The sum of ``days`` in each group."""
    found = np.zeros(groups, np.int64)
    for i in range(len(group)):
        found[group[i]] += days[i]
    return found
