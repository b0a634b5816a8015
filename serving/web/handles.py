"""Handles: what a page shows, sealed, so that an address names no citizen.

A view's address holds a handle instead of a citizen: the pseudonym and the purpose, encrypted
under a key derived from the visitor's own token. Nobody else's session can open it, the same
citizen never has the same handle twice, and it ends by itself. No server keeps anything, so
reload, the back button, a restart and a second worker all work.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from features.errors import VoorzetError

LASTS_SECONDS = 8 * 3600
_NONCE = 12
_BLOCK = 64


class HandleEndedError(VoorzetError):
    """A handle that has ended, or belongs to another session."""


class Handles:
    """Seals and opens the handles of one session.

    Parameters
    ----------
    token
        The visitor's bearer token, which only the browser's cookie and this request hold.
    """

    def __init__(self, token: str) -> None:
        derive = HKDF(SHA256(), length=32, salt=None, info=b"voorzet view handles")
        self._key = AESGCM(derive.derive(token.encode()))

    def seal(self, kind: str, **said: str) -> str:
        """A handle of ``kind`` that says ``said``; safe in an address."""
        text = json.dumps({"until": int(time.time()) + LASTS_SECONDS, **said}).encode()
        padded = text.ljust(-(-len(text) // _BLOCK) * _BLOCK)
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._key.encrypt(nonce, padded, kind.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, kind: str, handle: str) -> dict[str, str]:
        """What a handle says; raises HandleEndedError."""
        try:
            sealed = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
            text = self._key.decrypt(sealed[:_NONCE], sealed[_NONCE:], kind.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise HandleEndedError("This view belongs to another session.") from None
        said = json.loads(text)
        if said.pop("until") < time.time():
            raise HandleEndedError("This view has ended.")
        return {key: str(value) for key, value in said.items()}
