"""Signals that a pack adds as SQL, over facts, derived facts, parameters and other signals.

They are worked out last, on the columns of the other families. What a signal rests on is read off
its SQL: its sources are those of all it names, and it is unknown where none of these has delivered,
whatever the SQL makes of a null.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.columns import Columns, Floats, matrix, nothing
from features.derived import derived_sources
from features.facts_at import told_facts
from features.families import every_family, families_of
from features.families.base import Family, Signal
from features.families.derived import derived_frame
from features.pack import Pack
from features.provenance import Sources, is_known, sources_of_fact
from features.records import Records
from features.remembered import remembered
from features.sql import parsed, with_sql


class PackSignals(Family):
    """The ``signals:`` of ``domain.yaml``, by their own names."""

    name = "pack_signals"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """In the order of the pack."""
        behind = _sources(pack) if pack.domain.signals else {}
        return tuple(
            Signal(
                name,
                one.unit,
                one.meaning,
                one.concept,
                self.name,
                behind[name],
                purposes=_purposes(pack).get(name),
            )
            for name, one in pack.domain.signals.items()
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """As :meth:`over`, with only the families that it rests on."""
        if not pack.domain.signals:
            return {}
        columns: dict[str, NDArray[np.generic]] = {}
        asked = frozenset().union(*asked_by(pack).values())
        for family in families_of(pack):
            if family.name != self.name and asked & {one.name for one in family.signals(pack)}:
                columns |= family.compute(records, pack)
        return self.over(columns, records, pack)

    def over(self, columns: Columns, records: Records, pack: Pack) -> Columns:
        """On the ``columns`` that the other families made of the same records."""
        if not pack.domain.signals:
            return {}
        declared = {signal.name: signal for signal in self.signals(pack)}
        frame = _frame(columns, records, pack)
        for name in in_order(asked_by(pack)):
            frame = with_sql(frame, {name: pack.domain.signals[name].sql})
            frame = frame.with_columns(pl.col(name).cast(pl.Float64))
        known = {name: is_known(one.sources, records.sources) for name, one in declared.items()}
        n = len(records.citizens)
        return {name: _finite(frame[name]) if known[name] else nothing(n) for name in declared}


@remembered(8)
def asked_by(pack: Pack) -> dict[str, frozenset[str]]:
    """The names that each of the pack's own signals is computed from."""
    return {
        name: frozenset(parsed(one.sql).meta.root_names())
        for name, one in pack.domain.signals.items()
    }


def in_order(asked: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Each after the ones it rests on, in the order given; a loaded pack has no circle."""
    order: list[str] = []
    while len(order) < len(asked):
        free = [n for n, of in asked.items() if n not in order and of & asked.keys() <= {*order}]
        if not free:
            raise ValueError(f"signals rest on each other: {sorted(asked.keys() - {*order})}")
        order += free
    return tuple(order)


@remembered(8)
def _sources(pack: Pack) -> dict[str, Sources]:
    """The sources behind each, through all that it names."""
    behind: dict[str, Sources] = {**sources_of_fact(pack), **derived_sources(pack)}
    for family in every_family(pack):
        if not isinstance(family, PackSignals):
            behind |= {signal.name: signal.sources for signal in family.signals(pack)}
    asked = asked_by(pack)
    for name in in_order(asked):
        behind[name] = frozenset().union(*(behind.get(part, frozenset()) for part in asked[name]))
    return {name: behind[name] for name in asked}


@remembered(8)
def _purposes(pack: Pack) -> dict[str, frozenset[str]]:
    """The only purposes of those that rest on signals which serve no others."""
    only = {
        signal.name: signal.purposes
        for family in every_family(pack)
        if not isinstance(family, PackSignals)
        for signal in family.signals(pack)
        if signal.purposes is not None
    }
    asked = asked_by(pack)
    for name in in_order(asked):
        found = [only[part] for part in asked[name] if part in only]
        if found:
            only[name] = frozenset.intersection(*found)
    return only


def _frame(columns: Columns, records: Records, pack: Pack) -> pl.DataFrame:
    """What is named, one row per citizen: signals as they stand in the matrix."""
    asked = frozenset().union(*asked_by(pack).values())
    told = told_facts(records, pack)
    derived = tuple(name for name in pack.domain.derived if name in asked)
    frame = derived_frame(records, pack, derived) if derived else told
    kept = [name for name in frame.columns if name in asked]
    named = {name: values for name, values in columns.items() if name in asked}
    return frame.select("citizen", *kept).with_columns(
        matrix(named, len(records.citizens)).get_columns()
    )


def _finite(found: pl.Series) -> Floats:
    values = found.to_numpy().astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)
