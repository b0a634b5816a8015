"""Sessions of people who logged in by way of the identity provider.

A session is a token of our own, for the pages alone: an identity provider's tokens end after
minutes, may be larger than a cookie, and open more doors than ours.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.errors import NotSignedInError
from serving.security.callers import Caller, roles_among

ISSUER = "voorzet-pages"
_ALGORITHM = "EdDSA"


class Sessions:
    """Begins and reads sessions.

    Parameters
    ----------
    key
        The workspace's token key, 32 bytes. Issuer and audience keep a session and a token of
        :class:`serving.security.tokens.Tokens` apart.
    lasts
        For how long one logs in.
    """

    def __init__(self, key: bytes, lasts: timedelta) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self._public = self._private.public_key()
        self._lasts = lasts

    @property
    def issuer(self) -> str:
        """Whose tokens these are."""
        return ISSUER

    def begin(self, caller: Caller) -> str:
        """A session of ``caller``, which is like no other."""
        now = datetime.now(UTC)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "jti": secrets.token_urlsafe(16),
            "sub": caller.subject,
            "name": caller.name,
            "roles": sorted(caller.roles),
            "iat": now,
            "exp": now + self._lasts,
        }
        if caller.purposes is not None:
            claims["purposes"] = sorted(caller.purposes)
        return jwt.encode(claims, self._private, algorithm=_ALGORITHM)

    def read(self, token: str) -> Caller:
        """Whose session it is; raises NotSignedInError when it is none, or has ended."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=ISSUER,
                options={"require": ["exp", "iat", "sub", "iss", "aud", "jti"]},
            )
        except jwt.InvalidTokenError:
            raise NotSignedInError("Your session has ended. Log in again.") from None
        purposes = claims.get("purposes")
        return Caller(
            subject=str(claims["sub"]),
            name=str(claims["name"]),
            roles=roles_among(claims.get("roles")),
            purposes=None if purposes is None else frozenset(purposes),
        )
