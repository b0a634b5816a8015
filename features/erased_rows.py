"""Rows of erased citizens, left out at the door: counted, and kept nowhere.

A row that ties another identifier to an erased citizen teaches that the identifier is theirs too,
and sets its tombstone: a client number that comes with the number of somebody who was erased
brings nobody back.
"""

from __future__ import annotations

import polars as pl

from features.lake import Lake
from features.sources.mapping import FileMapping, Subject
from features.sources.mapping_rows import Door, Rows, citizens
from features.sources.values import Faults
from features.stand_ins import unnamed


class ErasedRows:
    """Leaves out what is about erased citizens, while one file is landed."""

    def __init__(self, lake: Lake, door: Door, mapping: FileMapping) -> None:
        self._lake = lake
        self._door = door
        self._mapping = mapping
        self._tombstones = door.tombstones

    def left_out(self, rows: Rows) -> Rows:
        """``rows`` without those of, or linked to, erased citizens."""
        if not self._tombstones:
            return rows
        tied = [rows.citizen, *self._linked(rows)]
        erased = pl.DataFrame([self._tombstones.of(one) for one in _named(tied)]).select(
            pl.any_horizontal(pl.all())
        )
        gone = erased.to_series()
        if gone.any() and len(tied) > 1:
            self._learn(tied, gone)
        return rows.filter(~gone)

    def unnamed(self, relations: pl.DataFrame) -> pl.DataFrame:
        """``relations`` (and other records as they are) that name nobody who was erased."""
        if not self._tombstones or "relative" not in relations.columns:
            return relations
        named = self._tombstones.of(relations["relative"])
        return unnamed(relations, named, self._door.pseudonyms)

    def _linked(self, rows: Rows) -> list[pl.Series]:
        """What the links of the mapping tie each row's subject to."""
        return [
            citizens(
                Subject(column=link.column, scheme=link.scheme),
                rows.frame,
                Faults(rows.frame.height),
                self._door,
                required=False,
            )
            for link in self._mapping.links
        ]

    def _learn(self, tied: list[pl.Series], gone: pl.Series) -> None:
        told = {number for one in tied for number in one.filter(gone).drop_nulls()}
        self._lake.append("tombstones", self._tombstones.new(told, self._door.now))


def _named(series: list[pl.Series]) -> list[pl.Series]:
    return [one.alias(str(place)) for place, one in enumerate(series)]
