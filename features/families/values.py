"""Amounts: of events that carry a value, and how numeric facts move."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing, snake
from features.domain import Fact, FactType, Sensitivity
from features.fact_table import FactTable, fact_table, held_numbers
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.kernels.amounts import amounts_ever, amounts_within
from features.pack import Pack
from features.past_events import event_table
from features.provenance import is_known, provenance, sources_of_event_type, sources_of_fact
from features.records import Records
from features.remembered import remembered
from features.windows import microseconds

_EVENT_MEANINGS = {
    "sum": {
        "en": "Total amount of “{title}” in the last {days} days",
        "nl": "Totaal bedrag van “{title}” in de laatste {days} dagen",
    },
    "mean": {
        "en": "Average amount of “{title}” in the last {days} days",
        "nl": "Gemiddeld bedrag van “{title}” in de laatste {days} dagen",
    },
    "max": {
        "en": "Highest amount of “{title}” in the last {days} days",
        "nl": "Hoogste bedrag van “{title}” in de laatste {days} dagen",
    },
    "trend": {
        "en": "Yearly rise (or fall, below zero) in “{title}” over the last {days} days",
        "nl": "Stijging (of daling, onder nul) per jaar van “{title}” over de laatste {days} dagen",
    },
}
_EVER_MEANINGS = {
    "last": {"en": "Last amount of “{title}”", "nl": "Laatste bedrag van “{title}”"},
    "above_own_mean": {
        "en": "Last amount of “{title}” less the average of this citizen's earlier ones",
        "nl": "Laatste bedrag van “{title}” min het gemiddelde van de eerdere van deze inwoner",
    },
}
_UNUSUAL = {
    "en": "How unusual the last amount of “{title}” is for this citizen: standard deviations "
    "above the earlier ones, of which there are at least {least}",
    "nl": "Hoe ongewoon het laatste bedrag van “{title}” is voor deze inwoner: aantal "
    "standaardafwijkingen boven de eerdere, waarvan er minstens {least} zijn",
}
_EVER = (*_EVER_MEANINGS, "unusual")
LEAST = 3
"""Of fewer earlier amounts it cannot be said what is usual."""
_CHANGE = {
    "en": "Last change in “{title}”: the value now less the value before",
    "nl": "Laatste verandering van “{title}”: de waarde nu min die daarvoor",
}
_MOVED = {
    "en": "Change in “{title}” compared with {days} days ago",
    "nl": "Verandering van “{title}” ten opzichte van {days} dagen geleden",
}


class Values(Family):
    """``value_sum_``, ``value_mean_``, ``value_max_``, ``value_trend_<event_type>_<window>d``;
    ``value_last_``, ``value_above_own_mean_`` and ``value_unusual_<event_type>`` over all time;
    ``value_change_<fact>`` and ``value_trend_<fact>_<window>d``."""

    name = "values"
    windows = (365,)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """The signals of each valued event type, then those of each numeric fact."""
        of_events = (signal for kind in _valued(pack) for signal in self._of_event(pack, kind))
        of_facts = (
            signal for name, fact in _numeric(pack).items() for signal in self._of(pack, name, fact)
        )
        return (*of_events, *of_facts)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Those of events, then those of facts."""
        windows = self.windows_in(pack)
        return {**_event_columns(records, pack, windows), **_fact_columns(records, pack, windows)}

    def _of_event(self, pack: Pack, kind: str) -> list[Signal]:
        declared = pack.domain.event_types[kind]
        behind = sources_of_event_type(pack)[kind]

        def signal(name: str, meant: dict[str, str], unit: str | None = declared.unit) -> Signal:
            unit = unit or "amount"
            return Signal(name, unit, meant, declared.concept, self.name, behind)

        windowed = [
            signal(
                f"value_{measure}_{snake(kind)}_{days}d",
                meaning(pack, sentence, title=declared.title, days=days),
            )
            for days in self.windows_in(pack)
            for measure, sentence in _EVENT_MEANINGS.items()
        ]
        ever = [
            signal(f"value_{measure}_{snake(kind)}", meaning(pack, sentence, title=declared.title))
            for measure, sentence in _EVER_MEANINGS.items()
        ]
        unusual = meaning(pack, _UNUSUAL, title=declared.title, least=LEAST)
        return [*windowed, *ever, signal(f"value_unusual_{snake(kind)}", unusual, "number")]

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
            for days in self.windows_in(pack)
        ]
        return [
            signal(f"value_change_{name}", meaning(pack, _CHANGE, title=fact.title)),
            *moved,
        ]


@remembered(8)
def _valued(pack: Pack) -> tuple[str, ...]:
    types = pack.domain.event_types
    return tuple(name for name in provenance(pack).valued if types[name].signals)


def _numeric(pack: Pack) -> dict[str, Fact]:
    return {
        name: fact
        for name, fact in pack.facts(Sensitivity.FREE).items()
        if fact.signal and fact.type is FactType.NUMBER
    }


def _event_columns(records: Records, pack: Pack, windows: tuple[int, ...]) -> dict[str, Floats]:
    types, n = _valued(pack), len(records.citizens)
    events = event_table(records, pack)
    of, at, value, size = (
        events.places_of_kinds(types),
        events.by_kind(),
        events.values(),
        len(types),
    )
    within = {
        days: amounts_within(at, events.row, events.kind, events.age, value, of, days, size, n)
        for days in windows
    }
    ever = amounts_ever(at, events.row, events.kind, value, of, LEAST, size, n)
    columns: dict[str, Floats] = {}
    for place, kind in enumerate(types):
        known = is_known(sources_of_event_type(pack)[kind], records.sources)
        for days, found in within.items():
            measures = found.reshape(len(_EVENT_MEANINGS), size, n)[:, place]
            for measure, column in zip(_EVENT_MEANINGS, measures, strict=True):
                columns[f"value_{measure}_{snake(kind)}_{days}d"] = column if known else nothing(n)
        for measure, column in zip(_EVER, ever.reshape(len(_EVER), size, n)[:, place], strict=True):
            columns[f"value_{measure}_{snake(kind)}"] = column
    return columns


def _fact_columns(records: Records, pack: Pack, windows: tuple[int, ...]) -> dict[str, Floats]:
    names, n = tuple(_numeric(pack)), len(records.citizens)
    if not names:
        return {}
    table = fact_table(records, pack)
    now, before = held_numbers(records, pack), _before(records, table)
    past = {days: table.holding(records.as_of, days) for days in windows}
    then = {days: table.wide(at, table.number[at], n) for days, at in past.items()}
    columns: dict[str, Floats] = {}
    for name in names:
        place = table.names.index(name)
        columns[f"value_change_{name}"] = now[place] - before[place]
        for days, held in then.items():
            columns[f"value_trend_{name}_{days}d"] = now[place] - held[place]
    return columns


def _before(records: Records, table: FactTable) -> Floats:
    """The last value that differs from the one that came after it, per fact and citizen."""
    past = table.valid_from <= microseconds(records.as_of)
    at = np.flatnonzero(past & ~np.isnan(table.number) & (table.name >= 0))
    same = (table.name[at][1:] == table.name[at][:-1]) & (table.row[at][1:] == table.row[at][:-1])
    replaced = np.flatnonzero(same & (table.number[at][1:] != table.number[at][:-1]))
    return table.wide(at[replaced], table.number[at[replaced]], len(records.citizens))
