"""Ids for records whose source gives none: a stable keyed hash of what the record says.

Two 64-bit lanes are mixed column by column (splitmix64's finaliser); texts enter by keyed
BLAKE2b, once per distinct text. The same record has the same id in every delivery, on every
machine and in every version; equal records in one delivery are told apart by their count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Words = NDArray[np.uint64]

MADE = "^[a-p]{32}$"
"""What an id made here looks like (:func:`occurrence_ids`)."""

_NULL = np.uint64(0x9AE16A3B2F90404F)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Two independent 64-bit hashes of each row."""

    high: Words
    low: Words


def row_lanes(frame: pl.DataFrame, key: bytes, context: str) -> Lanes:
    """The hashes of each row of ``frame`` (texts, integers, floats, dates, moments).

    ``context`` says what the rows are, so that equal rows of different kinds differ.
    """
    start = _words_of(context, key)
    high = np.full(frame.height, start[0], dtype=np.uint64)
    low = np.full(frame.height, start[1], dtype=np.uint64)
    for column in frame:
        above, below = _column_words(column, key)
        high = _mix(high ^ above)
        low = _mix(low ^ below)
    return Lanes(high, low)


def occurrence_ids(lanes: Lanes, occurrence: Words) -> pl.Series:
    """Ids of 32 letters (a to p) for rows, of which this is the n-th equal one (from 0)."""
    high = np.where(occurrence == 0, lanes.high, _mix(lanes.high ^ _mix(occurrence)))
    low = np.where(occurrence == 0, lanes.low, _mix(lanes.low ^ _mix(occurrence + _STEP)))
    both = np.stack([high, low], axis=1).astype(">u8").view(np.uint8)
    # Letters only, so that no id can look like anybody's number.
    letters = np.stack([both >> 4, both & 15], axis=-1) + np.uint8(ord("a"))
    offsets = np.arange(0, 32 * (len(high) + 1), 32, dtype=np.int64)
    buffers = (pa.py_buffer(offsets.tobytes()), pa.py_buffer(letters.tobytes()))
    return pl.Series(pa.LargeStringArray.from_buffers(len(high), *buffers))


def _column_words(column: pl.Series, key: bytes) -> tuple[Words, Words]:
    if column.null_count() == len(column):
        nothing = np.full(len(column), _NULL)
        return nothing, nothing ^ _STEP
    if column.dtype == pl.String:
        return _text_words(column, key)
    if column.dtype == pl.Float64:
        numbers = (column.fill_null(0.0).to_numpy() + 0.0).view(np.uint64)
    else:
        numbers = column.to_physical().cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64)
    words = np.where(column.is_null().to_numpy(), _NULL, _mix(numbers))
    return words, words ^ _STEP


def _text_words(column: pl.Series, key: bytes) -> tuple[Words, Words]:
    distinct = column.drop_nulls().unique()
    digests = b"".join(
        [hashlib.blake2b(text.encode(), key=key, digest_size=16).digest() for text in distinct]
    )
    words = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    table = pl.DataFrame({"text": distinct, "high": words[:, 0], "low": words[:, 1]})
    found = column.to_frame("text").join(table, on="text", how="left", maintain_order="left")
    high = found["high"].fill_null(int(_NULL)).to_numpy()
    return high, found["low"].fill_null(int(_NULL ^ _STEP)).to_numpy()


def _words_of(text: str, key: bytes) -> Words:
    digest = hashlib.blake2b(text.encode(), key=key, digest_size=16).digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)


def _mix(words: Words) -> Words:
    with np.errstate(over="ignore"):
        mixed = words + _STEP
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        return mixed ^ (mixed >> np.uint64(31))
