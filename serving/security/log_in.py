"""Logging in at the identity provider: the authorization code flow, with PKCE.

OpenID Connect Core 1.0 §3.1, RFC 7636 (S256) and RFC 9700. The browser keeps one secret of its
own, the *attempt*; state, nonce and verifier are derived from it, so that no server has to keep
anything and any worker can finish what another began. What comes back counts only in the browser
that went, once, and for ten minutes at most.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from serving.errors import NotReadyError, NotSignedInError
from serving.security.callers import Caller
from serving.security.discovery import Fetch, discover, is_safe
from serving.security.oidc import OidcTokens
from serving.security.sessions import Sessions
from serving.security.settings import IdentityProvider, PageLogIn

BACK: Final = "/log-in/back"
ATTEMPT_SECONDS: Final = 600
_KEEP_SECONDS: Final = 3600.0
_PAUSE_SECONDS: Final = 5.0
_AWAY: Final = "The identity provider does not answer. Try again in a minute."
_NOT_SO: Final = "This log-in did not begin here, took too long, or was used before. Begin again."
log = logging.getLogger("voorzet.security")

Post = Callable[[str, Mapping[str, str], Mapping[str, str]], tuple[int, bytes]]
"""Hands a form (address, fields, headers) over; gives status and body, or raises OSError."""


class LogIn:
    """Logs people in to the pages.

    Parameters
    ----------
    provider, pages
        What the workspace says of the identity provider, and of the pages as its client.
    secret
        The client's secret; None for a public client, which PKCE alone protects.
    tokens
        What reads the provider's tokens, for the API as well.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        pages: PageLogIn,
        secret: str | None,
        *,
        tokens: OidcTokens,
        sessions: Sessions,
        fetch: Fetch,
        post: Post,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider, self._pages, self._secret = provider, pages, secret
        self._tokens, self._sessions = tokens, sessions
        self._fetch, self._post = fetch, post
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self._asked: float | None = None
        self._failed: float | None = None

    def begin(self) -> tuple[str, str]:
        """A new attempt, for the browser to keep, and the provider's address to go to.

        Raises NotReadyError when the provider is away.
        """
        attempt = secrets.token_urlsafe(32)
        challenge = sha256(_part(attempt, "verifier").encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._pages.client,
            "redirect_uri": self._back,
            "scope": " ".join(self._pages.scopes),
            "state": _part(attempt, "state"),
            "nonce": _part(attempt, "nonce"),
            "code_challenge": _text(challenge),
            "code_challenge_method": "S256",
        }
        return attempt, _with_query(self._address("authorization_endpoint"), asked)

    def finish(self, attempt: str, answer: Mapping[str, str]) -> tuple[str, Caller]:
        """The session that ``answer``, what the provider sent back by the browser, begins.

        Raises
        ------
        NotSignedInError
            When it is not the answer to this attempt, or the provider says no.
        NotReadyError
            When the provider is away.
        """
        self._answers(attempt, answer)
        told = self._exchange(attempt, answer["code"])
        claims = self._tokens.claims(str(told.get("id_token", "")), audience=self._pages.client)
        if not _same(str(claims.get("nonce", "")), _part(attempt, "nonce")):
            raise NotSignedInError(_NOT_SO)
        if claims.get("azp", self._pages.client) != self._pages.client:
            raise NotSignedInError("This log-in is for another application.")
        caller = self._caller(claims, str(told.get("access_token", "")))
        return self._sessions.begin(caller), caller

    def leave(self) -> str | None:
        """Where one logs out at the provider as well; None where it has no such place.

        The address names no token; the provider asks the person.
        """
        try:
            there = self._address("end_session_endpoint")
        except NotReadyError:
            return None
        back = f"{self._pages.address}/log-in"
        asked = {"client_id": self._pages.client, "post_logout_redirect_uri": back}
        return _with_query(there, asked)

    @property
    def _back(self) -> str:
        return self._pages.address + BACK

    def _answers(self, attempt: str, answer: Mapping[str, str]) -> None:
        """Checks that the provider answers this attempt, before anything is asked of it."""
        if not attempt or not _same(answer.get("state", ""), _part(attempt, "state")):
            raise NotSignedInError(_NOT_SO)
        if answer.get("iss", self._provider.issuer) != self._provider.issuer:  # RFC 9207
            raise NotSignedInError("Another identity provider answered.")
        if not answer.get("code"):
            raise NotSignedInError("The identity provider did not log you in.")

    def _exchange(self, attempt: str, code: str) -> dict[str, Any]:
        """The tokens for a code; a code is good for one time."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": _part(attempt, "verifier"),
            "client_id": self._pages.client,
        }
        headers: dict[str, str] = {}
        if self._secret is not None:
            if self._takes_basic():
                headers["Authorization"] = _basic(self._pages.client, self._secret)
            else:
                fields["client_secret"] = self._secret
        address = self._address("token_endpoint")
        try:
            status, body = self._post(address, fields, headers)
            told = json.loads(body) if status < 500 else None
        except (OSError, ValueError) as fault:
            log.warning("the identity provider's tokens: %s", type(fault).__name__)
            raise NotReadyError(_AWAY) from None
        if status >= 500:
            raise NotReadyError(_AWAY)
        if status != 200 or not isinstance(told, dict):
            log.warning("the identity provider refused a code: status %d", status)
            raise NotSignedInError(_NOT_SO)
        return told

    def _caller(self, claims: dict[str, Any], access_token: str) -> Caller:
        if self._pages.roles_in == "id-token":
            return self._tokens.caller(claims)
        caller = self._tokens.claims(access_token)
        if caller["sub"] != claims["sub"]:
            raise NotSignedInError("The identity provider's two tokens are of two people.")
        return self._tokens.caller(claims | caller)

    def _takes_basic(self) -> bool:
        """RFC 8414: what takes the client's secret is the Basic scheme unless said otherwise."""
        ways = self._document().get("token_endpoint_auth_methods_supported")
        return not isinstance(ways, list) or "client_secret_basic" in ways

    def _address(self, name: str) -> str:
        address = self._document().get(name)
        if not isinstance(address, str) or not is_safe(address):
            log.warning("the identity provider names no %s that can be used", name)
            raise NotReadyError(f"The identity provider names no {name} that can be used.")
        return address

    def _document(self) -> dict[str, Any]:
        """The provider's addresses, asked again after an hour; the old ones while it is away.

        Somebody waits for a provider that is away; the others hear it at once.
        """
        with self._lock:
            if self._asked is None or self._clock() - self._asked > _KEEP_SECONDS:
                self._ask_anew()
            return self._told

    def _ask_anew(self) -> None:
        now = self._clock()
        if self._failed is None or now - self._failed > _PAUSE_SECONDS:
            try:
                self._told = discover(self._provider.issuer, self._fetch)
            except (OSError, ValueError) as fault:
                log.warning("the identity provider's addresses: %s", type(fault).__name__)
                self._failed = self._clock()
            else:
                self._asked, self._failed = now, None
        if not self._told:
            raise NotReadyError(_AWAY)


def _part(attempt: str, name: str) -> str:
    """State, nonce or verifier of an attempt: none of them tells another, or the attempt."""
    return _text(hmac.digest(attempt.encode(), name.encode(), sha256))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _basic(client: str, secret: str) -> str:
    """RFC 6749 §2.3.1: both are form-encoded before they are joined."""
    pair = f"{quote_plus(client)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
