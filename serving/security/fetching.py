"""Fetching a small document of the identity provider."""

from __future__ import annotations

from http.client import HTTPException
from urllib.request import Request, urlopen

SECONDS = 5
LARGEST = 1_000_000


def fetch(address: str) -> bytes:
    """What stands at ``address``; raises OSError when it does not answer in time, or too much."""
    asked = Request(address, headers={"Accept": "application/json"})  # noqa: S310  # see settings
    try:
        with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            found = bytes(answer.read(LARGEST + 1))
    except HTTPException as fault:
        raise OSError("the answer cannot be read") from fault
    if len(found) > LARGEST:
        raise OSError("the answer is too large")
    return found
