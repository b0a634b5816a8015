"""How signals read rows and writes columns: citizen-sorted arrays in, Float32 columns out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.kernels.columns import rows_among
from features.pack import Pack
from features.records import Records
from features.windows import Days, day_number, local_days_at, narrowest, today

Floats = NDArray[np.float64]


def rows_of(citizens: pl.Series, records: Records) -> NDArray[np.int64]:
    """The place of each citizen in ``records.citizens``; all are there.

    Quick where equal citizens lie together, as they do in records.
    """
    return rows_among(citizens.to_numpy(), records.citizens.to_numpy())


def ages(moments: pl.Series, records: Records, pack: Pack) -> Days:
    """Local days from each moment to ``records.as_of``; negative when it is still to come."""
    return ages_at(moments.to_numpy().view(np.int64), records, pack)


def ages_at(at: NDArray[np.int64], records: Records, pack: Pack) -> Days:
    """The same for moments in microseconds since 1970 (UTC)."""
    zone = pack.domain.time_zone
    return day_number(today(records.as_of, zone)) - local_days_at(at, zone)


def tally(row: NDArray[np.int64], citizens: int) -> Floats:
    """How often each citizen's place occurs in ``row``."""
    return np.bincount(row, minlength=citizens).astype(np.float64)


def total(row: NDArray[np.int64], weights: Floats, citizens: int) -> Floats:
    """The sum of ``weights`` per citizen, added in the order of the rows."""
    return np.bincount(row, weights=weights, minlength=citizens).astype(np.float64, copy=False)


def tally_within(
    place: NDArray[np.int64], age: Days, windows: Sequence[int], places: int
) -> Floats:
    """How often each place occurs in each window; shape (windows, places).

    Every row is counted once, in the narrowest window that holds it: wider ones add up.
    """
    return total_within(place, age, None, windows, places)


def total_within(
    place: NDArray[np.int64],
    age: Days,
    weights: Floats | None,
    windows: Sequence[int],
    places: int,
) -> Floats:
    """The sum of ``weights`` per place in each window, as :func:`tally_within` counts."""
    bins = len(windows) + 1
    cell = place * bins + narrowest(age, windows)
    summed = np.bincount(cell, weights=weights, minlength=places * bins).reshape(places, bins)
    return np.cumsum(summed[:, :-1].T, axis=0, dtype=np.float64)


def last(row: NDArray[np.int64], values: NDArray[np.generic], citizens: int) -> Floats:
    """The last of ``values`` per citizen in the order of the rows; NaN where there is none."""
    found = np.full(citizens, np.nan)
    found[row] = values
    return found


def nothing(citizens: int) -> Floats:
    """Unknown for everyone."""
    return np.full(citizens, np.nan)


Columns = Mapping[str, NDArray[np.generic]]
"""Signals by name: one array over the citizens each, NaN is unknown."""


def matrix(columns: Columns, citizens: int) -> pl.DataFrame:
    """Columns as a frame of Float32 with a row per citizen, NaN made null."""
    wide = np.empty((len(columns), citizens), dtype=np.float32)
    for place, values in enumerate(columns.values()):
        wide[place] = values
    if citizens < len(columns):  # of a few citizens, making the columns one by one is what takes
        each = [pl.Series(str(row), wide[:, row], nan_to_null=True) for row in range(citizens)]
        return (
            pl.DataFrame(each).transpose(column_names=list(columns))
            if each
            else pl.DataFrame(schema=dict.fromkeys(columns, pl.Float32))
        )
    names = zip(columns, wide, strict=True)
    return pl.DataFrame([pl.Series(name, row, nan_to_null=True) for name, row in names])


def snake(identifier: str) -> str:
    """A kebab-case identifier as part of a signal's name."""
    return identifier.replace("-", "_")
