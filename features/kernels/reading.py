"""Reading moments off the bytes of texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.compiled import Ints, compiled

Bytes = NDArray[np.uint8]


@compiled
def _number(text: Bytes, start: int, width: int) -> int:
    """The digits from ``start`` on as a number; -1 when one of them is none."""
    number = 0
    for i in range(start, start + width):
        digit = int(text[i]) - 48
        if digit < 0 or digit > 9:
            return -1
        number = 10 * number + digit
    return number


@compiled
def iso_moments(text: Bytes, starts: Ints, nothing: int) -> Ints:
    """``2025-01-31T09:30:00`` as microseconds since 1970 on the same clock; ``nothing`` for what
    is not written exactly so.

    Text ``i`` has the bytes from ``starts[i]`` up to ``starts[i + 1]``. The days are counted in
    years that start in March, so that the leap day is the last one (H. Hinnant,
    *chrono-Compatible Low-Level Date Algorithms*, ``days_from_civil``).
    """
    found = np.full(len(starts) - 1, nothing, np.int64)
    for i in range(len(found)):
        at = starts[i]
        if starts[i + 1] - at != 19:
            continue
        if not (
            text[at + 4] == 45
            and text[at + 7] == 45
            and text[at + 10] == 84
            and text[at + 13] == 58
            and text[at + 16] == 58
        ):
            continue
        year, month, day = _number(text, at, 4), _number(text, at + 5, 2), _number(text, at + 8, 2)
        hour, minute = _number(text, at + 11, 2), _number(text, at + 14, 2)
        second = _number(text, at + 17, 2)
        if year < 1000 or month < 1 or month > 12 or day < 1 or minute < 0 or second < 0:
            continue
        if hour < 0 or hour > 23 or minute > 59 or second > 59:
            continue
        length = 31
        if month == 4 or month == 6 or month == 9 or month == 11:
            length = 30
        elif month == 2:
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            length = 29 if leap else 28
        if day > length:
            continue
        march_year = year - 1 if month <= 2 else year
        month_from_march = month + 9 if month <= 2 else month - 3
        of_year = (153 * month_from_march + 2) // 5 + day - 1
        days = (
            365 * march_year
            + march_year // 4
            - march_year // 100
            + march_year // 400
            + of_year
            - 719_468
        )
        found[i] = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
    return found
