"""A pack's own signals are SQL over known, free names, without a circle, and give a number."""

from __future__ import annotations

import polars as pl
from polars.datatypes import DataTypeClass

from features.checks.circles import find_circle
from features.checks.derived import fact_types
from features.checks.draft import Draft, expected
from features.checks.sql import SqlFault, expression
from features.domain import Sensitivity
from features.families import families_of
from features.families.pack_signals import PackSignals, asked_by, in_order


def check_signals(draft: Draft) -> None:
    """Refuse a name that is taken, an unknown concept or name, a protected fact, a circle, and
    what is neither a number nor yes or no."""
    types = _columns(draft)
    for name, one in draft.pack.domain.signals.items():
        if name in types:
            problem = f"the name {name} is taken already; choose another"
            raise draft.domain.fault(("signals", name), problem)
        if one.concept != "other" and one.concept not in draft.pack.domain.concepts:
            problem = expected("concept", one.concept, draft.pack.domain.concepts)
            raise draft.domain.fault(("signals", name, "concept"), problem)
        _named(draft, name, one.sql, {*types, *draft.pack.domain.signals})
    _no_circle(draft)
    for name in in_order(asked_by(draft.pack)):
        types[name] = _type(draft, name, types)


def _columns(draft: Draft) -> dict[str, pl.DataType | DataTypeClass]:
    others = (one for one in families_of(draft.pack) if not isinstance(one, PackSignals))
    signals = {signal.name for family in others for signal in family.signals(draft.pack)}
    return {**dict.fromkeys(signals, pl.Float32), **fact_types(draft)}


def _named(draft: Draft, name: str, sql: str, known: set[str]) -> None:
    try:
        names = expression(sql).names
    except SqlFault as fault:
        raise _fault(draft, name, str(fault)) from None
    for part in names:
        if part not in known:
            raise _fault(draft, name, expected("fact, parameter or signal", part, known))
        fact = draft.pack.domain.facts.get(part)
        if fact is not None and fact.sensitivity is not Sensitivity.FREE:
            raise _fault(
                draft,
                name,
                f"{part} is {fact.sensitivity.value}: a protected attribute never reaches a "
                "signal; rest it on free facts, or ask the protected fact in a criterion",
            )


def _no_circle(draft: Draft) -> None:
    asked = asked_by(draft.pack)
    circle = find_circle({name: sorted(of & asked.keys()) for name, of in asked.items()})
    if circle:
        problem = f"signals rest on each other in a circle: {' → '.join(circle)}"
        raise _fault(draft, circle[0], problem)


def _type(
    draft: Draft, name: str, types: dict[str, pl.DataType | DataTypeClass]
) -> pl.DataType | DataTypeClass:
    try:
        gives = expression(draft.pack.domain.signals[name].sql).result_type(types)
    except SqlFault as fault:
        raise _fault(draft, name, str(fault)) from None
    if not (gives.is_numeric() or gives == pl.Boolean):
        raise _fault(draft, name, f"gives a {gives}; expected a number, or yes or no")
    return pl.Float64()


def _fault(draft: Draft, name: str, problem: str) -> Exception:
    return draft.domain.fault(("signals", name, "sql"), problem)
