"""Rows in order: sorted only where they are not yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray


def in_order(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """``frame`` sorted by the columns ``by`` (which hold no null); as it is when it is sorted."""
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
        column = frame[name]
        if column.dtype == pl.String:
            before, here = column.gather(at - 1), column.gather(at)
            if (before > here).any():
                return None
            at = at[(before == here).to_numpy()]
        else:
            values = column.to_physical().to_numpy()
            whole = len(at) == len(values) - 1
            earlier, later = (values[:-1], values[1:]) if whole else (values[at - 1], values[at])
            if (earlier > later).any():
                return None
            at = at[earlier == later]
    return at
