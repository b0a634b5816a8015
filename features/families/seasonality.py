"""The time of year: of the date itself, and of what happened before."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, last, nothing, tally
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.counts import counted_types
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import past_events
from features.provenance import Sources, sources_of_event_type
from features.records import Records
from features.windows import day_number, today

_YEAR = 365
_DAYS_A_YEAR = 365.25
YEARS = 3
"""So many past years are looked at for what happens in this month."""
NEAR = 45
"""What lies further from a year ago than this is not *the same time*."""

_OF_DATE: dict[str, tuple[str, dict[str, str]]] = {
    "season_sine": (
        "number",
        {
            "en": "Time of year, as a sine: highest in spring, lowest in autumn",
            "nl": "Tijd van het jaar, als sinus: hoogst in het voorjaar, laagst in het najaar",
        },
    ),
    "season_cosine": (
        "number",
        {
            "en": "Time of year, as a cosine: highest in winter, lowest in summer",
            "nl": "Tijd van het jaar, als cosinus: hoogst in de winter, laagst in de zomer",
        },
    ),
}
_OF_EVENTS: dict[str, tuple[str, dict[str, str]]] = {
    "season_last_month": (
        "code",
        {
            "en": "The month of the last event (1 is January)",
            "nl": "De maand van de laatste gebeurtenis (1 is januari)",
        },
    ),
    "season_last_weekday": (
        "code",
        {
            "en": "The weekday of the last event (1 is Monday)",
            "nl": "De weekdag van de laatste gebeurtenis (1 is maandag)",
        },
    ),
    "season_share_this_month": (
        "share",
        {
            "en": "Share of the events of the past {years} years that fell in this month of the "
            "year, this year's month left out",
            "nl": "Aandeel van de gebeurtenissen van de afgelopen {years} jaar in deze maand van "
            "het jaar, zonder de maand van nu",
        },
    ),
    "season_days_from_a_year_ago": (
        "days",
        {
            "en": "Days between a year ago today and the nearest event then, within {near} days",
            "nl": "Dagen tussen vandaag een jaar geleden en de dichtstbijzijnde gebeurtenis toen, "
            "binnen {near} dagen",
        },
    ),
}


class Seasonality(Family):
    """``season_…``.

    Off where the pack does not ask for it: with less than a few years of snapshots a month tells
    one period from another, and a head learns the period instead of the season.
    """

    name = "seasonality"
    on = False

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Two of the date, which rest on no source, and four of the events."""
        concept = concept_in(pack, "other")
        parts: dict[str, float] = {"years": YEARS, "near": NEAR}
        told = [(name, of, frozenset[str]()) for name, of in _OF_DATE.items()]
        told += [(name, of, _sources(pack)) for name, of in _OF_EVENTS.items()]
        return tuple(
            Signal(
                name,
                unit,
                meaning(pack, sentence, **parts),
                concept,
                self.name,
                behind,
                kind="category" if unit == "code" else "number",
            )
            for name, (unit, sentence), behind in told
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """All by local days."""
        n = len(records.citizens)
        day = today(records.as_of, pack.domain.time_zone)
        events = past_events(records, pack, counted_types(pack))
        now = day_number(day)
        number = now - events.age.astype(np.int64)
        month = month_of(number)
        angle = 2 * np.pi * (day.timetuple().tm_yday - 1) / _DAYS_A_YEAR
        return {
            "season_sine": np.full(n, np.sin(angle)),
            "season_cosine": np.full(n, np.cos(angle)),
            "season_last_month": last(events.row, month, n),
            "season_last_weekday": last(events.row, (number + 3) % 7 + 1, n),
            "season_share_this_month": _share(events.row, number, month, day, n),
            "season_days_from_a_year_ago": _from_a_year_ago(events.row, number, now, n),
        }


def month_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """The month, 1 to 12, of days since 1970-01-01."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


def _share(
    row: NDArray[np.int64], number: NDArray[np.int64], month: NDArray[np.int64], day: date, n: int
) -> Floats:
    """NaN without an event in those years."""
    before_this_month = number < day_number(day.replace(day=1))
    past = before_this_month & (number > day_number(day) - YEARS * _YEAR)
    every, here = tally(row[past], n), tally(row[past & (month == day.month)], n)
    return np.divide(here, every, out=nothing(n), where=every > 0)


def _from_a_year_ago(row: NDArray[np.int64], number: NDArray[np.int64], now: int, n: int) -> Floats:
    away = np.abs(number - (now - _YEAR)).astype(np.float64)
    near = away <= NEAR
    nearest = np.full(n, np.inf)
    np.minimum.at(nearest, row[near], away[near])
    return np.where(np.isinf(nearest), np.nan, nearest)


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in counted_types(pack)))
