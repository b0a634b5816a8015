"""Rows in order: sorted only where they are not yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import FEW, moments


def in_order(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """``frame`` sorted by the columns ``by``; as it is when it is sorted. A null text is as an
    empty one."""
    return frame if tied(frame, by) is not None else frame.sort(by)


def tied(frame: pl.DataFrame, by: Sequence[str]) -> NDArray[np.int64] | None:
    """The places of the rows that equal the row before them in all of ``by``.

    None when the frame is not sorted by them. One pass over the first column, and over each next
    one only where all before it were equal.
    """
    at = np.arange(1, frame.height)
    for name in by:
        if not len(at):
            break
        earlier, later = _pairs(frame[name], at)
        if (earlier > later).any():
            return None
        at = at[earlier == later]
    return at


def _pairs(column: pl.Series, at: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What stands just before some places and at them, as numbers in the same order."""
    if column.dtype == pl.String:
        return _ranks(column[at - 1], column[at])
    values = column.to_numpy() if column.dtype.is_numeric() else moments(column)
    if len(at) == len(values) - 1:
        return values[:-1], values[1:]
    return values[at - 1], values[at]


def _ranks(before: pl.Series, here: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Texts as -1, 0 or 1 and zero: less than, equal to or greater than what comes after."""
    before, here = (
        texts.fill_null("") if texts.null_count() else texts for texts in (before, here)
    )
    if len(here) <= FEW:
        pairs = zip(before.to_list(), here.to_list(), strict=True)
        ranks = np.array([(one > next_) - (one < next_) for one, next_ in pairs], dtype=np.int64)
    else:
        ranks = (before > here).to_numpy().astype(np.int64) - (before < here).to_numpy()
    return ranks, np.zeros(len(ranks), dtype=np.int64)
