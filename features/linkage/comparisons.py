"""What is compared between two persons, in which steps, and which pairs are compared at all."""

from __future__ import annotations

from dataclasses import dataclass

Say = dict[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison, from the strictest down.

    Parameters
    ----------
    sql
        When it holds of the columns ``…_l`` and ``…_r``; ``ELSE`` for the last.
    agreeing
        How often it is so among the same person, before anything was learnt.
    """

    id: str
    sql: str
    agreeing: float
    say: Say
    by_frequency: str | None = None
    """The column whose rarer values weigh more."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison; ``missing`` says when there is nothing to compare, which weighs nothing."""

    id: str
    title: Say
    missing: str
    levels: tuple[Level, ...]


_SWAPPED = (
    "substr(born_l, 1, 4) = substr(born_r, 1, 4) AND substr(born_l, 6, 2) = substr(born_r, 9, 2) "
    "AND substr(born_l, 9, 2) = substr(born_r, 6, 2)"
)
_DIFFERENT = {"nl": "verschilt", "en": "differs"}

COMPARISONS = (
    Comparison(
        "family",
        {"nl": "achternaam", "en": "family name"},
        "family_l IS NULL OR family_r IS NULL",
        (
            Level(
                "same", "family_l = family_r", 0.85, {"nl": "gelijk", "en": "the same"}, "family"
            ),
            Level(
                "alike",
                "jaro_winkler_similarity(family_l, family_r) >= 0.92",
                0.07,
                {"nl": "bijna gelijk geschreven", "en": "written almost the same"},
            ),
            Level(
                "shared",
                "list_has_any(string_split(family_l, ' '), string_split(family_r, ' '))",
                0.05,
                {"nl": "één naam gemeen", "en": "one name in common"},
            ),
            Level("other", "ELSE", 0.03, _DIFFERENT),
        ),
    ),
    Comparison(
        "given",
        {"nl": "voornaam of voorletter", "en": "first name or initial"},
        "initial_l IS NULL OR initial_r IS NULL",
        (
            Level("same", "given_l = given_r", 0.75, {"nl": "gelijk", "en": "the same"}, "given"),
            Level(
                "alike",
                "jaro_winkler_similarity(given_l, given_r) >= 0.88",
                0.08,
                {"nl": "bijna gelijk geschreven", "en": "written almost the same"},
            ),
            Level(
                "initial",
                "initial_l = initial_r",
                0.12,
                {"nl": "dezelfde eerste letter", "en": "the same first letter"},
            ),
            Level("other", "ELSE", 0.05, _DIFFERENT),
        ),
    ),
    Comparison(
        "born",
        {"nl": "geboortedatum", "en": "date of birth"},
        "born_l IS NULL OR born_r IS NULL",
        (
            Level("same", "born_l = born_r", 0.93, {"nl": "gelijk", "en": "the same"}),
            Level(
                "swapped",
                _SWAPPED,
                0.02,
                {"nl": "dag en maand omgedraaid", "en": "day and month swapped"},
            ),
            Level(
                "slip",
                "damerau_levenshtein(born_l, born_r) <= 1",
                0.03,
                {"nl": "één cijfer anders", "en": "one digit different"},
            ),
            Level("other", "ELSE", 0.02, _DIFFERENT),
        ),
    ),
    Comparison(
        "place",
        {"nl": "adres", "en": "address"},
        "postcode_l IS NULL OR postcode_r IS NULL",
        (
            Level(
                "same",
                "postcode_l = postcode_r AND house_l = house_r",
                0.7,
                {
                    "nl": "dezelfde postcode en hetzelfde huisnummer",
                    "en": "the same postcode and house number",
                },
            ),
            Level(
                "postcode",
                "postcode_l = postcode_r",
                0.1,
                {"nl": "dezelfde postcode", "en": "the same postcode"},
            ),
            Level(
                "area",
                "substr(postcode_l, 1, 4) = substr(postcode_r, 1, 4)",
                0.05,
                {"nl": "dezelfde wijk", "en": "the same area"},
            ),
            Level("other", "ELSE", 0.15, _DIFFERENT),
        ),
    ),
)

CANDIDATES = (
    "l.born = r.born AND l.initial = r.initial",
    "l.born = r.born AND l.family = r.family",
    "l.family = r.family AND l.postcode = r.postcode",
    "l.family = r.family AND l.given = r.given AND substr(l.born, 1, 4) = substr(r.born, 1, 4)",
    "l.postcode = r.postcode AND l.house = r.house AND l.initial = r.initial",
)
"""The blocking rules: a pair is weighed when one of these holds, and else it is no candidate."""

SURE = ("born", "family", "initial")
"""Pairs equal in these are the same person but for a few: how many there are sets the prior."""

SURE_FINDS = 0.7
"""The part of the people in both that :data:`SURE` finds: the rest is misspelt or married."""

LEARN_FROM = (("born",), ("family", "postcode"), ("family", "initial"))
"""The columns that are equal in the pairs that are learnt from. A comparison of a column named in
one rule learns from the others; a rule that no pair keeps, where nobody has a postcode say, is
passed over."""
