"""Under which id a record is known: its source's own, numbered where need be, or one made of what
it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.row_ids import occurrence_ids, row_lanes
from features.tables import columns_of

IDS: Final = {
    "events": "event_id",
    "facts": "fact_id",
    "protected": "fact_id",
    "relations": "relation_id",
}
"""By table: the column of its records' ids."""

_NOT_SAID = {
    table: {column, "source", "order", "alias", "relative_alias"} for table, column in IDS.items()
}
"""The columns that play no part in an id made of what a record says."""

Occurrence = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
"""Tells the how-many-eth equal record each is, out of their hashes."""


def told_apart(records: pl.DataFrame, column: str) -> pl.Series:
    """The mapped ids, numbered where one row of a delivery gives several records under one id."""
    ids = records[column]
    if ids.null_count() == len(ids) or records["\0part"].n_unique() == 1:
        return ids
    nth = pl.int_range(pl.len()).over(column, "\0row")
    numbered = pl.format("{}#{}", column, nth)
    return records.select(pl.when(nth > 0).then(numbered).otherwise(column).alias(column))[column]


def made_ids(
    table: str,
    records: pl.DataFrame,
    key: bytes,
    context: tuple[str, str],
    occurrence: Occurrence | None = None,
) -> pl.Series:
    """Ids out of what ``records`` of ``table`` say of their subject as it was delivered.

    ``context`` is the source and its mapping. Equal records have one id, unless ``occurrence``
    tells them apart.
    """
    said = [name for name in columns_of(table) if name not in _NOT_SAID[table]]
    lanes = row_lanes(records.select(said), key, "\0".join((*context, table)))
    nth = (
        np.zeros(records.height, dtype=np.uint64) if occurrence is None else occurrence(lanes.high)
    )
    return occurrence_ids(lanes, nth)
