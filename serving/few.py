"""Counts of fewer than ten, and what would give them away, are not shown.

A count of one to nine may be about one person, also in a group of hundreds. Leaving it out is not
enough: what is left out must not be had by subtracting what is shown either, from a total that
stands elsewhere (the same work counted by step) or from the whole of which it is the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from monitoring.fairness import SMALLEST

FEW: Final = "few"
"""The column that names the measures of a row that are not shown because they are few."""


def without_few(
    frame: pl.DataFrame,
    counts: Sequence[str],
    *,
    parts: Mapping[str, str],
    left_out: pl.DataFrame,
) -> pl.DataFrame:
    """``frame`` with null for each of ``counts`` that is few or gives away one that is.

    Parameters
    ----------
    frame
        ``source`` and, of ``counts``, the whole numbers it has; null where they are not known.
    parts
        Measure → the measure that it is a part of: the rest may not be few either.
    left_out
        The rows of the same table that are not shown at all, with the same columns.

    Returns
    -------
    ``frame`` with the column :data:`FEW`, the names of what was left out of each row.
    """
    here = [name for name in counts if name in frame.columns]
    values = {name: _values(frame[name]) for name in here}
    hidden = {name: _few(values[name]) for name in here}
    for part, whole in parts.items():
        if part in values and whole in values:
            hidden[part] |= _few(values[whole] - values[part])
    sources, gone = frame["source"].to_numpy(), left_out["source"].to_numpy()
    for name in here:
        unseen = _values(left_out[name])
        for source in np.unique(sources):
            mine = sources == source
            _hide_more(hidden[name], values[name], np.flatnonzero(mine), unseen[gone == source])
    few = [[name for name in here if hidden[name][row]] for row in range(frame.height)]
    return frame.with_columns(
        *(
            pl.when(pl.Series(~hidden[name], dtype=pl.Boolean)).then(pl.col(name)).alias(name)
            for name in here
        ),
        pl.Series(FEW, few, dtype=pl.List(pl.String)),
    )


def _values(column: pl.Series) -> NDArray[np.float64]:
    """The numbers; not-a-number where they are not known."""
    return column.cast(pl.Float64).to_numpy()


def _few(counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (counts > 0) & (counts < SMALLEST)


def _hide_more(
    hidden: NDArray[np.bool_],
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
    unseen: NDArray[np.float64],
) -> None:
    """Hides the next smallest of one source until what is hidden together is neither one number
    nor few. Changes ``hidden``."""
    left = [row for row in rows[np.argsort(values[rows], kind="stable")] if values[row] > 0]
    while True:
        told = np.concatenate([values[rows][hidden[rows]], unseen[unseen > 0]])
        more = [row for row in left if not hidden[row]]
        if not len(told) or not more or (len(told) > 1 and told.sum() >= SMALLEST):
            return
        hidden[more[0]] = True
