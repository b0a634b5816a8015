"""Sentences that say what a signal means, composed of the pack's own titles."""

from __future__ import annotations

from features.domain import Text
from features.pack import Pack

FALLBACK = "en"
"""The language of a sentence that a family does not have in the pack's language."""


def meaning(pack: Pack, sentence: Text, **parts: Text | str | float) -> Text:
    """``sentence`` in every language of ``pack``, its ``{parts}`` filled in.

    Titles are taken in the same language. Where the family has no sentence in a language, that of
    the pack's first language stands in, and where that is missing too, the English one.
    """
    return {
        language: _template(pack, sentence, language).format(
            **{name: _part(pack, part, language) for name, part in parts.items()}
        )
        for language in pack.languages
    }


def _template(pack: Pack, sentence: Text, language: str) -> str:
    return sentence.get(language) or sentence.get(pack.languages[0]) or sentence[FALLBACK]


def _part(pack: Pack, part: Text | str | float, language: str) -> str:
    return pack.say(part, language) if isinstance(part, dict) else str(part)
