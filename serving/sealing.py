"""Sealing: what may be read by few is encrypted under a key of the citizen's own.

A citizen's data key is random and wrapped by the vault's key. Destroying the wrapped key makes
everything sealed under it unreadable for good, wherever copies of it lie: that is erasure.
AES-256-GCM throughout; the citizen and what the sealed thing is for are authenticated with it, so
that no sealed value can be moved to another citizen or another place.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from features.errors import VoorzetError
from serving.schema import vault_keys

_NONCE = 12
_IN_ONE_QUERY = 500
_KEYS = select(vault_keys).where(vault_keys.c.citizen.in_(bindparam("wanted", expanding=True)))


class SealingError(VoorzetError):
    """Something sealed cannot be opened with this vault key."""


class Sealing:
    """Citizens' data keys, and the keyed hashes that stand for what is searched by.

    Parameters
    ----------
    key
        The vault's key, 32 bytes. Wrapping and hashing use keys derived from it.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise SealingError("the vault key must be 32 bytes: make it with `voorzet init`")
        self._wrapper = AESGCM(_derive(key, b"wrap"))
        self._hash_key = _derive(key, b"search")
        self._chain_key = _derive(key, b"audit")

    def keys(self, connection: Connection, citizens: list[int]) -> dict[int, AESGCM]:
        """The data keys of ``citizens`` that have one."""
        found: dict[int, AESGCM] = {}
        for start in range(0, len(citizens), _IN_ONE_QUERY):
            wanted = citizens[start : start + _IN_ONE_QUERY]
            rows = connection.execute(_KEYS, {"wanted": wanted})
            found |= {row.citizen: self._unwrap(row.citizen, row.wrapped) for row in rows}
        return found

    def make_keys(self, connection: Connection, citizens: list[int]) -> dict[int, AESGCM]:
        """The data keys of ``citizens``, made where there was none yet."""
        keys = self.keys(connection, citizens)
        without = [citizen for citizen in dict.fromkeys(citizens) if citizen not in keys]
        if not without:
            return keys
        rows = [{"citizen": citizen, "wrapped": self._new_key(citizen)} for citizen in without]
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(vault_keys).on_conflict_do_nothing(), rows)
        return keys | self.keys(connection, without)  # another may have been first

    def destroy_keys(self, connection: Connection, citizens: list[int]) -> None:
        """What was sealed for ``citizens`` can never be opened again."""
        for start in range(0, len(citizens), _IN_ONE_QUERY):
            gone = citizens[start : start + _IN_ONE_QUERY]
            connection.execute(delete(vault_keys).where(vault_keys.c.citizen.in_(gone)))

    def link(self, previous: bytes, said: bytes) -> bytes:
        """The keyed hash, of 32 bytes, of what comes after ``previous`` in a chain."""
        return hmac.digest(self._chain_key, previous + said, sha256)

    def hash(self, kind: str, text: str) -> bytes:
        """A keyed hash of 16 bytes; equal texts of a kind have equal hashes."""
        return hmac.digest(self._hash_key, f"{kind}\0{text}".encode(), sha256)[:16]

    def lock(self, text: str, use: str) -> bytes:
        """``text`` under the vault's own key, for what is about no one citizen."""
        return _seal(self._wrapper, text.encode(), 0, b"locked " + use.encode())

    def unlock(self, locked: bytes, use: str) -> str:
        """What :meth:`lock` locked; raises SealingError for another key or use."""
        return _unseal(self._wrapper, locked, 0, b"locked " + use.encode()).decode()

    def _new_key(self, citizen: int) -> bytes:
        return _seal(self._wrapper, AESGCM.generate_key(256), citizen, b"data key")

    def _unwrap(self, citizen: int, wrapped: bytes) -> AESGCM:
        return AESGCM(_unseal(self._wrapper, wrapped, citizen, b"data key"))


def seal(key: AESGCM, text: str, citizen: int, use: str) -> bytes:
    """``text`` under a citizen's data key, bound to the citizen and to its ``use``."""
    return _seal(key, text.encode(), citizen, use.encode())


def unseal(key: AESGCM, sealed: bytes, citizen: int, use: str) -> str:
    """What :func:`seal` sealed; raises SealingError for any other key, citizen or use."""
    return _unseal(key, sealed, citizen, use.encode()).decode()


def _seal(key: AESGCM, plain: bytes, citizen: int, use: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, plain, _bound(citizen, use))


def _unseal(key: AESGCM, sealed: bytes, citizen: int, use: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(citizen, use))
    except InvalidTag as fault:
        raise SealingError(
            "a sealed record cannot be opened: the vault key is not the one it was sealed with"
        ) from fault


def _bound(citizen: int, use: bytes) -> bytes:
    return citizen.to_bytes(8, "big", signed=True) + use


def _derive(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"voorzet vault: " + use).derive(key)
