"""How signals read rows and writes columns: citizen-sorted arrays in, Float32 columns out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.pack import Pack
from features.records import Records
from features.remembered import remembered
from features.windows import Days, day_number, local_days, today

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PastEvents:
    """The events of some types that had occurred at ``as_of``, in the order of the records.

    Parameters
    ----------
    frame
        The columns of the events that were asked for.
    row
        The place of each event's citizen in ``records.citizens``.
    kind
        The place of each event's type in the types asked for.
    age
        Local days since it occurred; 0 is today.
    """

    frame: pl.DataFrame
    row: NDArray[np.int64]
    kind: NDArray[np.int64]
    age: Days

    def where(self, keep: NDArray[np.bool_]) -> PastEvents:
        """The events at which ``keep`` is true."""
        frame = self.frame.filter(keep) if self.frame.width else self.frame
        return PastEvents(frame, self.row[keep], self.kind[keep], self.age[keep])


def past_events(records: Records, pack: Pack, types: Iterable[str], *columns: str) -> PastEvents:
    """The events of ``types`` that had occurred at ``records.as_of``, with ``columns``."""
    every = _every_event(records, pack)
    place = np.full(len(pack.domain.event_types) + 1, -1, dtype=np.int64)
    names = list(pack.domain.event_types)
    for number, kind in enumerate(types):
        place[names.index(kind)] = number
    kinds = place[every.kind]
    asked = kinds >= 0
    frame = records.events.select(columns)
    return PastEvents(
        frame=frame.filter(asked) if columns else frame,
        row=every.row[asked],
        kind=kinds[asked],
        age=every.age[asked],
    )


@remembered(2)
def _every_event(records: Records, pack: Pack) -> PastEvents:
    """All events; ``kind`` is the place of the type in the domain, -1 when it is not there or
    the event had not occurred."""
    kinds = records.events["type"].cast(pl.Enum(list(pack.domain.event_types)), strict=False)
    past = records.events["occurred_at"] <= records.as_of
    known = kinds.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return PastEvents(
        frame=pl.DataFrame(),
        row=rows_of(records.events["citizen"], records),
        kind=np.where(past.to_numpy(), known, -1),
        age=ages(records.events["occurred_at"], records, pack),
    )


def rows_of(citizens: pl.Series, records: Records) -> NDArray[np.int64]:
    """The place of each citizen in ``records.citizens``; all are there."""
    return np.searchsorted(records.citizens.to_numpy(), citizens.to_numpy()).astype(np.int64)


def ages(moments: pl.Series, records: Records, pack: Pack) -> Days:
    """Local days from each moment to ``records.as_of``; negative when it is still to come."""
    zone = pack.domain.time_zone
    return day_number(today(records.as_of, zone)) - local_days(moments, zone)


def tally(row: NDArray[np.int64], citizens: int) -> Floats:
    """How often each citizen's place occurs in ``row``."""
    return np.bincount(row, minlength=citizens).astype(np.float64)


def total(row: NDArray[np.int64], weights: Floats, citizens: int) -> Floats:
    """The sum of ``weights`` per citizen, added in the order of the rows."""
    return np.bincount(row, weights=weights, minlength=citizens).astype(np.float64, copy=False)


def last(row: NDArray[np.int64], values: NDArray[np.generic], citizens: int) -> Floats:
    """The last of ``values`` per citizen in the order of the rows; NaN where there is none."""
    found = np.full(citizens, np.nan)
    found[row] = values
    return found


def nothing(citizens: int) -> Floats:
    """Unknown for everyone."""
    return np.full(citizens, np.nan)


def matrix(columns: Mapping[str, NDArray[np.generic]]) -> pl.DataFrame:
    """Columns as a frame of Float32, NaN made null."""
    return pl.DataFrame(
        [
            pl.Series(name, values.astype(np.float32), nan_to_null=True)
            for name, values in columns.items()
        ]
    )


def snake(identifier: str) -> str:
    """A kebab-case identifier as part of a signal's name."""
    return identifier.replace("-", "_")
