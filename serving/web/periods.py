"""The timeline as a page shows it: by year and month, from a year on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from serving.answers import TimelineEntry

YEARS_SHOWN = 3
"""This year and the two before it, unless somebody asks for more."""
YEARS_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Month:
    """What happened in one month, newest first."""

    number: int
    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """What happened in one year, newest month first."""

    number: int
    months: tuple[Month, ...]

    @property
    def size(self) -> int:
        """How many things happened."""
        return sum(len(month.entries) for month in self.months)


def by_year(entries: Iterable[TimelineEntry]) -> tuple[Year, ...]:
    """Entries under their year and month, newest first; of one day, the order stays."""
    ordered = sorted(entries, key=lambda entry: entry.at, reverse=True)
    return tuple(
        Year(year, tuple(_months(held)))
        for year, held in groupby(ordered, key=lambda entry: entry.at.year)
    )


def _months(entries: Iterable[TimelineEntry]) -> Iterable[Month]:
    for number, held in groupby(entries, key=lambda entry: entry.at.month):
        yield Month(number, tuple(held))


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to see of a timeline.

    Parameters
    ----------
    source
        One source's id, or None for all.
    year
        The first year to show; 0 for everything.
    """

    source: str | None
    year: int

    @classmethod
    def chosen(cls, source: str | None, since: int | None, today: date) -> Filter:
        """What was chosen, or the last years of all sources."""
        year = today.year - YEARS_SHOWN + 1 if since is None else min(max(since, 0), today.year)
        return cls(source or None, year)

    @property
    def sources(self) -> tuple[str, ...] | None:
        """The sources to ask for; None is all."""
        return (self.source,) if self.source else None

    @property
    def since(self) -> date | None:
        """The first day to ask for; None is everything."""
        return date(self.year, 1, 1) if self.year else None

    def before(self, entry: TimelineEntry) -> bool:
        """Whether an entry began before the period: a fact that still held in it."""
        return entry.at.year < self.year

    def offered(self, today: date) -> tuple[int, ...]:
        """The years that can be chosen, newest first."""
        offered = {today.year - back for back in range(YEARS_OFFERED)}
        return tuple(sorted(offered | ({self.year} if self.year else set()), reverse=True))
