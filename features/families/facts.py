"""Free facts: what is true now, and for how long it has been."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, ages_at
from features.domain import Fact, FactType, Sensitivity, Text
from features.fact_table import FactTable, fact_table, held_numbers
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.provenance import sources_of_fact
from features.records import Records
from features.windows import day_number, today

_VALUE = {"en": "{title}", "nl": "{title}"}
_CODED = {"en": "{title}: {codes}", "nl": "{title}: {codes}"}
_UNTIL = {
    "en": "Days until “{title}” (below zero: since)",
    "nl": "Dagen tot “{title}” (onder nul: sinds)",
}
_HELD = {
    "en": "Days for which “{title}” has been as it is",
    "nl": "Aantal dagen dat “{title}” is zoals het is",
}
_UNITS = {FactType.BOOLEAN: "yes/no", FactType.CATEGORY: "code", FactType.DATE: "days"}


def told_facts(pack: Pack) -> dict[str, Fact]:
    """The free facts of which signals are made."""
    return {name: fact for name, fact in pack.facts(Sensitivity.FREE).items() if fact.signal}


class Facts(Family):
    """``fact_<name>`` and ``fact_<name>_held_days``; null when it was never delivered.

    A category is its stable place in the declared categories; a date is the days until it.
    """

    name = "facts"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Two signals per fact."""
        return tuple(
            signal
            for name, fact in told_facts(pack).items()
            for signal in self._of(pack, name, fact)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """The version that holds at ``as_of``, and the start of its run of equal values."""
        facts, n = told_facts(pack), len(records.citizens)
        table = fact_table(records, pack)
        at = table.holding(records.as_of)
        values = held_numbers(records, pack)
        lasted = table.wide(at, ages_at(_since(table)[at], records, pack), n)
        now = day_number(today(records.as_of, pack.domain.time_zone))
        columns: dict[str, Floats] = {}
        for name, fact in facts.items():
            place = table.names.index(name)
            dated = fact.type is FactType.DATE
            columns[f"fact_{name}"] = values[place] - now if dated else values[place]
            columns[f"fact_{name}_held_days"] = lasted[place]
        return columns

    def _of(self, pack: Pack, name: str, fact: Fact) -> tuple[Signal, Signal]:
        behind = sources_of_fact(pack)[name]
        return (
            Signal(
                name=f"fact_{name}",
                unit=_UNITS.get(fact.type) or fact.unit or "number",
                meaning=_meaning(pack, fact),
                concept=fact.concept,
                family=self.name,
                sources=behind,
                kind="category" if fact.type is FactType.CATEGORY else "number",
            ),
            Signal(
                name=f"fact_{name}_held_days",
                unit="days",
                meaning=meaning(pack, _HELD, title=fact.title),
                concept=fact.concept,
                family=self.name,
                sources=behind,
            ),
        )


def _meaning(pack: Pack, fact: Fact) -> Text:
    """What the value says; of a category with labels, which code stands for what."""
    if fact.labels:
        codes = {
            language: ", ".join(
                f"{place} {pack.say(fact.labels[category], language)}"
                for place, category in enumerate(fact.categories)
            )
            for language in pack.languages
        }
        return meaning(pack, _CODED, title=fact.title, codes=codes)
    return meaning(pack, _UNTIL if fact.type is FactType.DATE else _VALUE, title=fact.title)


def _since(table: FactTable) -> NDArray[np.int64]:
    """For each version, from when the value has been the same without a break.

    A register that repeats a value every month under a new date does not start it anew.
    """
    number, ends = table.number, table.valid_to
    anew = table.run.copy()
    changed = (number[1:] != number[:-1]) & ~(np.isnan(number[1:]) & np.isnan(number[:-1]))
    anew[1:] |= changed | (ends[:-1] < table.valid_from[1:])
    start = np.maximum.accumulate(np.where(anew, np.arange(len(anew)), 0))
    since: NDArray[np.int64] = table.valid_from[start]
    return since
