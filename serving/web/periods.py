"""The timeline as a page shows it: by year, from a year on, without repetition."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from serving.answers import TimelineEntry

YEARS_SHOWN = 3
"""This year and the two before it, unless somebody asks for more."""
YEARS_OFFERED = 8
MANY_SILENCES = 3
"""So many that follow each other are told in one line."""
MOST_LINES = 300
"""On one page; a year of more is told month by month."""
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")


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
    """What happened in one year, or in one month of it, newest first.

    Parameters
    ----------
    lines
        The newest; all of them unless there are too many for the page.
    count
        How many lines there are.
    month
        1 to 12, where it is one month's.
    """

    number: int
    lines: tuple[Line, ...]
    count: int
    month: int | None = None

    @property
    def period(self) -> str:
        """As an address names it: ``2024`` or ``2024-03``."""
        return f"{self.number:04d}" + (f"-{self.month:02d}" if self.month else "")


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


def by_year(entries: Iterable[TimelineEntry], most: int = MOST_LINES) -> tuple[Year, ...]:
    """Lines under their year, newest first; of the oldest years fewer, or none, when there are more
    than ``most``."""
    told, left = [], most
    for number, held in groupby(lines(entries), key=lambda line: line.entry.at.year):
        mine = _silences_together(held)
        told.append(Year(number, mine[:left], len(mine)))
        left = max(0, left - len(mine))
    return tuple(told)


def _silences_together(told: Iterable[Line]) -> tuple[Line, ...]:
    """Lines in which :data:`MANY_SILENCES` and more that follow each other are one, of all their
    sources, from the first day of the oldest to the last of any."""
    found: list[Line] = []
    for gap, held in groupby(told, key=lambda line: line.entry.kind == "gap"):
        run = tuple(held)
        found += [_one_silence(run)] if gap and len(run) >= MANY_SILENCES else run
    return tuple(found)


def _one_silence(run: tuple[Line, ...]) -> Line:
    ends = [line.entry.until for line in run]
    until = None if None in ends else max(end for end in ends if end is not None)
    sources = tuple(dict.fromkeys(source for line in run for source in line.sources))
    entry = run[0].entry.model_copy(update={"until": until})
    return Line(entry, sum(line.times for line in run), run[-1].first, sources)


def in_period(
    entries: Iterable[TimelineEntry], period: str, most: int = MOST_LINES
) -> tuple[Year, ...]:
    """What happened in ``2024`` or ``2024-03``; a year of more than ``most`` lines month by month.

    A month is always told whole.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        return ()
    year, month = int(found[1]), int(found[2]) if found[2] else None
    mine = _silences_together(
        line
        for line in lines(entries)
        if line.entry.at.year == year and month in (None, line.entry.at.month)
    )
    if month is not None:
        return (Year(year, mine, len(mine), month),) if mine else ()
    if len(mine) <= most:
        return (Year(year, mine, len(mine)),) if mine else ()
    told, left = [], most
    for number, held in groupby(mine, key=lambda line: line.entry.at.month):
        some = tuple(held)
        shown = some if len(some) <= left else ()
        told.append(Year(year, shown, len(some), number))
        left -= len(shown)
    return tuple(told)


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
