"""What a person types as the value of a fact, read as the lake holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from features.domain import Fact, FactType, Name, Sensitivity
from features.pack import Pack
from serving.errors import InvalidRequestError
from serving.phrases import phrase

_POINTS = {"nl": (".", ","), "en": (",", ".")}
"""What parts thousands, and what parts decimals."""
_LARGEST = 1e12
_YES = ("true", "yes", "ja", "1")
_NO = ("false", "no", "nee", "0")
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class TypedFact:
    """A fact's value: as text and as the number to compute with (:mod:`features.facts`)."""

    name: Name
    value: str
    number: float


def askable(pack: Pack, name: Name) -> Fact | None:
    """The fact ``name`` if a citizen can be asked for it: no other is ever taken in."""
    fact = pack.domain.facts.get(name)
    return None if fact is None or fact.sensitivity is Sensitivity.NEVER else fact


def typed_fact(pack: Pack, name: Name, text: str, language: str) -> TypedFact:
    """``text`` as a value of the fact ``name``.

    Raises
    ------
    InvalidRequestError
        When there is no such fact to ask, or this is no value of it; it says what is.
    """
    fact = askable(pack, name)
    if fact is None:
        raise InvalidRequestError("There is no such fact that a citizen can be asked for.")
    asked = text.strip()
    if fact.type is FactType.NUMBER:
        number = _number(asked, language)
        return TypedFact(name, str(number), number)
    if fact.type is FactType.BOOLEAN:
        return _yes_or_no(name, asked)
    if fact.type is FactType.DATE:
        day = _day(asked)
        return TypedFact(name, day.isoformat(), float(day.toordinal() - _EPOCH))
    if asked not in fact.categories:
        raise InvalidRequestError(f"{name}: choose one of {', '.join(fact.categories)}.")
    return TypedFact(name, asked, float(fact.categories.index(asked)))


def choices(pack: Pack, name: Name, language: str) -> tuple[tuple[str, str], ...]:
    """What can be chosen as the value of ``name``: (value, label); empty for what is typed."""
    fact = pack.domain.facts[name]
    if fact.type is FactType.BOOLEAN:
        return (("true", phrase("yes", language)), ("false", phrase("no", language)))
    return tuple(
        (one, pack.say(fact.labels[one], language) if one in fact.labels else one)
        for one in fact.categories
    )


def _number(text: str, language: str) -> float:
    thousands, decimals = _POINTS.get(language, _POINTS["en"])
    plain = re.sub(r"[\s€$£]", "", text)
    if re.fullmatch(rf"-?\d{{1,3}}(\{thousands}\d{{3}})+(\{decimals}\d+)?", plain):
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,13}(\.\d{1,6})?", plain) or abs(float(plain)) > _LARGEST:
        raise InvalidRequestError("Fill in a number, such as 1500.")
    return float(plain)


def _yes_or_no(name: Name, text: str) -> TypedFact:
    said = text.casefold()
    if said not in (*_YES, *_NO):
        raise InvalidRequestError(f"{name}: answer with true or false.")
    met = said in _YES
    return TypedFact(name, "true" if met else "false", float(met))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequestError("Fill in a day, such as 1957-01-02.") from None
