"""Days and moments as people write them: ``14 maart 2026``, ``14 March 2026``."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

MONTHS = {
    "nl": (
        "januari februari maart april mei juni juli augustus september oktober november december"
    ).split(),
    "en": (
        "January February March April May June July August September October November December"
    ).split(),
}
SHORT = {
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}


def month(number: int, language: str) -> str:
    """The name of a month, 1 to 12."""
    return MONTHS[language][number - 1]


def month_of(year: int, number: int, language: str) -> str:
    """``maart 2026``"""
    return f"{month(number, language)} {year}"


def long_day(day: date, language: str) -> str:
    """``14 maart 2026``"""
    return f"{day.day} {month(day.month, language)} {day.year}"


def short_day(day: date, language: str, *, today: date) -> str:
    """``14 mrt``, with the year where it is not this one."""
    text = f"{day.day} {SHORT[language][day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def day_in(day: date, year: int | None, language: str, *, today: date) -> str:
    """``14 mrt`` under the heading of its year; with the year elsewhere."""
    return short_day(day, language, today=day if day.year == year else today)


def moment(at: datetime, language: str, zone: tzinfo) -> str:
    """``14 maart 2026, 09:05`` in the domain's time zone."""
    local = at.astimezone(zone)
    return f"{long_day(local.date(), language)}, {local:%H:%M}"


def clock(at: datetime, zone: tzinfo) -> str:
    """``09:05`` in the domain's time zone."""
    return f"{at.astimezone(zone):%H:%M}"


def months_later(day: date, months: int) -> date:
    """The same day some months on, or the last day of that month."""
    index = day.month - 1 + months
    year, number = day.year + index // 12, index % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, number, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
