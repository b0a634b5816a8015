"""Rows of erased citizens, left out at the door: counted, and kept nowhere.

A row that ties another identifier to an erased citizen teaches that the identifier is theirs too,
and makes its tombstone: a client number that comes with the number of somebody who was erased
brings nobody back.
"""

from __future__ import annotations

import polars as pl

from features.sources.mapping import FileMapping, Subject
from features.sources.mapping_rows import Door, Rows, citizens
from features.sources.values import Faults
from features.stand_ins import unnamed
from features.tombstones import TOMBSTONES


def left_out(rows: Rows, mapping: FileMapping, door: Door) -> tuple[Rows, pl.DataFrame]:
    """``rows`` without those of, or linked to, erased citizens; and the tombstones
    (:data:`features.tombstones.TOMBSTONES`) of identifiers that turn out to be theirs."""
    tombstones = door.tombstones
    if not tombstones:
        return rows, TOMBSTONES.to_frame()
    tied = [rows.citizen, *_linked(rows, mapping, door)]
    erased = [tombstones.of(one).alias(str(place)) for place, one in enumerate(tied)]
    gone = pl.DataFrame(erased).select(pl.any_horizontal(pl.all())).to_series()
    theirs = {number for one in tied for number in one.filter(gone).drop_nulls()}
    return rows.filter(~gone), tombstones.new(theirs, door.now)


def without_erased(relations: pl.DataFrame, door: Door) -> pl.DataFrame:
    """``relations`` (and other records as they are) that name nobody who was erased."""
    if not door.tombstones or "relative" not in relations.columns:
        return relations
    return unnamed(relations, door.tombstones.of(relations["relative"]), door.pseudonyms)


def _linked(rows: Rows, mapping: FileMapping, door: Door) -> list[pl.Series]:
    """What the links of the mapping tie each row's subject to."""
    return [
        citizens(
            Subject(column=link.column, scheme=link.scheme),
            rows.frame,
            Faults(rows.frame.height),
            door,
            required=False,
        )
        for link in mapping.links
    ]
