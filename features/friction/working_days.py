"""Waiting and working by the organisation's calendar.

A *working day* is one of the domain's weekdays and none of its holidays (``domain.calendar``).
Everything is counted in whole local days, so that a source that knows only days and one that knows
moments are measured alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from features.domain import WorkingCalendar
from features.friction.ordering import Places
from features.windows import Days

_FIRST_DAY, _LAST_DAY = -25_567, 47_482
"""1900 to 2100: other days are rare, and get a table of their own."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """How many working days lie ``before`` each day since ``first_day`` (days since 1970-01-01)."""

    first_day: int
    before: Places


def working_days(after: Days, until: Days, calendar: WorkingCalendar) -> Places:
    """How many working days are later than ``after``, up to and including ``until`` (days since
    1970-01-01, ``until`` not before ``after``)."""
    if not len(after):
        return np.zeros(0, dtype=np.int64)
    table = working_days_before(calendar, int(after.min()), int(until.max()))
    found: Places = table.before[until + 1 - table.first_day]
    return found - table.before[after + 1 - table.first_day]


def working_days_before(calendar: WorkingCalendar, first: int, last: int) -> WorkingDays:
    """At least for the days from ``first`` up to and including the day after ``last``."""
    return _table(calendar, min(first, _FIRST_DAY), max(last + 2, _LAST_DAY))


@lru_cache(maxsize=8)
def _table(calendar: WorkingCalendar, first: int, end: int) -> WorkingDays:
    days = np.arange(first, end).astype("M8[D]")
    works = np.is_busday(days, busdaycal=_calendar(calendar))
    return WorkingDays(first, np.concatenate([[0], np.cumsum(works)]).astype(np.int64))


@lru_cache(maxsize=8)
def _calendar(calendar: WorkingCalendar) -> np.busdaycalendar:
    week = [day in calendar.weekdays for day in range(1, 8)]
    return np.busdaycalendar(weekmask=week, holidays=np.array(calendar.holidays, dtype="M8[D]"))
