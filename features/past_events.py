"""Events as arrays: what the families count, sum and compare.

A column of texts is read as codes, once for all families: places in a list of declared words, or
numbers good for telling equal from not. Everything is in the order of the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.attributes import ATTRIBUTES, attribute_codes
from features.codes import FEW, UNTOLD, Codes, code, codes, moments, places, places_of
from features.columns import Floats, ages, rows_of
from features.kernels.by_kind import places_by_kind, places_of_some
from features.kernels.columns import marked_past
from features.kernels.groups import grouped
from features.pack import Pack
from features.records import Records
from features.remembered import kept_with_records
from features.windows import Days, microseconds

__all__ = ["UNTOLD", "Codes", "EventTable", "PastEvents", "event_table", "past_events"]


@lru_cache(maxsize=256)
def _places_of_kinds(kinds: tuple[str, ...], asked: tuple[str, ...]) -> NDArray[np.int64]:
    place = {kind: number for number, kind in enumerate(asked)}
    return np.array([*(place.get(kind, -1) for kind in kinds), -1], dtype=np.int64)


class EventTable:
    """All events of some records, with their columns as arrays; each is read when first asked.

    Parameters
    ----------
    row
        The place of each event's citizen in ``records.citizens``.
    kind
        The place of its type in the domain; -1 when it is not there or had not occurred.
    age
        Local days since it occurred; 0 is today.
    """

    def __init__(self, records: Records, pack: Pack) -> None:
        self._frame = records.events
        self._codes: dict[str, Codes] = {}
        self._places: dict[tuple[str, tuple[str, ...]], NDArray[np.int64]] = {}
        self._values: Floats | None = None
        self._by_kind: NDArray[np.int64] | None = None
        self._kinds = tuple(pack.domain.event_types)
        self.row = rows_of(self._frame["citizen"], records)
        self.age = ages(self._frame["occurred_at"], records, pack)
        self.kind = marked_past(
            self.places("type", self._kinds),
            self.moments("occurred_at"),
            microseconds(records.as_of),
        )

    def places_of_kinds(self, asked: tuple[str, ...]) -> NDArray[np.int64]:
        """For each kind its place in ``asked``, and -1 where it is not there; at the end -1, for
        what has no kind."""
        return _places_of_kinds(self._kinds, asked)

    def by_kind(self) -> NDArray[np.int64]:
        """The places of all events that had occurred, by citizen, and of a citizen by kind."""
        if self._by_kind is None:
            self._by_kind = places_by_kind(self.row, self.kind, len(self._kinds))
        return self._by_kind

    def codes(self, column: str) -> Codes:
        """The texts of ``column``, or with a ``$.name`` of that attribute."""
        if column not in self._codes:
            if column.startswith("$."):
                self._codes |= self._attributes()
            else:
                self._codes[column] = codes(self._frame[column])
        return self._codes[column]

    def places(self, column: str, words: tuple[str, ...]) -> NDArray[np.int64]:
        """The place of each text in ``words``; -1 where it is none of them."""
        key = (column, words)
        if key not in self._places:
            few = len(self.row) <= FEW
            self._places[key] = (
                places(self._frame[column], words) if few else places_of(self.codes(column), words)
            )
        return self._places[key]

    def values(self) -> Floats:
        """The value of each event; NaN where it has none that is finite."""
        if self._values is None:
            values = self._frame["value"].to_numpy()
            self._values = np.where(np.isfinite(values), values, np.nan)
        return self._values

    def texts(self, column: str, at: NDArray[np.int64]) -> pl.Series:
        """The texts of ``column`` at some places."""
        return self._frame[column][at]

    def moments(self, column: str) -> NDArray[np.int64]:
        """A column of moments, in microseconds since 1970 (UTC)."""
        return moments(self._frame[column])

    def code(self, word: str) -> np.uint64:
        """The code of one text, to compare with :meth:`codes`."""
        return code(word, len(self.row))

    def _attributes(self) -> dict[str, Codes]:
        """The codes of the attributes that are read; each different text is looked into once."""
        said = self.codes("attributes")
        which, first = grouped(said)
        texts = self._frame["attributes"][first]
        found = attribute_codes(texts, said[first], few=len(said) <= FEW)
        return {
            path: code[which] if code.any() else np.zeros(len(said), dtype=np.uint64)
            for path, code in zip(ATTRIBUTES, found, strict=True)
        }


@dataclass(frozen=True, slots=True)
class PastEvents:
    """The events of some types that had occurred at ``as_of``, in the order of the records.

    Parameters
    ----------
    at
        Their places in the records' events.
    row, age
        As of :class:`EventTable`.
    kind
        The place of each event's type in the types asked for.
    """

    table: EventTable
    at: NDArray[np.int64]
    row: NDArray[np.int64]
    kind: NDArray[np.int64]
    age: Days

    def __len__(self) -> int:
        return len(self.at)

    def where(self, keep: NDArray[np.bool_]) -> PastEvents:
        """The events at which ``keep`` is true."""
        return PastEvents(
            self.table, self.at[keep], self.row[keep], self.kind[keep], self.age[keep]
        )

    def take(self, order: NDArray[np.int64]) -> PastEvents:
        """The events at some of these places, in that order."""
        return PastEvents(
            self.table, self.at[order], self.row[order], self.kind[order], self.age[order]
        )

    def codes(self, column: str) -> Codes:
        """The texts of a column, or of an attribute (``$.step``), as codes."""
        return self.table.codes(column)[self.at]

    def places(self, column: str, words: Sequence[str]) -> NDArray[np.int64]:
        """The places of the texts of a column in ``words``; -1 where it is none of them."""
        return self.table.places(column, tuple(words))[self.at]

    def values(self) -> Floats:
        """Their values; NaN where there is none that is finite."""
        return self.table.values()[self.at]

    def texts(self, column: str) -> pl.Series:
        """The texts of a column."""
        return self.table.texts(column, self.at)

    def moments(self, column: str) -> NDArray[np.int64]:
        """A column of moments, in microseconds since 1970 (UTC)."""
        return self.table.moments(column)[self.at]


def past_events(records: Records, pack: Pack, types: Iterable[str]) -> PastEvents:
    """The events of ``types`` that had occurred at ``records.as_of``."""
    table, asked = event_table(records, pack), tuple(types)
    most = _most_events(records, pack)
    if asked in most:
        return most[asked]
    place_of = table.places_of_kinds(asked)
    at = places_of_some(table.kind, place_of)
    found = PastEvents(table, at, table.row[at], place_of[table.kind[at]], table.age[at])
    if 2 * len(at) > len(table.kind):  # several families ask for most events; of fewer it is quick
        most[asked] = found
    return found


@kept_with_records
def _most_events(records: Records, pack: Pack) -> dict[tuple[str, ...], PastEvents]:
    """What was taken before, by the types that were asked for."""
    return {}


@kept_with_records
def event_table(records: Records, pack: Pack) -> EventTable:
    """The events of ``records`` as arrays."""
    return EventTable(records, pack)
