"""Whose token it is decides who reads it."""

from __future__ import annotations

from typing import Protocol

import jwt

from serving.errors import NotSignedInError
from serving.security.callers import Caller

LONGEST = 16 * 1024
"""No token is longer; whoever sends more is not read."""


class TokenReader(Protocol):
    """Reads the tokens of one issuer."""

    @property
    def issuer(self) -> str:
        """Whose tokens."""
        ...

    def read(self, token: str) -> Caller:
        """Who holds it; raises NotSignedInError."""
        ...


class SigningIn:
    """Everybody whose tokens count here."""

    def __init__(self, *readers: TokenReader) -> None:
        self._readers = {reader.issuer: reader for reader in readers}

    def counts(self, issuer: str) -> bool:
        """Whether tokens of ``issuer`` count here."""
        return issuer in self._readers

    def read(self, token: str) -> Caller:
        """Who holds ``token``; raises NotSignedInError.

        What the token says of its issuer only chooses who checks it.
        """
        reader = self._readers.get(_issuer(token))
        if reader is None:
            raise NotSignedInError("This token is not valid here.")
        return reader.read(token)


def _issuer(token: str) -> str:
    if len(token) > LONGEST:
        return ""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("iss", ""))
