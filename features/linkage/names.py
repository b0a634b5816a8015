"""Dutch names taken apart: the family name without its prefix, the given name, the initial.

``J. van den Berg``, ``Berg, Jan van den`` and ``BERG-DE VRIES, J`` are read alike; so are letters
with and without accents.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PREFIXES = frozenset(
    "van de der den het 't te ten ter von zu da di do dos du la le el al bin ben ibn op in aan "
    "bij uit 's d' l'".split()
)
_WORN = frozenset("tsdl")
"""Prefixes whose apostrophe was lost; before a family name they may as well be an initial."""
_BETWEEN = re.compile(r"[\s./]+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a name, folded; None where the name does not say it."""

    family: str | None = None
    """Words of the family name, without prefixes, separated by a space."""
    given: str | None = None
    """The first given name, when it is written out."""
    initial: str | None = None


def folded(text: str) -> str:
    """Without case, accents and the ligature ij."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def parts_of(name: str | None) -> Name:
    """``name`` taken apart. A name of one word is a family name."""
    before, comma, after = folded(name or "").partition(",")
    family = _words(before)
    if comma:
        given = [word for word in _words(after) if word not in PREFIXES]
    else:
        at = _where_family_begins(family)
        given, family = family[:at], family[at:]
    family = [part for word in family for part in word.split("-") if part]
    kept = [word for word in family if word not in PREFIXES | _WORN] or family
    first = given[0].partition("-")[0] if given else None
    return Name(
        family=" ".join(kept) or None,
        given=first if first and len(first) > 1 else None,
        initial=first[0] if first else None,
    )


def _words(text: str) -> list[str]:
    return [word for word in (part.strip(",-") for part in _BETWEEN.split(text)) if word]


def _where_family_begins(words: list[str]) -> int:
    """At the first prefix or, after a given name, double name; or else at the last word."""
    for place, word in enumerate(words):
        if word in PREFIXES or (place > 0 and "-" in word):
            return place
    return max(len(words) - 1, 0)
