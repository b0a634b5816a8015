"""Days and windows: moments as local days of the domain's time zone.

Everything the product counts is counted in local days, so that a day-granular record and a moment
on the same day have the same age. An age of 0 is today; the window of the last *w* days holds the
ages 0 up to and including *w* - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.kernels.columns import days_among

Days = NDArray[np.int32]
"""Days since 1970-01-01."""

_EPOCH = date(1970, 1, 1)
_EPOCH_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
_FIRST_DAY = (date(1900, 1, 1) - _EPOCH).days
_LAST_DAY = (date(2100, 1, 1) - _EPOCH).days


def today(as_of: datetime, time_zone: str) -> date:
    """The local date at ``as_of``."""
    return as_of.astimezone(ZoneInfo(time_zone)).date()


def day_number(day: date) -> int:
    """``day`` as days since 1970-01-01."""
    return (day - _EPOCH).days


def microseconds(moment: datetime) -> int:
    """``moment`` as microseconds since 1970 (UTC)."""
    return (moment - _EPOCH_MOMENT) // _MICROSECOND


def local_days(moments: pl.Series, time_zone: str) -> Days:
    """The local day of each moment, as days since 1970-01-01. ``moments`` holds no null."""
    return local_days_at(moments.to_physical().to_numpy(), time_zone)


def local_days_at(at: NDArray[np.int64], time_zone: str) -> Days:
    """The local day of each moment, given in microseconds since 1970 (UTC)."""
    if _days_go_on(time_zone):
        found = days_among(at, _midnights(time_zone), _FIRST_DAY)
        if len(found) == len(at):
            return found
    return _days_by_calendar(at, time_zone)


def _days_by_calendar(at: NDArray[np.int64], time_zone: str) -> Days:
    moments = pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    days = moments.dt.convert_time_zone(time_zone).dt.date().to_physical()
    return days.to_numpy().astype(np.int32, copy=False)


@lru_cache(maxsize=16)
def _days_go_on(time_zone: str) -> bool:
    """Whether every local day is one stretch of time that starts where :func:`_midnights` says.

    It is not where a clock was once put back over midnight, or a whole day was left out.
    """
    starts = _midnights(time_zone)
    days = np.arange(_FIRST_DAY, _LAST_DAY)
    hour = _DAY // 24
    around = ((0, 0), (-1, -1), (hour, 0), (2 * hour, 0), (-hour, -1), (-2 * hour, -1))
    return all(
        np.array_equal(_days_by_calendar(starts + shift, time_zone), days + moved)
        for shift, moved in around
    )


@lru_cache(maxsize=16)
def _midnights(time_zone: str) -> NDArray[np.int64]:
    """The moment at which each local day from 1900 to 2100 starts, in microseconds (UTC)."""
    days = pl.Series(range(_FIRST_DAY, _LAST_DAY), dtype=pl.Int32).cast(pl.Date)
    starts = days.to_frame("day").select(
        local_midnight(pl.col("day"), time_zone).fill_null(
            local_midnight(pl.col("day"), time_zone, hour=1)
        )
    )
    whole = starts.to_series().fill_null(strategy="backward")  # a day that the zone left out
    found: NDArray[np.int64] = whole.to_physical().to_numpy()
    return found


def midnights(days: NDArray[np.int64], time_zone: str) -> NDArray[np.int64]:
    """The moment at which each local day (days since 1970-01-01) starts, in microseconds (UTC).
    Days before 1900 and after 2100 are moved to those years."""
    starts = _midnights(time_zone)
    found: NDArray[np.int64] = starts[(days - _FIRST_DAY).clip(0, len(starts) - 1)]
    return found


def months_later(days: NDArray[np.int64], months: int) -> NDArray[np.int64]:
    """The same day of the month some months later, or the last one of a shorter month."""
    given = days.astype("datetime64[D]")
    month = given.astype("datetime64[M]")
    into = given - month
    target = month + months
    length = (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")
    later = target.astype("datetime64[D]") + np.minimum(into, length - 1)
    found: NDArray[np.int64] = later.astype(np.int64)
    return found


def narrowest(age: Days, windows: Sequence[int]) -> NDArray[np.int64]:
    """The place in rising ``windows`` of the narrowest that holds each age, a number above any
    place when none does. What is not negative lies in that window and in every wider one."""
    found = np.zeros(len(age), dtype=np.int64)
    for days in windows:
        found += age >= days
    return found


def local_date(moment: pl.Expr, time_zone: str) -> pl.Expr:
    """The local date of a moment."""
    return moment.dt.convert_time_zone(time_zone).dt.date()


def local_midnight(day: pl.Expr, time_zone: str, hour: int = 0) -> pl.Expr:
    """The UTC moment of ``hour`` on a local date; null where the zone skips it."""
    start = (
        day.cast(pl.Datetime("us"))
        .dt.offset_by(f"{hour}h")
        .dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    )
    return start.dt.convert_time_zone("UTC")


def completed_years(born: NDArray[np.int64], day: date) -> NDArray[np.int64]:
    """:func:`full_years` for dates given in days since 1970-01-01."""
    given = born.astype("datetime64[D]")
    year, month = given.astype("datetime64[Y]"), given.astype("datetime64[M]")
    # The place of a day in the year as month * 32 + day of the month.
    place = (month - year).astype(np.int64) * 32 + (given - month).astype(np.int64)
    had_birthday = place <= (day.month - 1) * 32 + day.day - 1
    found: NDArray[np.int64] = day.year - 1970 - year.astype(np.int64) - ~had_birthday
    return found


def full_years(born: pl.Expr, day: date) -> pl.Expr:
    """The completed years between a date and ``day`` (who is born on 29 February turns a year
    older on 1 March in other years)."""
    had_birthday = (born.dt.month() < day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() <= day.day)
    )
    return (day.year - born.dt.year() - (~had_birthday).cast(pl.Int32)).cast(pl.Float64)
