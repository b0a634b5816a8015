"""How ripe labels are: by month and head, how many there are and how many of their outcomes are in.

A label is ripe when its horizon has ended and the time that outcomes take to become known has
passed too. All heads share the dates of the split, which wait for the longest horizon; the table
shows what that costs a head with a short one, and how far the last months can be believed at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from features.pack import Pack
from models.examples import Examples
from models.labels import Outcomes
from models.matrix import Vector
from models.small_groups import shown
from models.splits import Split

NOT_USED = "not used"
TOO_YOUNG = "too young"


@dataclass(frozen=True, slots=True)
class Ripening:
    """One head's months; every list has one entry a month.

    Parameters
    ----------
    labels
        Candidates at the snapshots of the month; None where there are none, or fewer than ten.
    ripe
        Of these, whose horizon and lag had ended at the cut.
    taken_up
        Of these, who took the service up unaided.
    ripeness
        Of the outcomes within a horizon from the first of the month, the share that is expected to
        be known at the cut, by how long outcomes took to become known.
    """

    horizon_days: int
    labels: list[int | None]
    ripe: list[int | None]
    taken_up: list[int | None]
    ripeness: list[float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "horizon_days": self.horizon_days,
            "labels": self.labels,
            "ripe": self.ripe,
            "taken_up": self.taken_up,
            "ripeness": [round(one, 3) for one in self.ripeness],
        }


@dataclass(frozen=True, slots=True)
class Maturity:
    """The table.

    Parameters
    ----------
    months
        From the first snapshot to the cut, as ``2026-01``.
    periods
        What the snapshots of each month are used for; *too young* after the last that could be, and
        *not used* where a month lies between two periods or was left out.
    """

    months: list[str]
    periods: list[str]
    lag_days: int
    services: dict[str, Ripening]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "months": self.months,
            "periods": self.periods,
            "lag_days": self.lag_days,
            "services": {name: one.as_dict() for name, one in self.services.items()},
        }


def maturity(pack: Pack, found: Outcomes, examples: Examples) -> Maturity:
    """The table of one training."""
    zone = ZoneInfo(pack.domain.time_zone)
    split = examples.split
    starts = _months(split.snapshots[0].astimezone(zone), found.until.astimezone(zone))
    months = [f"{start:%Y-%m}" for start in starts]
    at = {
        place: months.index(f"{as_of.astimezone(zone):%Y-%m}")
        for place, as_of in enumerate(split.snapshots)
    }
    delays = _delays(found)
    return Maturity(
        months,
        _periods(split, months, zone),
        found.lag.days,
        {
            service: _ripening(
                pack.services[service].horizon_days, service, found, examples, (starts, at), delays
            )
            for service in examples.tasks
        },
    )


def ripeness(start: datetime, until: datetime, horizon_days: int, delays: Vector) -> float:
    """The share of outcomes, spread evenly over the horizon from ``start``, that are known by
    ``until``.

    Parameters
    ----------
    delays
        Days that past outcomes took to become known, ascending; at once when there are none.
    """
    left = (until - start).total_seconds() / 86_400 - (np.arange(horizon_days) + 0.5)
    if not len(delays):
        return float((left >= 0).mean())
    known = np.searchsorted(delays, left, side="right") / len(delays)
    return float(np.where(left >= 0, known, 0.0).mean())


def _ripening(
    horizon: int,
    service: str,
    found: Outcomes,
    examples: Examples,
    calendar: tuple[list[datetime], dict[int, int]],
    delays: Vector,
) -> Ripening:
    starts, at = calendar
    task, split = examples.tasks[service], examples.split
    labels, ripe, taken = (_nothing(len(starts)) for _ in range(3))
    moments = examples.moment[task.rows]
    month = np.array([at[place] for place in range(len(split.snapshots))])[moments]
    ended = np.array(
        [one + timedelta(days=horizon) + found.lag <= found.until for one in split.snapshots]
    )[moments]
    for place in sorted(set(at.values())):
        here = month == place
        labels[place] = _count(examples, task.rows[here])
        ripe[place] = _count(examples, task.rows[here & ended])
        taken[place] = _count(examples, task.rows[here & (task.taken == 1) & (task.weight > 0)])
    return Ripening(
        horizon,
        labels,
        ripe,
        taken,
        [ripeness(start, found.until, horizon, delays) for start in starts],
    )


def _nothing(months: int) -> list[int | None]:
    return [None] * months


def _count(examples: Examples, rows: np.ndarray[Any, np.dtype[np.int64]]) -> int | None:
    """How many rows, unless they are of fewer than ten people."""
    people = shown(len(np.unique(examples.citizen[rows])))
    return None if people is None else len(rows)


def _delays(found: Outcomes) -> Vector:
    """Of all services together: one alone has too few."""
    days = [
        (steps["known_at"] - steps["occurred_at"]).dt.total_seconds() / 86_400
        for steps in found.steps.values()
    ]
    every = pl.concat(days) if days else pl.Series(dtype=pl.Float64)
    return np.sort(every.cast(pl.Float64).to_numpy())


def _months(first: datetime, last: datetime) -> list[datetime]:
    start = first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    count = 12 * (last.year - start.year) + last.month - start.month + 1
    return [
        start.replace(year=start.year + (start.month - 1 + n) // 12,
                      month=(start.month - 1 + n) % 12 + 1)
        for n in range(count)
    ]  # fmt: skip


def _periods(split: Split, months: list[str], zone: ZoneInfo) -> list[str]:
    told: dict[str, list[str]] = defaultdict(list)
    for name, dates in _named(split):
        for as_of in dates:
            used = told[f"{as_of.astimezone(zone):%Y-%m}"]
            if name not in used:
                used.append(name)
    last = max(told, default="")
    return [
        " and ".join(told[month]) if month in told else NOT_USED if month < last else TOO_YOUNG
        for month in months
    ]


def _named(split: Split) -> Iterable[tuple[str, tuple[datetime, ...]]]:
    """The periods by what they are for; with few of them one is for several things."""
    if not split.held:
        return (("fit, stop and calibrate", split.fit), ("test", split.test))
    names = ("stop", "calibrate") if len(split.held) == 2 else ("stop and calibrate",)
    return (("fit", split.fit), *zip(names, split.held, strict=True), ("test", split.test))
