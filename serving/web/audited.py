"""Entries of the audit in the visitor's own language: what is stored is short and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from serving.casework.audit_trail import ANY_NUMBER
from serving.web.texts import Texts

PATTERNS: Final = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"store (?P<number>\d+|#) identities", "store-identities"),
        (r"read (?P<number>\d+|#) identities to link them", "read-to-link"),
        (r"erase (?P<number>\d+|#) identities", "erase-identities"),
        (r"erase (?P<number>\d+|#) citizens", "erase-citizens"),
        (r"forget entries: (?P<number>\d+|#)", "forget-entries"),
        (r"identify by (?P<scheme>.+)", "identify-by"),
        (r"stop all suggestions", "stop-all"),
        (r"stop service (?P<name>.+)", "stop-service"),
        (r"stop model (?P<name>.+)", "stop-model"),
        (r"lift stop of all suggestions", "lift-all"),
        (r"lift stop of service (?P<name>.+)", "lift-service"),
        (r"lift stop of model (?P<name>.+)", "lift-model"),
    )
)
"""What is stored with a number or a name in it, and the sentence that tells it."""
_REST: Final = re.compile(r"[^a-z]+")


def audited_text(action: str, words: Texts, services: Mapping[str, str]) -> str:
    """``action`` of an entry as people read it; as it is stored where we have no words for it.

    ``services`` are the titles of the catalogue.
    """
    for pattern, key in PATTERNS:
        if (said := pattern.fullmatch(action)) is not None:
            values = said.groupdict()
            if "number" in values:
                return _counted(f"looks.action.{key}", values["number"], words)
            name = values.get("name", "")
            return words.say(f"looks.action.{key}", **values | {"name": services.get(name, name)})
    key = f"looks.action.{_REST.sub('-', action.lower()).strip('-')}"
    return words.say(key) if words.says(key) else action


def _counted(key: str, number: str, words: Texts) -> str:
    """A sentence with a number; ``#`` is any number."""
    if number == ANY_NUMBER:
        return words.say(f"{key}.other", number="…")
    return words.count(key, int(number))
