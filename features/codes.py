"""Columns as numbers: texts as places or codes, moments as microseconds, dates as days.

Each works on a whole column at once; of a few rows, plain Python is quicker than setting Polars to
work, and gives the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.events import INSTANT
from features.kernels.columns import places_among

Codes = NDArray[np.uint64]
"""A number for each text: equal for equal texts, :data:`UNTOLD` where there is none."""

UNTOLD = np.uint64(0)

_SLOT = np.uint64(2**16 - 1)
"""The bits of a code by which declared words are told apart."""

FEW = 512
"""Up to so many rows plain Python is quicker."""

NO_MOMENT = np.iinfo(np.int64).min
"""Stands for null among moments and days."""


def hashed(frame: pl.DataFrame) -> dict[str, Codes]:
    """The :func:`codes` of each column of ``frame``, by Polars, however few the rows."""
    found = {column.name: column.hash().to_numpy(writable=True) for column in frame}
    for spoken in found.values():
        spoken -= _hash_of_null()
    return found


def codes(texts: pl.Series) -> Codes:
    """A code for each text. Those of few texts are others than those of many: compare only what
    was made alike, and with a word's :func:`code` among as many."""
    if len(texts) > FEW:
        return hashed(texts.alias("").to_frame())[""]
    return np.array(
        [0 if text is None else hash(text) or 1 for text in texts.to_list()], dtype=np.int64
    ).view(np.uint64)


def code(word: str, among: int) -> np.uint64:
    """The code of one text, to compare with those of ``among`` texts."""
    return _code(word) if among > FEW else np.int64(hash(word) or 1).view(np.uint64)


@lru_cache(maxsize=4096)
def _code(word: str) -> np.uint64:
    return np.uint64(hashed(pl.DataFrame({"": [word]}))[""][0])


@lru_cache(maxsize=1)
def _hash_of_null() -> np.uint64:
    """What is taken off every hash (below zero it goes on from the top): so null becomes
    :data:`UNTOLD`."""
    return np.uint64(pl.Series([None], dtype=pl.String).hash()[0])


def places(texts: pl.Series, words: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each text in ``words``; -1 where it is none of them."""
    if len(texts) <= FEW:
        place = _index(words)
        return np.array([place.get(text, -1) for text in texts.to_list()], dtype=np.int64)
    return places_of(codes(texts), words)


def places_of(spoken: Codes, words: tuple[str, ...]) -> NDArray[np.int64]:
    """The place in ``words`` of the text behind each code; -1 where it is none of them."""
    shift, place, whose = _slots(words)
    return places_among(spoken, shift, place, whose)


def words_at(words: Sequence[str], at: NDArray[np.int64]) -> pl.Series:
    """The word at each place; null at a place below zero."""
    if len(at) <= FEW:
        found = [words[place] if place >= 0 else None for place in at.tolist()]
        return pl.Series(found, dtype=pl.String)
    every = pl.Series([*words, None], dtype=pl.String)
    return every.gather(np.where(at < 0, len(words), at))


def moments(column: pl.Series) -> NDArray[np.int64]:
    """Moments as microseconds since 1970 (UTC); :data:`NO_MOMENT` for null."""
    return column.to_numpy().view(np.int64)


def days(column: pl.Series) -> NDArray[np.int64]:
    """Dates as days since 1970-01-01; :data:`NO_MOMENT` for null."""
    return column.to_numpy().astype("datetime64[D]").view(np.int64)


def instants(at: NDArray[np.int64]) -> pl.Series:
    """Microseconds since 1970 (UTC) as moments; :data:`NO_MOMENT` as null."""
    if len(at) <= FEW:
        told = [None if moment == NO_MOMENT else moment for moment in at.tolist()]
        return pl.Series(told, dtype=pl.Int64).cast(INSTANT)
    return pl.Series(at.view("datetime64[us]"), dtype=INSTANT)


@lru_cache(maxsize=1024)
def _index(words: tuple[str, ...]) -> dict[str | None, int]:
    return {word: place for place, word in enumerate(words)}


@lru_cache(maxsize=256)
def _slots(words: tuple[str, ...]) -> tuple[int, NDArray[np.int64], Codes]:
    """By which bits of their codes all ``words`` can be told apart, and by those bits the place of
    each word and its code."""
    mine = hashed(pl.DataFrame({"": words}, schema={"": pl.String}))[""]
    shift = next(
        bits
        for bits in range(64)
        if len(np.unique((mine >> np.uint64(bits)) & _SLOT)) == len(words) or bits == 63
    )
    place = np.full(int(_SLOT) + 1, -1, dtype=np.int64)
    whose = np.full(int(_SLOT) + 1, UNTOLD)
    slot = (mine >> np.uint64(shift)) & _SLOT
    if len(np.unique(slot)) < len(words):
        raise ValueError(f"{len(words)} words cannot be told apart by their codes")
    place[slot], whose[slot] = np.arange(len(words)), mine
    return shift, place, whose
