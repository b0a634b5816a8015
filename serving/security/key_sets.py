"""The keys of an identity provider, kept, and asked for again when they may have changed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from serving.errors import NotReadyError
from serving.security.discovery import Fetch, discover

log = logging.getLogger("voorzet.security")


class KeySet:
    """The public keys of one issuer, by their id.

    A key that is not known may be a new one: then the set is fetched again, at most once in
    ``pause`` seconds whoever asks for whatever. While the issuer cannot be reached the keys that
    are known go on, for ``last`` seconds at most.

    Parameters
    ----------
    address
        Of the key set; None asks the issuer where it is.
    keep
        After how many seconds the set is fetched again anyway, so that a key that was withdrawn
        goes.
    """

    def __init__(
        self,
        issuer: str,
        address: str | None,
        fetch: Fetch,
        *,
        keep: float = 3600,
        pause: float = 30,
        last: float = 24 * 3600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._address = address
        self._fetch = fetch
        self._keep, self._pause, self._last = keep, pause, last
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched: float | None = None
        self._tried: float | None = None

    def key(self, name: str) -> PyJWK | None:
        """The key ``name``, or None when the issuer has no such key.

        Raises
        ------
        NotReadyError
            When the issuer cannot be reached and nothing recent is known of it.
        """
        found = self._keys.get(name)
        if found is None or self._age() > self._keep:
            self._refresh()
            found = self._keys.get(name)
        if self._age() > self._last:
            raise NotReadyError("The identity provider does not answer. Try again in a minute.")
        return found

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _refresh(self) -> None:
        # While one waits for the issuer, others go on with the keys that are known.
        if not self._lock.acquire(blocking=not self._keys):
            return
        try:
            now = self._clock()
            if self._tried is not None and now - self._tried < self._pause:
                return
            self._tried = now
            self._keys = _read(self._fetch(self._where()))
            self._fetched = now
        except (OSError, ValueError) as fault:
            log.warning("the identity provider's keys: %s", type(fault).__name__)
        finally:
            self._lock.release()

    def _where(self) -> str:
        if self._address is None:
            told = discover(self._issuer, self._fetch)
            self._address = str(told["jwks_uri"]) if "jwks_uri" in told else None
        if self._address is None:
            raise ValueError("the discovery document names no key set")
        return self._address


def _read(text: bytes) -> dict[str, PyJWK]:
    """The keys to check signatures with. Shared secrets and keys to encrypt with are left out."""
    told = json.loads(text)
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise ValueError("this is no key set")
    keys = (one for one in listed if isinstance(one, dict) and _signs(one))
    return {str(one["kid"]): found for one in keys if (found := _key(one)) is not None}


def _signs(told: dict[str, Any]) -> bool:
    return bool(told.get("kid")) and told.get("kty") != "oct" and told.get("use", "sig") == "sig"


def _key(told: dict[str, Any]) -> PyJWK | None:
    try:
        return PyJWK(told)
    except PyJWTError:  # of a kind we do not know
        return None
