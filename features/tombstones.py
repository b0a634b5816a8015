"""Tombstones: keyed hashes of erased citizens, so that no delivery brings one of them back.

A tombstone says of nobody who they were: it is a keyed hash of a pseudonym, or of the token that
stood for a number in notes, and only what is delivered again can be recognised by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from features.events import INSTANT
from features.pseudonyms import Pseudonyms

TOMBSTONES = pl.Schema(
    {
        "token": pl.String,  # keyed hash of the pseudonym, or of the token of a number
        "at": INSTANT,  # when the citizen was erased
    }
)


class Tombstones:
    """Recognises erased citizens.

    Parameters
    ----------
    tombstones
        :data:`TOMBSTONES`, all of them.
    pseudonyms
        Whose key makes the tokens.
    """

    def __init__(self, tombstones: pl.DataFrame, pseudonyms: Pseudonyms) -> None:
        self._tokens = set(tombstones["token"])
        self._pseudonyms = pseudonyms

    def __bool__(self) -> bool:
        """Whether anybody was ever erased."""
        return bool(self._tokens)

    def of(self, citizens: pl.Series) -> pl.Series:
        """Which ``citizens`` (Int64; null is nobody) were erased: Boolean, never null."""
        if not self._tokens:
            return pl.repeat(value=False, n=len(citizens), dtype=pl.Boolean, eager=True)
        distinct = citizens.drop_nulls().unique()
        erased = [citizen for citizen in distinct if self.has(citizen)]
        return citizens.is_in(erased).fill_null(value=False)

    def has(self, one: int | str) -> bool:
        """Whether a citizen, or the token of a number, was erased."""
        return self._token(one) in self._tokens

    def new(self, erased: Iterable[int | str], at: datetime) -> pl.DataFrame:
        """The tombstones (:data:`TOMBSTONES`) of those that have none yet; taken on."""
        tokens = sorted({self._token(one) for one in erased} - self._tokens)
        self._tokens.update(tokens)
        return pl.DataFrame({"token": tokens, "at": [at] * len(tokens)}, schema=TOMBSTONES)

    def _token(self, one: int | str) -> str:
        return self._pseudonyms.token("tombstone", str(one))
