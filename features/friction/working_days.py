"""Waiting and working by the organisation's calendar.

A *working day* is one of the domain's weekdays and none of its holidays (``domain.calendar``).
Everything is counted in whole local days, so that a source that knows only days and one that knows
moments are measured alike.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from features.domain import WorkingCalendar
from features.friction.ordering import Places
from features.windows import Days


def working_days(after: Days, until: Days, calendar: WorkingCalendar) -> Places:
    """How many working days are later than ``after``, up to and including ``until`` (days since
    1970-01-01, ``until`` not before ``after``)."""
    begin, end = (after + 1).astype("M8[D]"), (until + 1).astype("M8[D]")
    counted: Places = np.busday_count(begin, end, busdaycal=_calendar(calendar))
    return counted


@lru_cache(maxsize=8)
def _calendar(calendar: WorkingCalendar) -> np.busdaycalendar:
    week = [day in calendar.weekdays for day in range(1, 8)]
    return np.busdaycalendar(weekmask=week, holidays=np.array(calendar.holidays, dtype="M8[D]"))
