"""What a relation is called, for people."""

from __future__ import annotations

from features.pack import Pack
from serving.phrases import PHRASES, phrase


def relation_title(kind: str, pack: Pack, language: str) -> str:
    """The pack's title of a representative; else the usual word, or the pack's own name for it."""
    if (speaks := pack.domain.representatives.get(kind)) is not None:
        return pack.say(speaks.title, language)
    key = f"relation-{kind}"
    return phrase(key, language) if key in PHRASES else kind.replace("-", " ").capitalize()
