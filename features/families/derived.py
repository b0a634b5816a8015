"""Derived facts as signals: age, children at home, and what else a pack derives."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.codes import NO_MOMENT, days
from features.columns import Columns, Floats
from features.derived import derived_sources, rests_on, with_derived
from features.domain import DerivedFact, FactType
from features.facts_at import facts_at, some_told_facts, told_facts, told_names
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.records import Records
from features.windows import day_number, today

_VALUE = {"en": "{title}", "nl": "{title}"}
_UNTIL = {
    "en": "Days until “{title}” (below zero: since)",
    "nl": "Dagen tot “{title}” (onder nul: sinds)",
}
_UNITS = {FactType.BOOLEAN: "yes/no", FactType.DATE: "days"}


class Derived(Family):
    """``derived_<name>``, never by way of anything protected.

    A derived category has no declared codes and is left out.
    """

    name = "derived"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One signal per derived fact."""
        behind = derived_sources(pack)
        return tuple(
            Signal(
                name=f"derived_{name}",
                unit=_UNITS.get(derived.type) or derived.unit or "number",
                meaning=meaning(
                    pack,
                    _UNTIL if derived.type is FactType.DATE else _VALUE,
                    title=derived.title,
                ),
                concept=derived.concept,
                family=self.name,
                sources=behind[name],
            )
            for name, derived in _told(pack).items()
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """As :func:`features.facts_at.facts_at` has them, without its other columns."""
        told = _told(pack)
        asked = _rested(pack, tuple(told))
        if asked <= told_names(pack):
            frame = with_derived(some_told_facts(records, pack, asked), records, pack, tuple(told))
        else:
            frame = derived_frame(records, pack, tuple(told))
        now = day_number(today(records.as_of, pack.domain.time_zone))
        columns: dict[str, Floats] = {}
        for name, derived in told.items():
            if derived.type is FactType.DATE:
                when = days(frame[name])
                columns[f"derived_{name}"] = np.where(when == NO_MOMENT, np.nan, when - now)
            else:
                columns[f"derived_{name}"] = frame[name].to_numpy().astype(np.float64)
        return columns


def derived_frame(records: Records, pack: Pack, names: tuple[str, ...]) -> pl.DataFrame:
    """The derived facts, over what is told alone unless one rests on more than that."""
    if _rested(pack, names) <= told_names(pack):
        return with_derived(told_facts(records, pack), records, pack, names)
    return facts_at(records, pack)


def _rested(pack: Pack, names: tuple[str, ...]) -> frozenset[str]:
    """What is not derived itself, and derived facts rest on: directly or by way of others."""
    every, found, seen = pack.domain.derived, set[str](), list(names)
    for name in seen:
        for part in rests_on(every[name]):
            if part not in every:
                found.add(part)
            elif part not in seen:
                seen.append(part)
    return frozenset(found)


def _told(pack: Pack) -> dict[str, DerivedFact]:
    return {
        name: derived
        for name, derived in pack.domain.derived.items()
        if derived.signal and derived.type is not FactType.CATEGORY
    }
