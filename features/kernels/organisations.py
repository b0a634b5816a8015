"""Organisations at work for a citizen."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Flags, Ints, compiled


@compiled
def pending_at(
    row: Ints,
    kind: Ints,
    age: Days,
    word: Ints,
    source: Ints,
    applies: Ints,
    service_of: Ints,
    services: int,
    sources: int,
    days: int,
    n: int,
) -> Flags:
    """Which sources have an application of less than ``days`` old for each citizen that is the last
    word on its service. Shape (n, sources), flat.

    ``applies`` tells of each kind of event whether it is an application (1), another word on a
    service (0), or none (-1); ``word`` is the place of its case type in ``service_of``.
    """
    found = np.zeros(n * sources, np.bool_)
    last = np.full(services, -1)
    start = 0
    while start < len(row):
        end = start
        last[:] = -1
        while end < len(row) and row[end] == row[start]:
            if applies[kind[end]] >= 0 and service_of[word[end]] >= 0:
                last[service_of[word[end]]] = end
            end += 1
        for i in last:
            if i >= 0 and applies[kind[i]] == 1 and age[i] < days and source[i] >= 0:
                found[row[i] * sources + source[i]] = True
        start = end
    return found
