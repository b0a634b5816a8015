"""How the audit's entries hang together."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from serving.sealing import Sealing

USE = "audit"
"""What an entry's sealed part is for."""
FORGET = "forget entries: "
"""Begins the action of an entry that says how many others no longer tell of whom they are."""
_CHAINED = ("at", "by", "action", "purpose", "sealed", "status", "began", "trace", "span")


def link(sealing: Sealing, row: dict[str, Any]) -> bytes:
    """The hash of an entry. The pseudonym stands outside it: erasing it leaves the chain whole.

    That an entry is about this citizen is proved by its sealed part, which opens for them alone.
    """
    said = [row["number"], *(_plain(row[name]) for name in _CHAINED)]
    return sealing.link(row["previous"], json.dumps(said, ensure_ascii=False).encode())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
