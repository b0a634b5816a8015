"""Fetching a small document of the identity provider, and handing it a form."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

SECONDS = 5
LARGEST = 1_000_000


def fetch(address: str) -> bytes:
    """What stands at ``address``; raises OSError when it does not answer in time, or too much."""
    asked = Request(address, headers={"Accept": "application/json"})  # noqa: S310  # see settings
    try:
        with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            return _small(answer.read(LARGEST + 1))
    except HTTPException as fault:
        raise OSError("the answer cannot be read") from fault


def post_form(
    address: str, fields: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """What ``address`` answers to a form: its status and body.

    A redirect is not followed: what is in the form is for this address alone.

    Raises
    ------
    OSError
        When it does not answer in time, or too much.
    """
    asked = Request(  # noqa: S310  # see settings
        address,
        data=urlencode(fields).encode(),
        headers={"Accept": "application/json", **headers},
    )
    try:
        with build_opener(_NoRedirect).open(asked, timeout=SECONDS) as answer:
            return answer.status, _small(answer.read(LARGEST + 1))
    except HTTPError as refused:
        with refused:
            return refused.code, _small(refused.read(LARGEST + 1))
    except HTTPException as fault:
        raise OSError("the answer cannot be read") from fault


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Nowhere."""


def _small(found: bytes) -> bytes:
    if len(found) > LARGEST:
        raise OSError("the answer is too large")
    return found
