"""Moments out of columns: parsed, placed in a time zone, in UTC."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from features.events import INSTANT

_WITH_OFFSET = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
_WITHOUT_OFFSET = (
    "%Y-%m-%dT%H:%M:%S",  # the next would read it too, but four times slower
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
)
_DAY = "%Y-%m-%d"


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
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    if placed.null_count() > local.null_count():
        skipped = (placed.is_null() & local.is_not_null()).arg_true()
        later = local.gather(skipped).dt.offset_by("1h")
        moved = later.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        placed = placed.scatter(skipped, moved)
    return placed.dt.convert_time_zone("UTC").cast(INSTANT)


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
    text = raw.cast(pl.String).str.strip_chars()
    if form is not None:
        if _has_offset(form):
            return nothing, _instants(text, form)
        return _locals(text, form), no_instant
    return _read_iso(text, nothing, no_instant)


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
