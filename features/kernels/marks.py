"""Marks at events added up: a bit a measure."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Floats, Ints, Marks, compiled


@compiled
def marks_within(row: Ints, age: Days, marks: Marks, bits: int, windows: Ints, n: int) -> Floats:
    """How many events of each citizen in the last days of each window have each of ``bits``. Shape
    (bits, windows, n), flat."""
    found = np.zeros(bits * len(windows) * n)
    widest = windows[-1] if len(windows) else 0
    for i in range(len(row)):
        if marks[i] == 0 or age[i] >= widest:
            continue
        for bit in range(bits):
            if marks[i] >> np.uint32(bit) & np.uint32(1):
                for window in range(len(windows)):
                    if age[i] < windows[window]:
                        found[(bit * len(windows) + window) * n + row[i]] += 1.0
    return found


@compiled
def marks_by_group(group: Ints, marks: Marks, bits: int, groups: int) -> Ints:
    """How many events of each group have each of ``bits``. Shape (bits, groups), flat."""
    found = np.zeros(bits * groups, np.int64)
    for i in range(len(group)):
        for bit in range(bits):
            if marks[i] >> np.uint32(bit) & np.uint32(1):
                found[bit * groups + group[i]] += 1
    return found


@compiled
def days_by_group(group: Ints, days: Ints, groups: int) -> Ints:
    """The sum of ``days`` in each group."""
    found = np.zeros(groups, np.int64)
    for i in range(len(group)):
        found[group[i]] += days[i]
    return found
