"""A criterion is SQL over known names, gives yes or no, and keeps to what a rule may ask."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars.datatypes import DataTypeClass

from features.catalogue import Criterion
from features.checks.derived import fact_types
from features.checks.draft import Draft, expected
from features.checks.sql import Expression, SqlFault, expression
from features.domain import FactType, Sensitivity
from features.families import families_of
from features.pack import has_column, life_event_column
from features.pack_files import Key

_OWN_NUMBERS = {"0", "1"}
"""The only numbers a criterion may hold: *none* and *at least one*."""


def check_criteria(draft: Draft) -> None:
    """Refuse a criterion that cannot be relied on, with the place and the mend."""
    columns = {
        **fact_types(draft),
        **{has_column(name): pl.Boolean() for name in draft.pack.services},
        **{life_event_column(name): pl.Float64() for name in draft.pack.life_events},
    }
    signals = signal_names(draft)
    columns = {**dict.fromkeys(signals, pl.Float32()), **columns}
    for service, index, criterion, parsed in _parsed(draft):
        try:
            _check(draft, criterion, parsed, columns)
        except SqlFault as fault:
            key: Key = ("criteria", index, "sql")
            raise draft.service_fault(service, key, f"{fault} (in {criterion.sql!r})") from None
    _monotone(draft, signals)


def _monotone(draft: Draft, signals: frozenset[str]) -> None:
    for service, definition in draft.pack.services.items():
        for direction in ("increasing_in", "decreasing_in"):
            for index, name in enumerate(getattr(definition, direction)):
                if name not in signals:
                    problem = expected("signal", name, signals)
                    raise draft.service_fault(service, (direction, index), problem)


def signal_names(draft: Draft) -> frozenset[str]:
    """The signals that the families make of the pack."""
    pack = draft.pack
    return frozenset(s.name for family in families_of(pack) for s in family.signals(pack))


def _parsed(draft: Draft) -> list[tuple[str, int, Criterion, Expression]]:
    found = []
    for service, definition in draft.pack.services.items():
        for index, criterion in enumerate(definition.criteria):
            try:
                found.append((service, index, criterion, expression(criterion.sql)))
            except SqlFault as fault:
                raise draft.service_fault(service, ("criteria", index, "sql"), str(fault)) from None
    return found


def _check(
    draft: Draft,
    criterion: Criterion,
    parsed: Expression,
    columns: Mapping[str, pl.DataType | DataTypeClass],
) -> None:
    for name in parsed.names:
        if name not in columns:
            raise SqlFault(_unknown(draft, name, columns))
        _may_ask(draft, criterion, name)
    _numbers(parsed)
    _texts(draft, parsed)
    gives = parsed.result_type(columns)
    if gives != pl.Boolean:
        raise SqlFault(f"gives a {gives}; expected yes or no (a comparison)")


def _unknown(draft: Draft, name: str, columns: Mapping[str, object]) -> str:
    if name.startswith("has_"):
        service = name.removeprefix("has_").replace("_", "-")
        return f"{name}: {expected('service', service, draft.pack.services)}"
    if name.startswith("days_since_") and not name.startswith("days_since_last_"):
        life_event = name.removeprefix("days_since_").replace("_", "-")
        return f"{name}: {expected('life event', life_event, draft.pack.life_events)}"
    return expected("fact, parameter or signal", name, columns)


def _may_ask(draft: Draft, criterion: Criterion, name: str) -> None:
    fact = draft.pack.domain.facts.get(name)
    if fact is None or fact.sensitivity is Sensitivity.FREE:
        return
    if fact.sensitivity is Sensitivity.NEVER:
        raise SqlFault(
            f"{name} is a protected attribute of class never: it is kept for audits, and no "
            "criterion may ask it; take it out"
        )
    if not criterion.legal_basis:
        raise SqlFault(
            f"{name} is a protected attribute of class criterion-only; expected a legal_basis "
            "on this criterion that says on what ground it is asked"
        )


def _numbers(parsed: Expression) -> None:
    for number in parsed.numbers:
        if number not in _OWN_NUMBERS:
            raise SqlFault(
                f"holds the number {number}; expected the name of a dated parameter, to be put "
                "in parameters.yaml with its year and source"
            )


def _texts(draft: Draft, parsed: Expression) -> None:
    """A text in a criterion is a category of one of the facts that it asks."""
    facts = draft.pack.domain.facts
    asked = [facts[name] for name in parsed.names if name in facts]
    known = {c for fact in asked if fact.type is FactType.CATEGORY for c in fact.categories}
    for text in parsed.texts:
        if text not in known:
            raise SqlFault(expected("category", text, known))
