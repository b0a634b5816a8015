"""Why two persons were taken for one, in words and bits: which comparisons agreed, not on what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from features.linkage.comparisons import COMPARISONS
from features.pack import Pack

_SAY = {
    "prior": {
        "nl": "Uitgangspunt, voordat er iets is vergeleken: {bits} bits.",
        "en": "The start, before anything is compared: {bits} bits.",
    },
    "compared": {
        "nl": "Vergeleken {what}: {how}, {bits} bits.",
        "en": "Compared {what}: {how}, {bits} bits.",
    },
    "missing": {
        "nl": "Er is geen {what} om te vergelijken: 0 bits.",
        "en": "There is no {what} to compare: 0 bits.",
    },
    "total": {
        "nl": "Samen {bits} bits. Dat is een kans van {probability}% dat dit dezelfde persoon is, "
        "naast de {others} andere personen die het zouden kunnen zijn.",
        "en": "Together {bits} bits. That is a chance of {probability}% that this is the same "
        "person, beside the {others} others that it could be.",
    },
    "counts": {"nl": "Dit telt mee voor: {purposes}.", "en": "This counts for: {purposes}."},
    "counts_not": {
        "nl": "Dit telt voor geen enkel doel mee.",
        "en": "This counts for no purpose.",
    },
}


def explained(match: Mapping[str, Any], others: int, pack: Pack, language: str) -> list[str]:
    """Sentences on one match (a row of :data:`features.matches.MATCHES`), in Dutch or English.

    No value of anyone is in them.

    Parameters
    ----------
    others
        How many other candidates the alias has.
    """
    said = "nl" if language == "nl" else "en"
    told = json.loads(match["contributions"])
    lines = [_SAY["prior"][said].format(bits=_bits(match["prior"], said))]
    for one in COMPARISONS:
        level, bits = told[one.id]
        what = one.title[said]
        if level is None:
            lines.append(_SAY["missing"][said].format(what=what))
            continue
        words = next(step.say[said] for step in one.levels if step.id == level)
        lines.append(_SAY["compared"][said].format(what=what, how=words, bits=_bits(bits, said)))
    chance = f"{100 * match['probability']:.2f}"
    lines.append(
        _SAY["total"][said].format(
            bits=_bits(match["prior"] + match["weight"], said),
            probability=chance.replace(".", ",") if said == "nl" else chance,
            others=others,
        )
    )
    purposes = counts_for(match["probability"], pack)
    if not purposes:
        return [*lines, _SAY["counts_not"][said]]
    titles = ", ".join(pack.say(pack.domain.purposes[one].title, language) for one in purposes)
    return [*lines, _SAY["counts"][said].format(purposes=titles)]


def counts_for(probability: float, pack: Pack) -> list[str]:
    """The purposes that a match of this probability counts for."""
    return [
        name
        for name, purpose in pack.domain.purposes.items()
        if purpose.link_probability is not None and probability >= purpose.link_probability
    ]


def _bits(bits: float, said: str) -> str:
    text = f"{bits:+.1f}"
    return text.replace(".", ",") if said == "nl" else text
