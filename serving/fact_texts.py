"""Values as people read them: labels for categories, amounts with their unit, days, yes and no."""

from __future__ import annotations

from datetime import date

from features.domain import Fact, FactType, Name
from features.pack import Pack
from features.units import in_language, unit_of, unit_title
from serving.phrases import day_text, number_text, phrase

_MOST_DECIMALS = 2


def value_text(pack: Pack, name: Name, value: str, language: str, *, today: date) -> str:
    """The ``value`` of a fact as the lake holds it: ``huurt``, ``€ 1.345 per maand``, ``ja``."""
    fact = pack.domain.facts[name]
    if fact.type is FactType.BOOLEAN:
        return phrase("yes" if value.casefold() in ("true", "1", "1.0") else "no", language)
    if fact.type is FactType.DATE:
        return day_text(date.fromisoformat(value[:10]), language, today=today)
    if fact.type is FactType.NUMBER:
        return amount_text(pack, float(value), fact.unit, language)
    return category_text(pack, name, value, language)


def category_text(pack: Pack, name: Name, category: str, language: str) -> str:
    """What people call a category of a fact; the category itself where the pack does not say."""
    declared = pack.domain.facts.get(name) or pack.domain.derived.get(name)
    label = declared.labels.get(category) if declared else None
    return pack.say(label, language) if label else category


def amount_text(pack: Pack, amount: float, code: str | None, language: str) -> str:
    """A number with its unit as people write it: ``1 kind``, ``€ 1.345,45 per maand``."""
    unit = unit_of(pack, code) if code else None
    if unit is None:
        return " ".join([number_text(amount, language), *([code] if code else [])])
    number = number_text(abs(amount), language, decimals=unit.decimals, most=_MOST_DECIMALS)
    written = (unit.one if amount == 1 else None) or unit.amount
    sign = "-" if amount < 0 else ""
    if written is None:
        return f"{sign}{number} {in_language(unit.title, pack, language)}"
    return sign + in_language(written, pack, language).format(amount=number)


def answers_text(pack: Pack, name: Name, language: str) -> str | None:
    """In what a question about a fact is answered: its categories or its unit; None for others."""
    declared = pack.domain.facts.get(name) or pack.domain.derived.get(name)
    if isinstance(declared, Fact) and declared.labels:
        said = [category_text(pack, name, one, language) for one in declared.categories]
        return phrase("either", language, first=", ".join(said[:-1]), last=said[-1])
    if declared is not None and declared.type is FactType.NUMBER and declared.unit:
        return phrase("in-unit", language, unit=unit_title(pack, declared.unit, language))
    return None
