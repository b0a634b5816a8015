"""Days and windows: moments as local days of the domain's time zone.

Everything the product counts is counted in local days, so that a day-granular record and a moment
on the same day have the same age. An age of 0 is today; the window of the last *w* days holds the
ages 0 up to and including *w* - 1.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

Days = NDArray[np.int32]
"""Days since 1970-01-01."""

_EPOCH = date(1970, 1, 1)


def today(as_of: datetime, time_zone: str) -> date:
    """The local date at ``as_of``."""
    return as_of.astimezone(ZoneInfo(time_zone)).date()


def day_number(day: date) -> int:
    """``day`` as days since 1970-01-01."""
    return (day - _EPOCH).days


def local_days(moments: pl.Series, time_zone: str) -> Days:
    """The local day of each moment, as days since 1970-01-01. ``moments`` holds no null."""
    days = moments.dt.convert_time_zone(time_zone).dt.date().to_physical()
    return days.to_numpy().astype(np.int32, copy=False)


def local_date(moment: pl.Expr, time_zone: str) -> pl.Expr:
    """The local date of a moment."""
    return moment.dt.convert_time_zone(time_zone).dt.date()


def local_midnight(day: pl.Expr, time_zone: str) -> pl.Expr:
    """The UTC moment at which a local date starts; null where the zone skips that midnight."""
    start = day.cast(pl.Datetime("us")).dt.replace_time_zone(
        time_zone, ambiguous="earliest", non_existent="null"
    )
    return start.dt.convert_time_zone("UTC")


def full_years(born: pl.Expr, day: date) -> pl.Expr:
    """The completed years between a date and ``day`` (who is born on 29 February turns a year
    older on 1 March in other years)."""
    had_birthday = (born.dt.month() < day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() <= day.day)
    )
    return (day.year - born.dt.year() - (~had_birthday).cast(pl.Int32)).cast(pl.Float64)
