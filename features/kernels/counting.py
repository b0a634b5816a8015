"""How often, and how long ago, by type of event."""

from __future__ import annotations

import numpy as np

from features.compiled import Days, Floats, Ints, compiled


@compiled
def counted_within(
    row: Ints, kind: Ints, age: Days, place_of: Ints, windows: Ints, places: int, n: int
) -> Floats:
    """How many events of each place in the last days of each window, by citizen.

    Shape (windows, places, n), flat. ``place_of`` gives the place of each kind; -1 is not counted.
    """
    found = np.zeros(len(windows) * places * n)
    widest = windows[-1] if len(windows) else 0
    for i in range(len(row)):
        place = place_of[kind[i]]
        if place < 0 or age[i] >= widest:
            continue
        for window in range(len(windows)):
            if age[i] < windows[window]:
                found[(window * places + place) * n + row[i]] += 1.0
    return found


@compiled
def last_ages(row: Ints, kind: Ints, age: Days, place_of: Ints, places: int, n: int) -> Floats:
    """The age of the last event of each place, by citizen; NaN without one. Shape (places, n),
    flat."""
    found = np.full(places * n, np.nan)
    for i in range(len(row)):
        place = place_of[kind[i]]
        if place >= 0:
            found[place * n + row[i]] = age[i]
    return found


@compiled
def last_spoken(source: Ints, row: Ints, known_at: Ints, before: Ints, n: int) -> Ints:
    """The last ``known_at`` of each source on each citizen, no earlier than ``before`` (shape
    (sources, n), flat); a source of -1 is passed over."""
    found = before.copy()
    for i in range(len(row)):
        if source[i] >= 0:
            cell = source[i] * n + row[i]
            found[cell] = max(found[cell], known_at[i])
    return found
