"""Pseudonyms: identifiers turned into keyed 64-bit numbers at the door.

A pseudonym is the first eight bytes of HMAC-SHA256 under a secret key, over the identifier's
scheme, a NUL and the identifier. Without the key nobody can go back, nor try out numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import VoorzetError
from features.known_texts import KnownTexts

KEY_BYTES = 32
_REMEMBERED = 1_000_000
_BLOCK = 64
"""Bytes that SHA-256 takes in at a time."""
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def make_key(path: Path) -> bytes:
    """Make a new key in ``path``, readable by its owner alone.

    Raises
    ------
    FileExistsError
        When there is a key already: losing it would orphan every pseudonym in the lake.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def read_key(path: Path) -> bytes:
    """The key in ``path``.

    Raises
    ------
    VoorzetError
        When it is absent, not a key, or readable by others than its owner.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as fault:
        raise VoorzetError(f"{path}: the key cannot be read: {type(fault).__name__}") from fault
    if mode & 0o077:
        raise VoorzetError(f"{path}: others may read this key; run: chmod 600 {path}")
    return parse_key(text, path)


def parse_key(text: str, where: object) -> bytes:
    """The key that is written in ``text``; raises VoorzetError, which tells ``where`` alone."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VoorzetError(f"{where}: expected a key of {2 * KEY_BYTES} hexadecimal digits")
    return key


def normalise_bsn(identifiers: pl.Series) -> pl.Series:
    """BSNs as nine digits: spaces and dots stripped, zeros put in front of 8 digits.

    What does not look like a BSN comes back stripped, and fails :func:`bsn_valid`.
    """
    stripped = identifiers.cast(pl.String).str.replace_all(r"[\s.]", "")
    eight = stripped.str.len_bytes() == 8
    return stripped.zip_with(~eight.fill_null(False), stripped.str.zfill(9))


def bsn_valid(identifiers: pl.Series) -> pl.Series:
    """Which BSNs (8 or 9 digits, spaces and dots allowed) pass the 11-test; null stays null.

    The test: the digits times 9, 8, 7, 6, 5, 4, 3, 2 and -1 add up to a multiple of 11.
    """
    number = normalise_bsn(identifiers)
    shaped = number.str.contains(r"^[0-9]{9}$")
    digits = number.zip_with(shaped, pl.Series([None], dtype=pl.String)).cast(pl.Int64)
    total = sum(
        ((digits // 10 ** (8 - place)) % 10 * weight for place, weight in enumerate(_BSN_WEIGHTS)),
        start=digits * 0,
    )
    passed = (total % 11 == 0) & (digits > 0)
    answer = passed.fill_null(value=False).zip_with(number.is_not_null(), shaped)
    return answer.rename(identifiers.name)


def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes of HMAC-SHA256 (RFC 2104) under ``key``, before any message: what
    :func:`hmac.new` makes, without its objects around them, which took as long as the hashing."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ mask for byte in block)) for mask in (0x36, 0x5C))
    return inner, outer


class Pseudonyms:
    """Turns identifiers into citizens.

    Parameters
    ----------
    key
        The secret. It stays in memory and appears in no representation.
    bsn_schemes
        The schemes whose identifiers are BSNs, and are written as nine digits first.
    """

    def __init__(self, key: bytes, bsn_schemes: Collection[str] = ("bsn",)) -> None:
        if len(key) < 16:
            raise VoorzetError("the pseudonym key is too short: make one with make_key")
        self._key = key
        self._bsn_schemes = frozenset(bsn_schemes)
        self._known: dict[str, KnownTexts] = {}

    def known(self, scheme: str, given: pl.Series) -> pl.Series:
        """The citizens (Int64) of those of the texts ``given`` that were remembered lately; null
        where one was not, whether or not it has a citizen."""
        known = self._known.get(scheme)
        if known is None:
            return pl.Series([None], dtype=pl.Int64).new_from_index(0, given.len())
        return known.citizens_of(given)

    def remember(self, scheme: str, given: pl.Series, citizens: pl.Series) -> None:
        """Remember the ``citizens`` of distinct texts that were not :meth:`known`, as they were
        delivered: most come again in the next chunk."""
        held = citizens.is_not_null() & given.is_not_null()
        new = KnownTexts(given.filter(held), citizens.filter(held))
        known = self._known.get(scheme)
        if known is not None and len(known) + len(new) <= _REMEMBERED:
            new = known.with_new(new)
        self._known[scheme] = new

    def of(self, scheme: str, identifiers: pl.Series) -> pl.Series:
        """The citizens (Int64, same length and order) of text ``identifiers``; null stays null."""
        texts = self._normal(scheme, identifiers)
        distinct = texts.drop_nulls().unique()
        numbers = pl.Series(self._numbers(scheme, distinct.to_list()))
        return texts.replace_strict(distinct, numbers, default=None, return_dtype=pl.Int64)

    def of_each(self, scheme: str, identifiers: pl.Series) -> pl.Series:
        """The same, for texts of which few are there twice."""
        texts = self._normal(scheme, identifiers)
        there = texts.is_not_null()
        numbers = pl.Series(self._numbers(scheme, texts.filter(there).to_list()))
        nobody = pl.Series([None], dtype=pl.Int64).new_from_index(0, texts.len())
        return nobody.scatter(there.arg_true(), numbers)

    def one(self, scheme: str, identifier: str) -> int:
        """The citizen of one identifier."""
        text: str = self._normal(scheme, pl.Series([identifier], dtype=pl.String))[0]
        return int(self._numbers(scheme, [text])[0])

    def token(self, purpose: str, text: str) -> str:
        """A keyed 128-bit name of ``text`` that says nothing of it.

        Thirty-two letters from a to p: no digits, so that none can look like anybody's number.
        """
        return self._digest("token:" + purpose, text)[:16].hex().translate(_LETTERS)

    def derived_key(self, purpose: str) -> bytes:
        """A key of its own for another keyed hash, so that the secret itself is never passed."""
        return self._digest("key:" + purpose, "")

    def _normal(self, scheme: str, identifiers: pl.Series) -> pl.Series:
        texts = identifiers.cast(pl.String)
        return normalise_bsn(texts) if scheme in self._bsn_schemes else texts.str.strip_chars()

    def _numbers(self, scheme: str, texts: list[str]) -> NDArray[np.int64]:
        # The key and the scheme are taken in once; each identifier goes on from there.
        inner, outer = _begun(self._key)
        inner.update(f"{scheme}\0".encode())
        digests = []
        for text in texts:
            within, around = inner.copy(), outer.copy()
            within.update(text.encode())
            around.update(within.digest())
            digests.append(around.digest()[:8])
        return np.frombuffer(b"".join(digests), dtype=">i8").astype(np.int64)

    def _digest(self, scheme: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{scheme}\0{text}".encode(), "sha256")
