"""Moments out of columns: parsed, placed in a time zone, in UTC."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import FEW, NO_MOMENT
from features.events import INSTANT
from features.kernels.reading import iso_moments

_WITH_OFFSET = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
_WITHOUT_OFFSET = (
    "%Y-%m-%dT%H:%M:%S",  # the next would read it too, but four times slower
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
)
_DAY = "%Y-%m-%d"

HOUR = 3_600_000_000
LONG = 150 * 365 * 24 * HOUR
"""Microseconds before and after 1970 beyond which clocks are not looked up."""

ROUND = 10_000
"""Clocks are looked up for so many hours at once."""

UNSTEADY = np.iinfo(np.int64).min
"""Stands for the clock of an hour within which it is changed."""


def moments(
    raw: pl.Series, *, zone: str, form: str | None = None, day: bool = False, plus_days: int = 0
) -> pl.Series:
    """``raw`` (text, Date or Datetime) as instants; null where it cannot be read.

    Parameters
    ----------
    zone
        Where a moment without an offset is. A time that the clock skipped is moved an hour on;
        of a time that came twice the earliest is taken.
    form
        The ``strptime`` format; ISO 8601 when not given.
    day
        Whether only the day counts: the moment is then local midnight.
    plus_days
        Days to add: calendar days to a local time, days of 24 hours to one with an offset.
    """
    local, instants = _read(raw, form)
    if day:
        given = instants.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        local = local.zip_with(local.is_not_null(), given).dt.truncate("1d")
        instants = pl.Series([None], dtype=INSTANT).new_from_index(0, local.len())
    if plus_days:
        local = local.dt.offset_by(f"{plus_days}d")
        instants = instants.dt.offset_by(f"{24 * plus_days}h")
    placed = localise(local, zone)
    if instants.null_count() == instants.len():
        return placed.rename(raw.name)
    return placed.zip_with(placed.is_not_null(), instants).rename(raw.name)


def localise(local: pl.Series, zone: str) -> pl.Series:
    """Local times (Datetime without a zone) as instants in UTC."""
    by_hour = _by_hour(local, zone) if local.len() > FEW else None
    return by_hour if by_hour is not None else _one_by_one(local, zone)


def _one_by_one(local: pl.Series, zone: str) -> pl.Series:
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    if placed.null_count() > local.null_count():
        skipped = (placed.is_null() & local.is_not_null()).arg_true()
        later = local.gather(skipped).dt.offset_by("1h")
        moved = later.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        placed = placed.scatter(skipped, moved)
    return placed.dt.convert_time_zone("UTC").cast(INSTANT)


def _by_hour(local: pl.Series, zone: str) -> pl.Series | None:
    """The same by the clock of each hour; None where an hour has no clock of its own, or the
    times lie too far apart."""
    missing = local.is_null()
    at = local.to_physical().fill_null(strategy="min").to_numpy()
    if missing.all() or at.min() < -LONG or at.max() > LONG:
        return None
    hour = at // HOUR
    start = hour.min() // ROUND * ROUND
    ahead = _clocks(zone, int(start), int(hour.max() // ROUND + 1) * ROUND)[hour - start]
    if (ahead == UNSTEADY).any():
        return None
    placed = pl.Series(local.name, (at - ahead).view("datetime64[us]"), dtype=INSTANT)
    return placed.set(missing, None) if missing.any() else placed


@lru_cache(maxsize=64)
def _clocks(zone: str, start: int, end: int) -> NDArray[np.int64]:
    """By how many microseconds local time is ahead of UTC in each hour from ``start`` up to
    ``end`` (hours since 1970); :data:`UNSTEADY` where that changes within it."""
    hours = np.arange(start, end) * HOUR
    ahead = []
    for at in (hours, hours + HOUR - 1):
        local = pl.Series(at.view("datetime64[us]"))
        ahead.append(at - _one_by_one(local, zone).to_physical().to_numpy())
    return np.where(ahead[0] == ahead[1], ahead[0], UNSTEADY)


def dates(raw: pl.Series, form: str | None = None) -> pl.Series:
    """``raw`` (text, Date or Datetime) as dates; null where it cannot be read."""
    local, instants = _read(raw, form)
    return local.zip_with(local.is_not_null(), instants.dt.replace_time_zone(None)).cast(pl.Date)


def _read(raw: pl.Series, form: str | None) -> tuple[pl.Series, pl.Series]:
    """Each value as a local time or as an instant; null where it is the other or cannot be."""
    nothing = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, raw.len())
    no_instant = nothing.dt.replace_time_zone("UTC")
    if isinstance(raw.dtype, pl.Datetime):
        if raw.dtype.time_zone is None:
            return raw.cast(pl.Datetime("us")), no_instant
        return nothing, raw.dt.convert_time_zone("UTC").cast(INSTANT)
    if raw.dtype == pl.Date:
        return raw.cast(pl.Datetime("us")), no_instant
    text = raw.cast(pl.String)
    if form is not None:
        text = text.str.strip_chars()
        if _has_offset(form):
            return nothing, _instants(text, form)
        return _locals(text, form), no_instant
    local = _plain_iso(text) if text.len() > FEW else nothing
    left = (local.is_null() & text.is_not_null()).arg_true()
    if left.is_empty():
        return local, no_instant
    rest = text.gather(left).str.strip_chars()
    some, with_offset = _read_iso(rest, nothing.head(rest.len()), no_instant.head(rest.len()))
    return local.scatter(left, some), no_instant.scatter(left, with_offset)


def _plain_iso(text: pl.Series) -> pl.Series:
    """The texts in the most common way of writing, in one pass; null for all others."""
    # without its name: Polars panics where that holds a NUL, as a mapping's own columns do
    flat = text.alias("").to_arrow(compat_level=pl.CompatLevel.oldest())
    _, starts, letters = flat.buffers()
    found = iso_moments(
        np.frombuffer(letters, dtype=np.uint8),
        np.frombuffer(starts, dtype=np.int64)[flat.offset : flat.offset + len(flat) + 1],
        NO_MOMENT,
    )
    return pl.Series(text.name, found.view("datetime64[us]"))


def _read_iso(
    text: pl.Series, local: pl.Series, instants: pl.Series
) -> tuple[pl.Series, pl.Series]:
    shortest = text.str.len_bytes().min()
    if shortest is None:
        return local, instants
    forms = (_DAY, *_WITHOUT_OFFSET) if shortest == 10 else (*_WITHOUT_OFFSET, _DAY)
    local, left = _tried(text, text.is_not_null().arg_true(), local, forms, _locals)
    instants, _ = _tried(text, left, instants, _WITH_OFFSET, _instants)
    return local, instants


def _tried(
    text: pl.Series,
    left: pl.Series,
    found: pl.Series,
    forms: tuple[str, ...],
    read: Callable[[pl.Series, str], pl.Series],
) -> tuple[pl.Series, pl.Series]:
    """``found`` with the texts at the places ``left`` read by the first of the ``forms`` that
    fits each, and the places that are left then: a form is tried only on what others did not
    read."""
    for form in forms:
        if left.is_empty():
            break
        whole = left.len() == text.len()
        read_now = read(text if whole else text.gather(left), form)
        found = read_now if whole else found.scatter(left, read_now)
        left = left.filter(read_now.is_null())
    return found, left


def _has_offset(form: str) -> bool:
    return any(mark in form for mark in ("%z", "%:z", "%#z", "%+"))


def _locals(text: pl.Series, form: str) -> pl.Series:
    if not any(mark in form for mark in ("%H", "%I", "%T", "%X", "%R", "%s", "%c")):
        return text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    return text.str.to_datetime(form, time_unit="us", strict=False)


def _instants(text: pl.Series, form: str) -> pl.Series:
    return text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
