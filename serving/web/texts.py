"""The sentences of the pages themselves, in Dutch and English.

Texts about services, reasons and sources come from the domain pack, through the application.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("nl", "en")
"""Dutch first."""


@dataclass(frozen=True)
class Texts:
    """The sentences of one language, by dotted key."""

    language: str
    sentences: dict[str, str]

    def say(self, key: str, **values: object) -> str:
        """The sentence under ``key`` with its values filled in; raises KeyError."""
        return self.sentences[key].format(**values)

    def count(self, key: str, number: int, **values: object) -> str:
        """The sentence for a number of things: ``key.one`` or ``key.other``."""
        form = "one" if number == 1 else "other"
        return self.say(f"{key}.{form}", number=number, **values)

    def says(self, key: str) -> bool:
        """Whether there is a sentence under ``key``."""
        return key in self.sentences


@cache
def texts(language: str) -> Texts:
    """The sentences in ``language``, or in the first language where we do not speak it."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    tree = yaml.safe_load((FOLDER / f"{spoken}.yaml").read_text(encoding="utf-8"))
    return Texts(spoken, dict(_leaves(tree, "")))


def _leaves(tree: dict[str, Any], path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        place = f"{path}.{key}" if path else str(key)
        found += _leaves(value, place) if isinstance(value, dict) else [(place, str(value))]
    return found
