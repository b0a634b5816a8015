"""The household: chosen signals of relatives, made of their own records by the same families.

A pack names each (``household:`` in ``domain.yaml``) with the one purpose it may serve. Nothing
else of a relative reaches the citizen's row, and nothing of a relative's relatives.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, nothing, rows_of, tally, total
from features.domain import HouseholdSignal
from features.families import families_of
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.provenance import provenance
from features.records import Records
from features.relatives import held_relations

_MEANINGS = {
    "highest": {
        "en": "{meant}: the highest of {title}",
        "nl": "{meant}: het hoogste bij {title}",
    },
    "lowest": {"en": "{meant}: the lowest of {title}", "nl": "{meant}: het laagste bij {title}"},
    "sum": {"en": "{meant}: together, of {title}", "nl": "{meant}: samen, bij {title}"},
    "mean": {"en": "{meant}: on average, of {title}", "nl": "{meant}: gemiddeld, bij {title}"},
}

NEVER_OF_A_RELATIVE = frozenset({"household", "pack_signals"})
"""Families that say something of others beside, or of what a pack mixed: no second degree."""


class Household(Family):
    """``household_<relation>_<signal>_<of_more>``.

    Null without such a relative, and as soon as one of them is unknown: no pseudonym, no records,
    or an objection.
    """

    name = "household"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One for each that the pack names."""
        if not pack.domain.household:
            return ()
        told = relatives_signals(pack)
        return tuple(
            self._signal(pack, asked, told[asked.signal]) for asked in pack.domain.household
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """The relatives' signals as the families make them, gathered along the relations."""
        asked = pack.domain.household
        relatives = records.relatives
        if not asked:
            return {}
        if relatives is None:
            return {_name(one): nothing(len(records.citizens)) for one in asked}
        told = _told(relatives, pack, frozenset(one.signal for one in asked))
        return {
            _name(one): _gathered(records, relatives, one, np.asarray(told[one.signal], float))
            for one in asked
        }

    def _signal(self, pack: Pack, asked: HouseholdSignal, told: Signal) -> Signal:
        return Signal(
            name=_name(asked),
            unit=told.unit,
            meaning=meaning(pack, _MEANINGS[asked.of_more], meant=told.meaning, title=asked.title),
            concept=told.concept,
            family=self.name,
            sources=told.sources | provenance(pack).relations.get(asked.relation, frozenset()),
            purposes=frozenset({asked.purpose}),
        )


def relatives_signals(pack: Pack) -> dict[str, Signal]:
    """What can be told of a relative, by name."""
    return {
        signal.name: signal
        for family in families_of(pack)
        if family.name not in NEVER_OF_A_RELATIVE
        for signal in family.signals(pack)
    }


def _told(relatives: Records, pack: Pack, asked: frozenset[str]) -> Columns:
    columns: dict[str, NDArray[np.generic]] = {}
    for family in families_of(pack):
        if family.name in NEVER_OF_A_RELATIVE:
            continue
        if asked & {signal.name for signal in family.signals(pack)}:
            columns |= family.compute(relatives, pack)
    return columns


def _gathered(records: Records, relatives: Records, asked: HouseholdSignal, told: Floats) -> Floats:
    """Per citizen over the relatives; NaN without any, or with one of whom it is not known."""
    held = held_relations(records, asked.relation)
    row, n = rows_of(held["citizen"], records), len(records.citizens)
    value = nothing(len(row))
    there = held["relative"].is_in(relatives.citizens.implode()).fill_null(value=False).to_numpy()
    who = held["relative"].to_numpy()[there].astype(np.int64)
    value[there] = told[np.searchsorted(relatives.citizens.to_numpy(), who)]
    unknown = tally(row[np.isnan(value)], n) > 0
    none = tally(row, n) == 0
    found = _OF_MORE[asked.of_more](row, value, n)
    return np.where(unknown | none, np.nan, found)


def _highest(row: NDArray[np.int64], value: Floats, n: int) -> Floats:
    found = nothing(n)
    np.fmax.at(found, row, value)
    return found


def _lowest(row: NDArray[np.int64], value: Floats, n: int) -> Floats:
    found = nothing(n)
    np.fmin.at(found, row, value)
    return found


def _mean(row: NDArray[np.int64], value: Floats, n: int) -> Floats:
    count = tally(row, n)
    return np.divide(total(row, value, n), count, out=nothing(n), where=count > 0)


_OF_MORE: dict[str, Callable[[NDArray[np.int64], Floats, int], Floats]] = {
    "highest": _highest,
    "lowest": _lowest,
    "sum": total,
    "mean": _mean,
}


def _name(asked: HouseholdSignal) -> str:
    relation = asked.relation.replace("-", "_")
    return f"household_{relation}_{asked.signal}_{asked.of_more}"
