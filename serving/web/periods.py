"""The timeline as a page shows it: by year, from a year on, without repetition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from serving.answers import TimelineEntry

YEARS_SHOWN = 3
"""This year and the two before it, unless somebody asks for more."""
YEARS_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: an entry, or several that say the same.

    Parameters
    ----------
    entry
        The newest of them.
    times
        How many entries it stands for.
    first
        The day of the oldest.
    sources
        The titles of the sources, where a silence is that of several.
    """

    entry: TimelineEntry
    times: int
    first: date
    sources: tuple[str, ...]

    def says_the_same(self, other: TimelineEntry) -> bool:
        """Whether ``other``, just before it, is another step of the same kind in the same case."""
        this = self.entry
        return (
            this.kind == other.kind
            and this.case_id is not None
            and (this.case_id, this.type, this.detail, this.value)
            == (other.case_id, other.type, other.detail, other.value)
        )


@dataclass(frozen=True, slots=True)
class Year:
    """What happened in one year, newest first."""

    number: int
    lines: tuple[Line, ...]


def lines(entries: Iterable[TimelineEntry]) -> tuple[Line, ...]:
    """The lines of a timeline, newest first; of one day, the order stays.

    Silences over the same days are one, and so are steps of the same kind that follow each other
    in a case.
    """
    told: list[Line] = []
    silences: dict[tuple[date, date | None], int] = {}
    for entry in sorted(entries, key=lambda one: one.at, reverse=True):
        days = (entry.at, entry.until)
        if entry.kind == "gap" and days in silences:
            held = told[silences[days]]
            told[silences[days]] = replace(held, sources=(*held.sources, entry.source_title))
        elif told and told[-1].says_the_same(entry):
            told[-1] = replace(told[-1], times=told[-1].times + 1, first=entry.at)
        else:
            if entry.kind == "gap":
                silences[days] = len(told)
            told.append(Line(entry, 1, entry.at, (entry.source_title,)))
    return tuple(told)


def by_year(entries: Iterable[TimelineEntry]) -> tuple[Year, ...]:
    """Lines under their year, newest first."""
    return tuple(
        Year(year, tuple(held))
        for year, held in groupby(lines(entries), key=lambda line: line.entry.at.year)
    )


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
