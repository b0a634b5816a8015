"""Splits by time: fit, stop, calibrate and test, each embargoed by the horizon.

Snapshots lie where the domain's schedule puts them. Between two periods lies at least the horizon
and the lag after which outcomes are known, so that no period's labels reach into the next.
Snapshots within a period overlap in their horizons; intervals therefore draw whole citizens,
never rows.

With little history the embargoes cost too much, and the split shrinks:

- ``four periods``: fit | stop | calibrate | test;
- ``three periods``: fit | stop and calibrate, on different citizens | test;
- ``two periods``: fit, stop and calibrate on different citizens | test.

The test period is always later than everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from features.domain import Schedule
from models.errors import TooShortError

UNSEEN_SHARE = 0.3
"""Of the citizens, kept for a test on people that no fitting has seen."""


class Role(IntEnum):
    """What a row is used for."""

    UNUSED = -1
    FIT = 0
    STOP = 1
    CALIBRATE = 2
    TEST = 3


@dataclass(frozen=True, slots=True)
class Split:
    """The snapshots of each period, in order of time.

    Parameters
    ----------
    form
        ``four periods``, ``three periods`` or ``two periods``.
    embargo
        Horizon and lag together.
    """

    form: str
    embargo: timedelta
    fit: tuple[datetime, ...]
    held: tuple[tuple[datetime, ...], ...]
    test: tuple[datetime, ...]
    unseen_test: bool = False
    """Whether the test holds only citizens of whom nothing else was used."""
    by_citizen: bool = False
    """Whether citizens alone are divided, over all snapshots, and time is not."""

    @property
    def snapshots(self) -> tuple[datetime, ...]:
        """All snapshots, in order of time."""
        return (*self.fit, *(moment for part in self.held for moment in part), *self.test)

    def roles(self, as_of: datetime, citizens: NDArray[np.int64], seed: int) -> NDArray[np.int8]:
        """The role of each citizen's row at ``as_of``."""
        if self.by_citizen:
            draw = _draw(citizens, seed)
            shares = [draw < 0.6, draw < 0.7, draw < 0.8]
            return np.select(shares, [Role.FIT, Role.STOP, Role.CALIBRATE], Role.TEST).astype(
                np.int8
            )
        roles = self._roles(as_of, citizens, seed)
        if self.unseen_test:
            kept_apart = _draw(citizens, seed + 1) < UNSEEN_SHARE
            roles[kept_apart != (roles == Role.TEST)] = Role.UNUSED
        return roles

    def _roles(self, as_of: datetime, citizens: NDArray[np.int64], seed: int) -> NDArray[np.int8]:
        if as_of in self.test:
            return np.full(len(citizens), Role.TEST, dtype=np.int8)
        draw = _draw(citizens, seed)
        if as_of in self.fit:
            if self.held:
                return np.full(len(citizens), Role.FIT, dtype=np.int8)
            parts = np.select([draw < 0.6, draw < 0.75], [Role.FIT, Role.STOP], Role.CALIBRATE)
            return parts.astype(np.int8)
        if len(self.held) == 2:
            role = Role.STOP if as_of in self.held[0] else Role.CALIBRATE
            return np.full(len(citizens), role, dtype=np.int8)
        return np.where(draw < 0.4, Role.STOP, Role.CALIBRATE).astype(np.int8)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        days = {
            "fit": self.fit,
            **{f"held_{place}": part for place, part in enumerate(self.held, 1)},
            "test": self.test,
        }
        return {
            "form": self.form,
            "embargo_days": self.embargo.days,
            "test_citizens": "unseen" if self.unseen_test else "all",
            **{name: [moment.isoformat() for moment in part] for name, part in days.items()},
        }


def split(
    dates: tuple[datetime, ...],
    embargo: timedelta,
    *,
    fit_snapshots: int = 10,
    held_snapshots: int = 3,
    unseen_test: bool = False,
) -> Split:
    """The fullest split that ``dates`` allow.

    Parameters
    ----------
    dates
        Snapshots whose outcomes can be known in full, in order of time.
    embargo
        Horizon plus decision lag.
    fit_snapshots
        At most so many, spread evenly over the fit period.
    held_snapshots
        At most so many in each later period.

    Raises
    ------
    TooShortError
        When not even two periods fit; it says how many months are needed.
    """
    for form, held, least in (
        ("four periods", 2, 6),
        ("three periods", 1, 4),
        ("two periods", 0, 1),
    ):
        for size in sorted({3, 2, 1, max(1, len(dates) // 10)}, reverse=True):
            periods = _periods(dates, embargo, [size] * (held + 1))
            if periods is not None and len(periods[0]) >= least:
                fit, *later = periods
                fit = _spread(fit, fit_snapshots)
                *middle, test = (_spread(period, held_snapshots) for period in later)
                return Split(form, embargo, fit, tuple(middle), test, unseen_test)
    gap = ceil(embargo.days / 30)
    raise TooShortError(needed=2 * gap + 2, available=len(dates) + gap)


def citizens_apart(dates: tuple[datetime, ...], embargo: timedelta) -> Split:
    """All dates for everyone; citizens are divided by lot into fit, stop, calibrate and test.

    For records of people who each come by once, where a later period says little more than
    other people do. It does not show how a model ages.
    """
    return Split("by citizen", embargo, dates, (), (), by_citizen=True)


def snapshot_dates(
    schedule: Schedule, first: datetime, last: datetime, time_zone: str
) -> tuple[datetime, ...]:
    """Local midnights of the schedule's days in [first, last], in UTC."""
    zone = ZoneInfo(time_zone)
    day = first.astimezone(zone).date()
    found = []
    while (moment := _midnight(day, zone)) <= last:
        if moment >= first and _scheduled(schedule, day):
            found.append(moment)
        day += timedelta(days=1)
    return tuple(found)


def _scheduled(schedule: Schedule, day: date) -> bool:
    on_time = {"day": True, "week": day.isoweekday() == 1, "month": day.day == 1}[schedule.every]
    return on_time and (not schedule.months or day.month in schedule.months)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _periods(
    dates: tuple[datetime, ...], embargo: timedelta, sizes: list[int]
) -> list[tuple[datetime, ...]] | None:
    """The fit period and then one period per size, laid from the end backwards."""
    left = dates
    later: list[tuple[datetime, ...]] = []
    for size in sizes:
        if len(left) < size:
            return None
        later.insert(0, left[-size:])
        left = tuple(day for day in left if day + embargo <= later[0][0])
    periods = [left, *later]
    if any(not period for period in periods):
        return None
    if not all(a[-1] + embargo <= b[0] for a, b in pairwise(periods)):
        raise AssertionError("periods overlap")
    return periods


def _spread(dates: tuple[datetime, ...], count: int) -> tuple[datetime, ...]:
    places = np.linspace(0, len(dates) - 1, min(count, len(dates))).round().astype(int)
    return tuple(dates[place] for place in np.unique(places))


def _draw(citizens: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) per citizen: splitmix64, the same at every date."""
    value = citizens.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    value ^= value >> np.uint64(31)
    return (value >> np.uint64(11)).astype(np.float64) / 2.0**53
