"""Rows in order: sorted only where they are not yet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import FEW, NO_MOMENT, moments
from features.kernels.ordering import UNSORTED, ties_among, ties_of_two


def in_order(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """``frame`` sorted by the columns ``by``; as it is when it is sorted. A null text is as an
    empty one."""
    return frame if tied(frame, by) is not None else frame.sort(by)


def by_bucket(
    frame: pl.DataFrame, buckets: int, by: Sequence[str]
) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """``frame`` sorted by bucket and within it by the columns ``by``, of which the first is the
    citizen; and where each bucket starts and the last one ends.

    One sort of numbers is tried first: deliveries come in the order of time, and then that does.
    """
    order, ends = _by_citizen(frame["citizen"].to_numpy(), buckets)
    rows = frame.select(pl.all().gather(order))
    parts = [rows.slice(start, end - start) for start, end in pairwise(ends)]
    if all(tied(part, by) is not None for part in parts):
        return rows, ends
    return pl.concat([in_order(part, by) for part in parts], rechunk=True), ends


def _by_citizen(citizen: NDArray[np.int64], buckets: int) -> tuple[pl.Series, NDArray[np.int64]]:
    """The places of ``citizen`` by bucket, by as much of the number as there is room for (nearly
    always all that tells it apart), and by place; and where each bucket starts and the last ends.

    All three are packed into one number each, so that sorting moves nothing else.
    """
    places, spread = len(citizen).bit_length(), (buckets - 1).bit_length()
    bucket = (citizen % buckets).astype(np.uint64)
    rising = citizen.view(np.uint64) ^ np.uint64(1 << 63)
    packed = bucket << np.uint64(64 - spread) if spread else np.zeros(len(citizen), np.uint64)
    packed |= rising >> np.uint64(spread + places) << np.uint64(places)
    packed |= np.arange(len(citizen), dtype=np.uint64)
    packed.sort()
    order = pl.Series(packed & np.uint64((1 << places) - 1)).cast(pl.UInt32)
    ends = np.append(0, np.cumsum(np.bincount(bucket.astype(np.int64), minlength=buckets)))
    return order, ends


def tied(frame: pl.DataFrame, by: Sequence[str]) -> NDArray[np.int64] | None:
    """The places of the rows that equal the row before them in all of ``by``.

    None when the frame is not sorted by them. One pass over the first two columns, and over each
    next one only where all before it were equal.
    """
    at, rest = np.arange(1, frame.height), list(by)
    if len(by) > 1 and pl.String not in (frame[by[0]].dtype, frame[by[1]].dtype):
        at, rest = ties_of_two(_numbers(frame[by[0]]), _numbers(frame[by[1]])), list(by[2:])
    for name in rest:
        if not len(at) or at[0] == UNSORTED:
            break
        at = _among(frame[name], at)
    return None if len(at) and at[0] == UNSORTED else at


def _among(column: pl.Series, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the places ``at`` that tie in ``column`` too; :data:`UNSORTED` alone when not
    sorted."""
    if column.dtype != pl.String:
        return ties_among(_numbers(column), at)
    ranks = _few_ranks(column, at) if len(column) <= FEW else _ranks(column[at - 1], column[at])
    return np.array([UNSORTED]) if (ranks > 0).any() else at[ranks == 0]


def _numbers(column: pl.Series) -> NDArray[np.int64]:
    """Numbers or moments in the same order; null is less than any."""
    if not column.dtype.is_numeric():
        return moments(column)
    whole = column.fill_null(NO_MOMENT) if column.null_count() else column
    return whole.to_numpy().astype(np.int64, copy=False)


def _ranks(before: pl.Series, here: pl.Series) -> NDArray[np.int64]:
    """Texts as -1, 0 or 1: less than, equal to or greater than what comes after."""
    before, here = (
        texts.fill_null("") if texts.null_count() else texts for texts in (before, here)
    )
    ranks: NDArray[np.int64] = (before > here).to_numpy().astype(np.int64)
    ranks -= (before < here).to_numpy()
    return ranks


def _few_ranks(column: pl.Series, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same of the texts at ``at`` and before them."""
    texts = [text or "" for text in column.to_list()]
    pairs = ((texts[place - 1], texts[place]) for place in at.tolist())
    return np.array([(one > next_) - (one < next_) for one, next_ in pairs], dtype=np.int64)
