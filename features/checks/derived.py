"""Derived facts rest on free facts, on each other without a circle, and give what they promise."""

from __future__ import annotations

import polars as pl
from polars.datatypes import DataTypeClass

from features.checks.circles import find_circle
from features.checks.draft import Draft, expected
from features.checks.sql import SqlFault, expression
from features.checks.vocabulary import AS_OF
from features.derived import DTYPES, rests_on
from features.domain import DerivedFact, FactType, RelativeMeasure, Sensitivity
from features.pack_files import Key


def check_derived(draft: Draft) -> None:
    """Refuse an unknown name, a protected fact, a circle, and an expression of another type."""
    for name, derived in draft.pack.domain.derived.items():
        if derived.relatives is not None:
            _relatives(draft, name, derived, derived.relatives)
        else:
            _parts(draft, name, derived)
    _no_circle(draft)
    for name, derived in draft.pack.domain.derived.items():
        if derived.sql is not None:
            _type(draft, name, derived)


def _relatives(draft: Draft, name: str, derived: DerivedFact, measure: RelativeMeasure) -> None:
    key: Key = ("derived", name, "relatives")
    if measure.kind not in draft.pack.domain.relations:
        problem = expected("relation", measure.kind, draft.pack.domain.relations)
        raise draft.domain.fault((*key, "kind"), problem)
    limit = measure.younger_than
    if isinstance(limit, str) and limit not in draft.pack.parameters:
        problem = expected("parameter", limit, draft.pack.parameters)
        raise draft.domain.fault((*key, "younger_than"), problem)
    gives = FactType.BOOLEAN if measure.measure == "any" else FactType.NUMBER
    if derived.type is not gives:
        problem = f"{measure.measure} gives a {gives.value}, not a {derived.type.value}"
        raise draft.domain.fault(("derived", name, "type"), problem)


def _parts(draft: Draft, name: str, derived: DerivedFact) -> None:
    domain = draft.pack.domain
    way = next(w for w in ("sql", "years_since", "days_until") if getattr(derived, w) is not None)
    key: Key = ("derived", name, way)
    if derived.sql is not None:
        try:
            expression(derived.sql)
        except SqlFault as fault:
            raise draft.domain.fault(key, str(fault)) from None
    known = {*domain.facts, *domain.derived, *draft.pack.parameters, AS_OF}
    for part in sorted(rests_on(derived)):
        if part not in known:
            raise draft.domain.fault(key, expected("fact or parameter", part, known))
        fact = domain.facts.get(part)
        if fact is not None and fact.sensitivity is not Sensitivity.FREE:
            raise draft.domain.fault(
                key,
                f"{part} is {fact.sensitivity.value}, and a derived fact is open to every signal; "
                "rest it on free facts, or ask the protected fact in a criterion",
            )
        if way != "sql" and (fact is None or fact.type is not FactType.DATE):
            raise draft.domain.fault(key, f"expected a fact of type date, and {part} is none")
    if way != "sql" and derived.type is not FactType.NUMBER:
        problem = f"{way} gives a number, not a {derived.type.value}"
        raise draft.domain.fault(("derived", name, "type"), problem)


def _no_circle(draft: Draft) -> None:
    derived = draft.pack.domain.derived
    needs = {name: sorted(rests_on(one) & derived.keys()) for name, one in derived.items()}
    circle = find_circle(needs)
    if circle:
        path = " → ".join(circle)
        problem = f"derived facts rest on each other in a circle: {path}"
        raise draft.domain.fault(("derived", circle[0], "sql"), problem)


def _type(draft: Draft, name: str, derived: DerivedFact) -> None:
    key: Key = ("derived", name, "sql")
    schema = fact_types(draft)
    try:
        gives = expression(derived.sql or "").result_type(schema)
    except SqlFault as fault:
        raise draft.domain.fault(key, str(fault)) from None
    fits = gives == DTYPES[derived.type] or (derived.type is FactType.NUMBER and gives.is_numeric())
    if not fits:
        problem = f"gives a {gives}, and type {derived.type.value} was expected"
        raise draft.domain.fault(key, problem)


def fact_types(draft: Draft) -> dict[str, pl.DataType | DataTypeClass]:
    """The column types of facts, derived facts, parameters and the day."""
    domain = draft.pack.domain
    types: dict[str, pl.DataType | DataTypeClass] = {
        **{name: DTYPES[fact.type] for name, fact in domain.facts.items()},
        **{name: DTYPES[derived.type] for name, derived in domain.derived.items()},
    }
    return types | dict.fromkeys(draft.pack.parameters, pl.Float64) | {AS_OF: pl.Date}
