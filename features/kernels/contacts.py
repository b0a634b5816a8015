"""Contacts by channel, and whether they got through."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Floats, Ints, compiled


@compiled
def contacts_within(
    row: Ints,
    kind: Ints,
    age: Days,
    outcome: Ints,
    channel: Ints,
    windows: Ints,
    days: int,
    channels: int,
    n: int,
) -> Floats:
    """Contacts by citizen, as rows of ``n``: all within each window; within ``days`` by channel, by
    channel those that got through, and all and those that did not; and by channel in as many days
    before.

    ``outcome`` tells of each kind of event whether it is a contact that got through (1), one that
    did not (0), or none (-1); a ``channel`` of -1 is not told.
    """
    used = len(windows)
    through, total = used + channels, used + 2 * channels
    failed, before = total + 1, total + 2
    found = np.zeros((before + channels) * n)
    for i in range(len(row)):
        got = outcome[kind[i]]
        if got < 0:
            continue
        for window in range(len(windows)):
            if age[i] < windows[window]:
                found[window * n + row[i]] += 1.0
        if age[i] < days:
            found[total * n + row[i]] += 1.0
            if got == 0:
                found[failed * n + row[i]] += 1.0
            if channel[i] >= 0:
                found[(used + channel[i]) * n + row[i]] += 1.0
                if got == 1:
                    found[(through + channel[i]) * n + row[i]] += 1.0
        elif age[i] < 2 * days and channel[i] >= 0:
            found[(before + channel[i]) * n + row[i]] += 1.0
    return found
