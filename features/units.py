"""Units that need no pack: of time, of counting, and of what is not an amount at all.

A unit is known by its code (``euro per month``), which facts, events, parameters and signals name.
What people read is a :class:`features.domain.Unit`, the pack's own or one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from features.domain import Unit
from features.pack import Pack


def _unit(dutch: str, english: str, one: tuple[str, str] | None = None) -> Unit:
    return Unit(
        title={"nl": dutch, "en": english},
        one=None if one is None else {"nl": f"{{amount}} {one[0]}", "en": f"{{amount}} {one[1]}"},
    )


UNITS: Final[Mapping[str, Unit]] = {
    "years": _unit("jaar", "years", ("jaar", "year")),
    "months": _unit("maanden", "months", ("maand", "month")),
    "weeks": _unit("weken", "weeks", ("week", "week")),
    "days": _unit("dagen", "days", ("dag", "day")),
    "hours": _unit("uur", "hours", ("uur", "hour")),
    "times": _unit("keer", "times", ("keer", "time")),
    "percent": Unit(
        title={"nl": "procent", "en": "percent"},
        amount={"nl": "{amount}%", "en": "{amount}%"},
    ),
    "cases": _unit("zaken", "cases", ("zaak", "case")),
    "services": _unit("diensten", "services", ("dienst", "service")),
    "organisations": _unit("organisaties", "organisations", ("organisatie", "organisation")),
    "share": _unit("aandeel", "share"),
    "amount": _unit("bedrag", "amount"),
    "number": _unit("getal", "number"),
    "code": _unit("code", "code"),
    "yes/no": _unit("ja/nee", "yes/no"),
}
"""Code → how people write it, in the languages that we speak."""

FALLBACK = "en"
"""The language of these units for a pack in a language that we do not speak."""


def unit_of(pack: Pack, code: str) -> Unit | None:
    """What people read for the unit ``code``, or None where nobody says."""
    return pack.domain.units.get(code) or UNITS.get(code)


def unit_title(pack: Pack, code: str, language: str) -> str:
    """``euro per maand``; the code itself where nobody says what people read for it."""
    unit = unit_of(pack, code)
    return code if unit is None else in_language(unit.title, pack, language)


def in_language(text: Mapping[str, str], pack: Pack, language: str) -> str:
    """``text`` of a unit in ``language``, or as near to it as there is."""
    return text.get(language) or text.get(pack.languages[0]) or text[FALLBACK]
