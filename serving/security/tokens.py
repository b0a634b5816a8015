"""Tokens: who is asking, signed with a key of this workspace (development and small sites).

An Ed25519 key pair, derived from the workspace's token key. The algorithm, the issuer and the
audience are pinned; a token without an end is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.errors import InvalidRequestError, NotSignedInError
from serving.security.callers import Caller, roles_among

ISSUER = "voorzet-local"
AUDIENCE = "voorzet"
ALGORITHM = "EdDSA"
LONGEST = timedelta(days=31)


class Tokens:
    """Issues and reads tokens.

    Parameters
    ----------
    key
        The workspace's token key, 32 bytes: the seed of the key pair.
    """

    def __init__(self, key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self._public = self._private.public_key()

    @property
    def issuer(self) -> str:
        """Whose tokens these are."""
        return ISSUER

    def issue(self, caller: Caller, lasts: timedelta = timedelta(hours=12)) -> str:
        """A signed token for ``caller``.

        Raises
        ------
        InvalidRequestError
            When it would hold no role, or last longer than a month.
        """
        if not caller.roles:
            raise InvalidRequestError("A token needs at least one role.")
        if not timedelta(0) < lasts <= LONGEST:
            raise InvalidRequestError(f"A token lasts {LONGEST.days} days at most.")
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": caller.subject,
            "name": caller.name,
            "roles": sorted(role.value for role in caller.roles),
            "iat": now,
            "exp": now + lasts,
        }
        return jwt.encode(claims, self._private, algorithm=ALGORITHM)

    def read(self, token: str) -> Caller:
        """Who holds ``token``.

        Raises
        ------
        NotSignedInError
            When it was not issued here, was changed, or has ended.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise NotSignedInError("Your token has ended. Ask for a new one.") from None
        except jwt.InvalidTokenError:
            raise NotSignedInError("This token is not valid here.") from None
        return Caller(
            subject=str(claims["sub"]),
            name=str(claims.get("name") or claims["sub"]),
            roles=roles_among(claims.get("roles")),
        )
