"""Tokens of an identity provider (OpenID Connect): who is asking, and in which roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt

from serving.errors import NotSignedInError
from serving.security.callers import Caller
from serving.security.key_sets import KeySet
from serving.security.settings import IdentityProvider

_LONGEST_NAME = 255


class OidcTokens:
    """Reads the tokens of one identity provider.

    Issuer, audience, beginning and end are checked, and the algorithm must be one of those that
    the settings allow and the one that the key itself is for.
    """

    def __init__(self, provider: IdentityProvider, keys: KeySet) -> None:
        self._provider = provider
        self._keys = keys

    @property
    def issuer(self) -> str:
        """Whose tokens these are."""
        return self._provider.issuer

    def read(self, token: str) -> Caller:
        """Who holds ``token``.

        Raises
        ------
        NotSignedInError
            When it was not issued here or not for us, was changed, has ended or not begun.
        NotReadyError
            When the provider's keys cannot be had.
        """
        return self.caller(self.claims(token))

    def caller(self, claims: dict[str, Any]) -> Caller:
        """Who these claims are of. They were checked before."""
        return Caller(
            subject=str(claims["sub"])[:_LONGEST_NAME],
            name=str(claims.get(self._provider.name_claim) or claims["sub"])[:_LONGEST_NAME],
            roles=frozenset(
                self._provider.roles[said]
                for claim in self._provider.role_claims
                for said in _words(claims, claim)
                if said in self._provider.roles
            ),
            purposes=self._purposes(claims),
        )

    def claims(self, token: str, *, audience: str | None = None) -> dict[str, Any]:
        """What ``token`` claims, checked; for ``audience`` when it is not for the API.

        Raises as :meth:`read`.
        """
        try:
            head = jwt.get_unverified_header(token)
            key = self._keys.key(str(head.get("kid", "")))
            if key is None:
                raise NotSignedInError("This token is not valid here.")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(self._provider.algorithms),
                issuer=self._provider.issuer,
                audience=audience or self._provider.audience,
                leeway=self._provider.leeway,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise NotSignedInError("Your token has ended. Ask for a new one.") from None
        except jwt.InvalidTokenError:
            raise NotSignedInError("This token is not valid here.") from None
        return claims

    def _purposes(self, claims: dict[str, Any]) -> frozenset[str] | None:
        claim = self._provider.purposes_claim
        return None if claim is None else frozenset(_words(claims, claim))


def _words(claims: dict[str, Any], claim: str) -> Iterator[str]:
    """What stands at ``claim``: the texts of a list, or the words of a text."""
    said: Any = claims
    for step in (claim,) if claim in claims else claim.split("."):
        said = said.get(step) if isinstance(said, dict) else None
    if isinstance(said, str):
        yield from said.split()
    elif isinstance(said, list):
        yield from (one for one in said if isinstance(one, str))
