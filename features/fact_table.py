"""Facts as arrays: what holds of each citizen, and since when.

A fact holds at a moment when ``valid_from`` <= moment < ``valid_to``. Of the versions that hold,
the last in the order of the records is true: the latest ``valid_from``, then ``known_at``, then
``order``.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import NO_MOMENT, moments, places
from features.columns import Floats, rows_of
from features.pack import Pack
from features.records import Records
from features.remembered import kept_with_records
from features.windows import microseconds

FOREVER = np.iinfo(np.int64).max
"""The end of what holds until further notice."""


class FactTable:
    """The facts of some records, in their order, with their columns as arrays.

    Parameters
    ----------
    names
        The facts of the pack, in its order.
    row
        The place of each fact's citizen.
    name
        The place of its name in ``names``; -1 when it is not there.
    number
        Its value as a number; NaN when it has none.
    valid_from, valid_to
        Microseconds since 1970 (UTC); :data:`FOREVER` until further notice.
    run
        Where the versions of one fact of one citizen start anew: True at the first of each.
    """

    def __init__(self, facts: pl.DataFrame, records: Records, names: tuple[str, ...]) -> None:
        self.names = names
        self.row = rows_of(facts["citizen"], records)
        self.name = places(facts["name"], names)
        self.number: Floats = facts["number"].to_numpy().astype(np.float64, copy=False)
        self.valid_from = moments(facts["valid_from"])
        ends = moments(facts["valid_to"])
        self.valid_to = np.where(ends == NO_MOMENT, FOREVER, ends)
        key = self.name + self.row * (len(names) + 1)
        self.run = np.ones(len(key), dtype=np.bool_)
        self.run[1:] = key[1:] != key[:-1]

    def holding(self, moment: datetime, back_days: int = 0) -> NDArray[np.int64]:
        """The places of the versions that hold ``back_days`` of 24 hours before ``moment``."""
        at = microseconds(moment) - back_days * 86_400_000_000
        known = self.name >= 0
        return np.flatnonzero((self.valid_from <= at) & (self.valid_to > at) & known)

    def wide(self, at: NDArray[np.int64], values: NDArray[np.generic], citizens: int) -> Floats:
        """The last of ``values`` (one for each place in ``at``) per fact and citizen, as an array
        of shape (names, citizens); NaN is unknown."""
        found = np.full((len(self.names), citizens), np.nan)
        found[self.name[at], self.row[at]] = values
        return found


@kept_with_records
def fact_table(records: Records, pack: Pack) -> FactTable:
    """The facts of ``records``."""
    return FactTable(records.facts, records, tuple(pack.domain.facts))


@kept_with_records
def held_numbers(records: Records, pack: Pack) -> Floats:
    """The number of each fact of the pack that is true at ``as_of``, of shape (facts, citizens);
    NaN is unknown."""
    table = fact_table(records, pack)
    at = table.holding(records.as_of)
    return table.wide(at, table.number[at], len(records.citizens))
