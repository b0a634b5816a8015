"""Values are told in people's words: every category has a label, and every unit is known.

A pack in one language may take its codes for words. In a pack of more languages a code is right in
one of them at most, so there it says what people read.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from features.checks.draft import Draft, expected
from features.domain import FactType, Labels
from features.pack_files import Key, PackFile
from features.units import UNITS


def check_wording(draft: Draft) -> None:
    """Refuse labels that do not cover the categories, a unit that nobody declares, and a unit's
    text without its amount."""
    _labels(draft)
    _amounts(draft)
    if len(draft.pack.languages) > 1:
        _units(draft)


def _labels(draft: Draft) -> None:
    domain, many = draft.pack.domain, len(draft.pack.languages) > 1
    for name, fact in domain.facts.items():
        _cover(draft, ("facts", name), fact.labels, fact.categories, asked=many)
    for name, derived in domain.derived.items():
        key: Key = ("derived", name, "labels")
        category = derived.type is FactType.CATEGORY
        if derived.labels and not category:
            raise draft.domain.fault(key, "labels go with type category only")
        if category and many and not derived.labels:
            raise draft.domain.fault(key, "is required: a label for every text that it can be")


def _cover(
    draft: Draft, key: Key, labels: Labels, categories: tuple[str, ...], *, asked: bool
) -> None:
    for label in labels:
        if label not in categories:
            problem = expected("category", label, categories)
            raise draft.domain.fault((*key, "labels", label), problem)
    for category in categories:
        if category not in labels and (asked or labels):
            problem = f"the label of category {category!r} is missing; say what people call it"
            raise draft.domain.fault((*key, "labels", category), problem)


def _amounts(draft: Draft) -> None:
    for code, unit in draft.pack.domain.units.items():
        for field, text in (("amount", unit.amount), ("one", unit.one)):
            for language, words in (text or {}).items():
                if _places(words) != ["amount"]:
                    problem = "expected {amount} in it, once, where the number stands"
                    key: Key = ("units", code, field, language)
                    raise draft.domain.fault(key, f"{problem} (got {words!r})")


def _places(words: str) -> list[str] | None:
    try:
        return [field for _, field, _, _ in Formatter().parse(words) if field is not None]
    except ValueError:
        return None


def _units(draft: Draft) -> None:
    known = {**UNITS, **draft.pack.domain.units}
    for file, key, code in _used(draft):
        if code not in known:
            problem = expected("unit", code, known)
            raise file.fault(key, f"{problem}; or declare it under units in domain.yaml")


def _used(draft: Draft) -> Iterator[tuple[PackFile, Key, str]]:
    domain = draft.pack.domain
    groups = (
        ("event_types", domain.event_types, draft.domain),
        ("facts", domain.facts, draft.domain),
        ("derived", domain.derived, draft.domain),
        ("parameters", draft.pack.parameters, draft.parameters),
    )
    for group, declared, file in groups:
        for name, one in declared.items():
            if one.unit is not None:
                yield file, (group, name, "unit"), one.unit
