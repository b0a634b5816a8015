"""Who lives with whom, for intervals that draw whole households.

People of one household share rent, income and letters, and take services up together; drawn one by
one they would make an interval too narrow.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from features.lake import Lake

LIVING_TOGETHER = ("partner", "household")
CHILD = "child"
GROWN_UP = timedelta(days=round(18 * 365.25))


def households(lake: Lake, as_of: datetime, citizens: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the household of each of ``citizens``, who may come more than once.

    Partners, members of a recorded household, and parents with their children under 18, as known at
    ``as_of``. Whoever has no such relation is a household alone.
    """
    people, place = np.unique(citizens, return_inverse=True)
    ties = _ties(lake, as_of)
    one, other = (np.searchsorted(people, ties[name].to_numpy()) for name in ties.columns)
    here = _among(people, one, ties["citizen"]) & _among(people, other, ties["relative"])
    graph = coo_array((np.ones(here.sum()), (one[here], other[here])), shape=2 * (len(people),))
    _, number = connected_components(graph, directed=False)
    return np.asarray(number[place], dtype=np.int64)


def _ties(lake: Lake, as_of: datetime) -> pl.DataFrame:
    """citizen, relative: each pair that lives together."""
    young = pl.col("relative_birth_date") > (as_of - GROWN_UP).date()
    together = pl.col("kind").is_in(LIVING_TOGETHER) | ((pl.col("kind") == CHILD) & young)
    return (
        lake.scan("relations")
        .filter(
            together,
            pl.col("relative").is_not_null(),
            pl.col("known_at") <= as_of,
            pl.col("valid_from") <= as_of,
            pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of),
        )
        .select("citizen", "relative")
        .collect()
    )


def _among(
    people: NDArray[np.int64], place: NDArray[np.int64], whom: pl.Series
) -> NDArray[np.bool_]:
    inside = place < len(people)
    inside[inside] = people[place[inside]] == whom.to_numpy()[inside]
    return inside
