"""Free facts: what is true now, and for how long it has been."""

from __future__ import annotations

import polars as pl

from features.columns import Columns, Floats, ages
from features.domain import Fact, FactType, Sensitivity, Text
from features.facts_at import held_facts, numbers
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
        facts = told_facts(pack)
        names = tuple(facts)
        if not names:
            return {}
        held = held_facts(records, _with_start(records.facts.filter(pl.col("name").is_in(names))))
        values = numbers(held, names, records.citizens)
        days = held.with_columns(
            pl.Series("number", ages(held["since"], records, pack), pl.Float64)
        )
        lasted = numbers(days, names, records.citizens)
        now = day_number(today(records.as_of, pack.domain.time_zone))
        columns: dict[str, Floats] = {}
        for place, (name, fact) in enumerate(facts.items()):
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


def _with_start(facts: pl.DataFrame) -> pl.DataFrame:
    """Each version with ``since``: from when the value has been the same without a break.

    A register that repeats a value every month under a new date does not start it anew.
    """
    same = (
        (pl.col("citizen") == pl.col("citizen").shift(1))
        & (pl.col("name") == pl.col("name").shift(1))
        & pl.col("number").eq_missing(pl.col("number").shift(1))
        & (
            pl.col("valid_to").shift(1).is_null()
            | (pl.col("valid_to").shift(1) >= pl.col("valid_from"))
        )
    ).fill_null(value=False)
    starts = facts.select(pl.when(~same).then(pl.col("valid_from")).forward_fill().alias("since"))
    return facts.with_columns(starts["since"])
