"""Batches: what was received (:mod:`features.received`), into the lake, exactly once.

A batch holds messages of one mapping, and has a number that no batch before it had. Each table's
commit carries it, so a batch that was cut off anywhere lands the rest when it is landed again, and
whoever reads a table knows which batches are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from features.deliveries import Pulled
from features.ingest import FRAGMENTED, door_of
from features.known_records import KnownRecords
from features.lake import Lake
from features.landing import Landed, Landing
from features.links import Aliases
from features.mapped_chunks import Linked, MappedChunk
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.quarantined import Bad
from features.received import Kept
from features.record_ids import IDS
from features.revising import Revising
from features.sources.mapping import FileMapping
from features.sources.mapping_rows import Rows
from features.sources.values import Faults
from features.tables import LAYOUT
from features.tombstones import TOMBSTONES

MARKS: Final = {
    "\0versioned": pl.Boolean(),
    "\0natural": pl.Boolean(),
    "\0withdrawn": pl.Boolean(),
}
"""What is noted on records that may change (:class:`features.mapped_chunks.MappedChunk`)."""

_ROOM = 1 << 20
"""So many records one message may give: their order follows that of the messages."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was received and waits to land.

    Parameters
    ----------
    number
        Its place among all that were received.
    subject
        The pseudonym that it was delivered under.
    """

    number: int
    subject: int | None
    kept: Kept


def application(source: str, mapping: str) -> str:
    """What the batches of a mapping are known by in the lake's commits."""
    return f"received-{source}-{mapping}"


def last_batch(lake: Lake, pack: Pack) -> int:
    """The highest number of a batch that any commit of the lake carries; 0 when there is none."""
    names = [
        application(source, mapping.name)
        for source, files in pack.mappings.items()
        for mapping in files.files
    ]
    tables = [table for table in (*IDS, "revisions", "links", "quarantine") if lake.exists(table)]
    return max([0, *(lake.transaction(table, name) for table in tables for name in names)])


def records_of(table: str, messages: Iterable[Waiting]) -> pl.DataFrame:
    """The records of ``table`` that ``messages`` keep: its schema, :data:`MARKS` where they have
    some, and ``\\0at``, the place of the message."""
    schema = LAYOUT[table].schema
    rows = [
        {
            **row,
            "citizen": message.subject,
            "order": message.number * _ROOM + row["order"],
            "\0at": at,
        }
        for at, message in enumerate(messages)
        for row in message.kept.get(table, ())
    ]
    marks = {name: kind for name, kind in MARKS.items() if any(name in row for row in rows)}
    plain = {name: _plain(kind) for name, kind in schema.items()}
    frame = pl.DataFrame(rows, schema={**plain, **marks, "\0at": pl.Int64()}, orient="row")
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in schema.items())


class Batches:
    """Lands batches, one after another, knowing between them what the lake holds."""

    def __init__(self, lake: Lake, pack: Pack, pseudonyms: Pseudonyms) -> None:
        self._lake = lake
        self._pack = pack
        self._pseudonyms = pseudonyms
        self._versions: dict[str, int] | None = None

    def land(
        self,
        source: str,
        mapping: str,
        number: int,
        messages: Sequence[Waiting],
        *,
        now: datetime,
    ) -> Landed:
        """Land a batch; the caller holds :meth:`features.lake.Lake.sole_writer`.

        A message of a citizen who was erased since it came in gives nothing.
        """
        self._catch_up()
        self._lake.append("tombstones", _frame("tombstones", messages, "token"))
        door = door_of(self._lake, self._pack, self._pseudonyms, now)
        subjects = pl.Series([one.subject for one in messages], dtype=pl.Int64)
        gone = door.tombstones.of(subjects)
        left = [one for one, erased in zip(messages, gone, strict=True) if not erased]
        read = self._mapping(source, mapping)
        delivery = Pulled(source, read, f"received by {mapping}", lambda: iter(()), noted=False)
        landing = Landing(
            delivery,
            application(source, mapping),
            self._lake,
            door,
            self._known,
            self._revising,
            self._aliases,
            None,
        )
        landed = landing.land_batch(number, _chunk(read, left))
        self._versions = self._lake.versions()
        return landed

    def compact(self) -> int:
        """Put what landed in small pieces together; returns how many buckets were rewritten."""
        self._lake.refresh()
        known = self._versions == self._lake.versions()
        rewritten = self._lake.compact(above=FRAGMENTED)
        self._versions = self._lake.versions() if known else None
        return rewritten

    def _catch_up(self) -> None:
        """Learn what the lake holds, if anybody else has written to it."""
        self._lake.refresh()
        if self._versions is not None and self._versions == self._lake.versions():
            return
        self._known = KnownRecords(self._lake, self._pack)
        self._revising = Revising(self._lake, self._known, self._pseudonyms)
        links, apart = (self._lake.scan(name).collect() for name in ("links", "separations"))
        self._aliases = Aliases(links, apart)

    def _mapping(self, source: str, name: str) -> FileMapping:
        files = self._pack.mappings[source].files
        return next(one for one in files if one.name == name)


def _chunk(mapping: FileMapping, messages: Sequence[Waiting]) -> MappedChunk:
    """The messages as the chunk of a delivery."""
    n = len(messages)
    numbers = pl.Series([one.number for one in messages], dtype=pl.Int64)
    citizen = pl.Series([one.subject for one in messages], dtype=pl.Int64)
    rows = Rows(pl.DataFrame({"number": numbers}), citizen, numbers, numbers)
    bad: list[Bad] = []
    records: dict[str, pl.DataFrame] = {}
    for table in IDS:
        made = records_of(table, messages)
        if made.is_empty():
            continue
        part = pl.lit(len(bad)).alias("\0part")
        records[table] = made.with_columns(part, numbers.gather(made["\0at"]).alias("\0row"))
        bad.append(Bad(table, rows, ()))
    return MappedChunk(
        height=n,
        malformed=(),
        rows=rows,
        bad_rows=Bad("row", rows, ()),
        bad_outputs=bad,
        records=records,
        erased=0,
        tombstones=TOMBSTONES.to_frame(),
        linked=tuple(_linked(place, messages) for place in range(len(mapping.links))),
        quarantined=_frame("quarantine", messages, "record_id"),
    )


def _linked(place: int, messages: Sequence[Waiting]) -> Linked:
    others = [
        next((one["other"] for one in message.kept.get("links", ()) if one["link"] == place), None)
        for message in messages
    ]
    return Linked(pl.Series(others, dtype=pl.Int64), Faults(len(messages)))


def _frame(table: str, messages: Sequence[Waiting], key: str) -> pl.DataFrame:
    """What ``messages`` keep for a table that is about nobody, each ``key`` once."""
    rows: list[Mapping[str, Any]] = [
        row for message in messages for row in message.kept.get(table, ())
    ]
    schema = LAYOUT[table].schema
    plain = {name: _plain(kind) for name, kind in schema.items()}
    frame = pl.DataFrame(rows, schema=plain, orient="row").unique(key, maintain_order=True)
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in schema.items())


def _plain(kind: pl.DataType) -> pl.DataType:
    """As which JSON has values of ``kind``."""
    if isinstance(kind, pl.Datetime):
        return pl.Int64()
    return pl.Int32() if isinstance(kind, pl.Date) else kind
