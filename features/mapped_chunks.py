"""Mapped chunks: rows of a delivery made into records, before the lake is looked at.

It needs nothing but the rows, the pack and the key, so that the next chunk can be made in another
thread while one is committed. Chunks come in the order of the delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from features.deliveries import Delivered
from features.domain import Sensitivity
from features.erased_rows import left_out
from features.quarantine import QUARANTINE
from features.quarantined import Bad
from features.revising import known_by
from features.sources.chunks import Chunk, Malformed
from features.sources.mapped_ids import telling_columns
from features.sources.mapping import (
    EventMapping,
    Link,
    RecordMapping,
    RelationMapping,
    Subject,
)
from features.sources.mapping_rows import (
    Door,
    Output,
    Rows,
    citizens,
    event_output,
    fact_output,
    relation_output,
    withdrawal_output,
)
from features.sources.reading import unpivoted
from features.sources.values import Faults

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Linked:
    """The other identifiers that a link of the mapping ties rows to.

    Parameters
    ----------
    other
        Int64: the pseudonym of each; null where there is none that holds.
    """

    other: pl.Series
    faults: Faults


@dataclass(frozen=True, slots=True)
class MappedChunk:
    """What the rows of a chunk are made into.

    Parameters
    ----------
    height
        How many rows the chunk had, ``malformed`` ones included.
    rows
        The rows whose citizen is known, and was not erased.
    bad_rows, bad_outputs
        What is wrong with the rows themselves, and with what each output made of them.
    records
        The good records by table, without the ids that are made. ``\\0part`` is the place of
        their output in ``bad_outputs``, ``\\0at`` and ``\\0row`` say of which row they are. Those
        of an output that may change have a ``\\0versioned``; those ``\\0withdrawn`` are what a row
        takes back.
    erased, tombstones
        How many rows were of erased citizens, and what they tell (:mod:`features.erased_rows`).
    linked
        What each link of the mapping says of ``rows``.
    quarantined
        Rows of :data:`features.quarantine.QUARANTINE` that were found before.
    """

    height: int
    malformed: tuple[Malformed, ...]
    rows: Rows
    bad_rows: Bad
    bad_outputs: list[Bad]
    records: dict[str, pl.DataFrame]
    erased: int
    tombstones: pl.DataFrame
    linked: tuple[Linked, ...] = ()
    quarantined: pl.DataFrame = field(default_factory=QUARANTINE.to_frame)


class ChunkMapper:
    """Makes the chunks of one delivery."""

    def __init__(self, delivery: Delivered, door: Door) -> None:
        self._delivery = delivery
        self._mapping = delivery.mapping
        self._door = door
        self._key = door.pseudonyms.derived_key("records")
        self._free = frozenset(door.pack.facts(Sensitivity.FREE))

    def chunks(self) -> Iterator[MappedChunk]:
        """The chunks in order; one is made ahead of the one at hand.

        The delivery is read in the thread that asks, so that a source may hold on to a connection.
        Raises what reading or mapping raises, after the last chunk before it.
        """
        return _one_ahead(self._delivery.chunks(), self.mapped)

    def mapped(self, chunk: Chunk) -> MappedChunk:
        """One chunk; raises SourceError when it is not what the mapping says."""
        frame, row, place = unpivoted(chunk, self._mapping.unpivot)
        faults = Faults(frame.height)
        citizen = citizens(self._mapping.subject, frame, faults, self._door, required=True)
        everyone = Rows(frame, citizen, row, place, self._telling(frame))
        known = everyone.filter(citizen.is_not_null()) if citizen.null_count() else everyone
        rows, tombstones = left_out(known, self._mapping, self._door)
        bad: list[Bad] = []
        return MappedChunk(
            height=chunk.frame.height + len(chunk.malformed),
            malformed=chunk.malformed,
            rows=rows,
            bad_rows=Bad.of_output("row", Output(everyone, frame, faults), ()),
            bad_outputs=bad,
            records=self._records(rows, bad),
            erased=len(known.row) - len(rows.row),
            tombstones=tombstones,
            linked=tuple(self._linked(link, rows) for link in self._mapping.links),
        )

    def _linked(self, link: Link, rows: Rows) -> Linked:
        faults = Faults(rows.frame.height)
        subject = Subject(column=link.column, scheme=link.scheme)
        return Linked(citizens(subject, rows.frame, faults, self._door, required=False), faults)

    def _telling(self, frame: pl.DataFrame) -> tuple[pl.Series, ...]:
        """The texts on each row that say who it is about."""
        return tuple(frame[column] for column in telling_columns(self._mapping))

    def _records(self, rows: Rows, bad: list[Bad]) -> dict[str, pl.DataFrame]:
        made: dict[str, list[pl.DataFrame]] = {}
        outputs = self._mapping.outputs
        for number, mapping in enumerate(outputs):
            places = rows.place * len(outputs) + number
            placed = Rows(rows.frame, rows.citizen, rows.row, places, rows.identities)
            table, part = self._place(mapping)
            parts = made.setdefault(table, [])
            if mapping.withdrawn_when is None:
                parts.append(self._good(part, mapping, self._output(mapping, placed), bad))
                continue
            rest, taken = placed.where(mapping.when).parted(mapping.withdrawn_when)
            parts.append(self._good(part, mapping, self._output(mapping, rest), bad))
            back = withdrawal_output(mapping, taken, self._delivery.source, self._door)
            gone = pl.lit(value=True).alias("\0withdrawn")
            parts.append(self._good(part, mapping, back, bad).with_columns(gone))
        return {table: pl.concat(parts, how="diagonal") for table, parts in made.items()}

    def _place(self, mapping: RecordMapping) -> tuple[str, str]:
        """The table an output goes to, and its name in the mapping."""
        files = self._mapping
        if isinstance(mapping, EventMapping):
            return "events", f"events.{files.events.index(mapping)}"
        if isinstance(mapping, RelationMapping):
            return "relations", f"relations.{files.relations.index(mapping)}"
        table = "facts" if mapping.name in self._free else "protected"
        return table, f"facts.{files.facts.index(mapping)}"

    def _output(self, mapping: RecordMapping, rows: Rows) -> Output:
        source = self._delivery.source
        if isinstance(mapping, EventMapping):
            return event_output(mapping, rows, source, self._door)
        if isinstance(mapping, RelationMapping):
            return relation_output(mapping, rows, source, self._door)
        return fact_output(mapping, rows, source, self._door)

    def _good(
        self, part: str, mapping: RecordMapping, output: Output, bad: list[Bad]
    ) -> pl.DataFrame:
        """The records of one output that nothing is wrong with."""
        records = output.records.with_columns(
            pl.lit(len(bad)).alias("\0part"),
            pl.int_range(pl.len()).alias("\0at"),
            output.rows.row.alias("\0row"),
        )
        if output.faults.reason.null_count() < records.height:
            records = records.filter(output.faults.reason.is_null())
        bad.append(Bad.of_output(part, output, (mapping,)))
        if not mapping.may_change:
            return records
        table, source = self._place(mapping)[0], self._delivery.source
        return known_by(table, records, source, self._key, revisable=mapping.revisable)


def _one_ahead(given: Iterator[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
    """``work`` done on what is ``given``, in order: in another thread, while the outcome before is
    in use. A fault in giving comes after all outcomes before it."""
    with ThreadPoolExecutor(1, thread_name_prefix="chunks") as worker:
        coming: Future[Made] | None = None
        fault: Exception | None = None
        while fault is None:
            try:
                following = worker.submit(work, next(given))
            except Exception as told:
                fault = told
            else:
                if coming is not None:
                    yield coming.result()
                coming = following
        if coming is not None:
            yield coming.result()
        if not isinstance(fault, StopIteration):
            raise fault
