"""How often facts changed, and how lately anything did.

A change is a version with another value than the one before it. How long a single fact has been as
it is, the family of facts tells (``fact_<name>_held_days``); it is not told twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, ages_at, nothing, tally_within
from features.fact_table import fact_table
from features.families.base import Family, Signal
from features.families.concepts import concept_in
from features.families.facts import told_facts
from features.families.meaning import meaning
from features.pack import Pack
from features.provenance import Sources, is_known, sources_of_fact
from features.records import Records
from features.windows import Days, microseconds

_CHANGES = {
    "en": "How often “{title}” changed in the last {days} days",
    "nl": "Hoe vaak “{title}” veranderde in de laatste {days} dagen",
}
_ALL = {
    "en": "How many changes there were in what is known, in the last {days} days",
    "nl": "Hoeveel er veranderde in wat bekend is, in de laatste {days} dagen",
}
_SINCE = {
    "en": "Days since anything changed in what is known",
    "nl": "Dagen sinds er iets veranderde in wat bekend is",
}


class FactChanges(Family):
    """``fact_changes_<name>_<window>d``, ``changes_<window>d`` and ``changes_days_since_last``."""

    name = "fact_changes"
    windows = (365,)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Those of each free fact of which signals are made, then those of all together."""
        facts = told_facts(pack)
        if not facts:
            return ()
        each = [
            Signal(
                f"fact_changes_{name}_{days}d",
                "times",
                meaning(pack, _CHANGES, title=fact.title, days=days),
                fact.concept,
                self.name,
                sources_of_fact(pack)[name],
            )
            for name, fact in facts.items()
            for days in self.windows_in(pack)
        ]
        said = [
            (f"changes_{days}d", "times", meaning(pack, _ALL, days=days))
            for days in self.windows_in(pack)
        ]
        said.append(("changes_days_since_last", "days", meaning(pack, _SINCE)))
        concept, behind = concept_in(pack, "other"), _sources(pack)
        return (*each, *(Signal(*one, concept, self.name, behind) for one in said))

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Versions of a fact stand in order of time, so a change is a comparison with the one
        above."""
        names, windows, n = tuple(told_facts(pack)), self.windows_in(pack), len(records.citizens)
        if not names:
            return {}
        changes = _changes(records, pack, names)
        cell = changes.name * n + changes.row
        counted = tally_within(cell, changes.age, windows, len(names) * n)
        counted = counted.reshape(len(windows), len(names), n)
        columns: dict[str, Floats] = {}
        for place, name in enumerate(names):
            known = is_known(sources_of_fact(pack)[name], records.sources)
            for number, days in enumerate(windows):
                columns[f"fact_changes_{name}_{days}d"] = (
                    counted[number, place] if known else nothing(n)
                )
        known = is_known(_sources(pack), records.sources)
        for number, days in enumerate(windows):
            columns[f"changes_{days}d"] = counted[number].sum(axis=0) if known else nothing(n)
        columns["changes_days_since_last"] = changes.since(n)
        return columns


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes that had happened: whose, of which fact, and how many local days ago."""

    row: NDArray[np.int64]
    name: NDArray[np.int64]
    age: Days

    def since(self, n: int) -> Floats:
        """The age of the latest per citizen; NaN without one."""
        least = np.full(n, np.inf)
        np.minimum.at(least, self.row, self.age.astype(np.float64))
        return np.where(np.isinf(least), np.nan, least)


def _changes(records: Records, pack: Pack, names: tuple[str, ...]) -> _Changes:
    table = fact_table(records, pack)
    place = np.array([*(_place(names, name) for name in table.names), -1])
    before, after = table.number[:-1], table.number[1:]
    differs = ~table.run
    differs[1:] &= (before != after) & ~(np.isnan(before) & np.isnan(after))
    name = place[table.name]
    past = table.valid_from <= microseconds(records.as_of)
    at = np.flatnonzero(differs & past & (name >= 0))
    age = ages_at(table.valid_from[at], records, pack)
    return _Changes(table.row[at], name[at], age)


def _place(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def _sources(pack: Pack) -> Sources:
    return frozenset().union(*(sources_of_fact(pack)[name] for name in told_facts(pack)))
