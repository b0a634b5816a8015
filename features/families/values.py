"""Amounts: of events that carry a value, and how numeric facts move."""

from __future__ import annotations

import numpy as np

from features.columns import (
    Columns,
    Floats,
    last,
    nothing,
    snake,
    tally,
    total,
)
from features.domain import Fact, FactType, Sensitivity
from features.fact_table import FactTable, fact_table, held_numbers
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import PastEvents, past_events
from features.provenance import is_known, provenance, sources_of_event_type, sources_of_fact
from features.records import Records
from features.windows import microseconds

_DAYS_A_YEAR = 365.25

_EVENT_MEANINGS = {
    "sum": {
        "en": "Total amount of “{title}” in the last {days} days",
        "nl": "Totaal bedrag van “{title}” in de laatste {days} dagen",
    },
    "mean": {
        "en": "Average amount of “{title}” in the last {days} days",
        "nl": "Gemiddeld bedrag van “{title}” in de laatste {days} dagen",
    },
    "trend": {
        "en": "Yearly rise (or fall, below zero) in “{title}” over the last {days} days",
        "nl": "Stijging (of daling, onder nul) per jaar van “{title}” over de laatste {days} dagen",
    },
}
_LAST = {"en": "Last amount of “{title}”", "nl": "Laatste bedrag van “{title}”"}
_CHANGE = {
    "en": "Last change in “{title}”: the value now less the value before",
    "nl": "Laatste verandering van “{title}”: de waarde nu min die daarvoor",
}
_MOVED = {
    "en": "Change in “{title}” compared with {days} days ago",
    "nl": "Verandering van “{title}” ten opzichte van {days} dagen geleden",
}


class Values(Family):
    """``value_sum_``, ``value_mean_``, ``value_trend_<event_type>_<window>d`` and
    ``value_last_<event_type>``; ``value_change_<fact>`` and ``value_trend_<fact>_<window>d``."""

    name = "values"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """The signals of each valued event type, then those of each numeric fact."""
        of_events = (signal for kind in _valued(pack) for signal in self._of_event(pack, kind))
        of_facts = (
            signal for name, fact in _numeric(pack).items() for signal in self._of(pack, name, fact)
        )
        return (*of_events, *of_facts)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Sums in the order of the rows, so that one citizen alone gives the same bits."""
        return {**_event_columns(records, pack), **_fact_columns(records, pack)}

    def _of_event(self, pack: Pack, kind: str) -> list[Signal]:
        declared = pack.domain.event_types[kind]

        def signal(name: str, meant: dict[str, str]) -> Signal:
            behind = sources_of_event_type(pack)[kind]
            unit = declared.unit or "amount"
            return Signal(name, unit, meant, declared.concept, self.name, behind)

        windowed = [
            signal(
                f"value_{measure}_{snake(kind)}_{days}d",
                meaning(pack, sentence, title=declared.title, days=days),
            )
            for days in pack.domain.windows.values
            for measure, sentence in _EVENT_MEANINGS.items()
        ]
        return [
            *windowed,
            signal(f"value_last_{snake(kind)}", meaning(pack, _LAST, title=declared.title)),
        ]

    def _of(self, pack: Pack, name: str, fact: Fact) -> list[Signal]:
        def signal(signal_name: str, meant: dict[str, str]) -> Signal:
            behind = sources_of_fact(pack)[name]
            return Signal(
                signal_name, fact.unit or "amount", meant, fact.concept, self.name, behind
            )

        moved = [
            signal(
                f"value_trend_{name}_{days}d", meaning(pack, _MOVED, title=fact.title, days=days)
            )
            for days in pack.domain.windows.values
        ]
        return [
            signal(f"value_change_{name}", meaning(pack, _CHANGE, title=fact.title)),
            *moved,
        ]


def _valued(pack: Pack) -> tuple[str, ...]:
    types = pack.domain.event_types
    return tuple(name for name in provenance(pack).valued if types[name].signals)


def _numeric(pack: Pack) -> dict[str, Fact]:
    return {
        name: fact
        for name, fact in pack.facts(Sensitivity.FREE).items()
        if fact.signal and fact.type is FactType.NUMBER
    }


def _event_columns(records: Records, pack: Pack) -> dict[str, Floats]:
    types, n = _valued(pack), len(records.citizens)
    events = past_events(records, pack, types)
    events = events.where(~np.isnan(events.values()))
    columns: dict[str, Floats] = {}
    for place, kind in enumerate(types):
        known = is_known(sources_of_event_type(pack)[kind], records.sources)
        mine = events.where(events.kind == place)
        for days in pack.domain.windows.values:
            for measure, found in _measures(mine.where(mine.age < days), n).items():
                columns[f"value_{measure}_{snake(kind)}_{days}d"] = found if known else nothing(n)
        columns[f"value_last_{snake(kind)}"] = last(mine.row, mine.values(), n)
    return columns


def _measures(events: PastEvents, n: int) -> dict[str, Floats]:
    value = events.values()
    count, summed = tally(events.row, n), total(events.row, value, n)
    mean = np.divide(summed, count, out=nothing(n), where=count > 0)
    return {"sum": summed, "mean": mean, "trend": _slope(events, value, mean, count)}


def _slope(events: PastEvents, value: Floats, mean: Floats, count: Floats) -> Floats:
    """The least-squares slope per year; NaN with fewer than two different days."""
    n = len(mean)
    day = -events.age.astype(np.float64)
    middle = np.divide(total(events.row, day, n), count, out=nothing(n), where=count > 0)
    away = day - middle[events.row]
    spread = total(events.row, away * away, n)
    together = total(events.row, away * (value - mean[events.row]), n)
    return np.divide(together * _DAYS_A_YEAR, spread, out=nothing(n), where=spread > 1e-6)


def _fact_columns(records: Records, pack: Pack) -> dict[str, Floats]:
    names, n = tuple(_numeric(pack)), len(records.citizens)
    table = fact_table(records, pack)
    now, before = held_numbers(records, pack), _before(table, records)
    past: dict[int, Floats] = {}
    for days in pack.domain.windows.values:
        then = table.holding(records.as_of, back_days=days)
        past[days] = table.wide(then, table.number[then], n)
    columns: dict[str, Floats] = {}
    for name in names:
        place = table.names.index(name)
        columns[f"value_change_{name}"] = now[place] - before[place]
        for days, ago in past.items():
            columns[f"value_trend_{name}_{days}d"] = now[place] - ago[place]
    return columns


def _before(table: FactTable, records: Records) -> Floats:
    """The last value that differs from the one that came after it, per fact and citizen."""
    begun = table.valid_from <= microseconds(records.as_of)
    told = np.flatnonzero(begun & ~np.isnan(table.number) & (table.name >= 0))
    number, key = table.number[told], table.name[told] * len(records.citizens) + table.row[told]
    replaced = np.zeros(len(told), dtype=bool)
    replaced[:-1] = (key[:-1] == key[1:]) & (number[:-1] != number[1:])
    return table.wide(told[replaced], number[replaced], len(records.citizens))
