"""What an identity provider says of itself: its addresses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

DISCOVERY = "/.well-known/openid-configuration"
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")

Fetch = Callable[[str], bytes]
"""Fetches an address; raises OSError when that cannot be done."""


def discover(issuer: str, fetch: Fetch) -> dict[str, Any]:
    """The discovery document of ``issuer``.

    Raises
    ------
    OSError
        When it cannot be fetched.
    ValueError
        When it is none, or of another issuer.
    """
    told = json.loads(fetch(issuer.rstrip("/") + DISCOVERY))
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise ValueError("the discovery document is of another issuer")
    return told


def is_safe(address: str) -> bool:
    """Whether nobody between us and ``address`` can read along: https, or this machine itself."""
    if address.startswith("https://"):
        return True
    return any(
        address.startswith(one) and address[len(one) :][:1] in ("", ":", "/") for one in _LOCAL
    )
