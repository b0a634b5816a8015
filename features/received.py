"""Messages that come one by one, at the door: what each gives the lake, or why it gives nothing.

They pass the same door as a delivered file. Here nothing is written: what a message gives is handed
back as plain values under pseudonyms, to be kept until it lands (:mod:`features.batches`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

import polars as pl

from features.deliveries import Pulled
from features.errors import SourceError
from features.events import INSTANT
from features.identity_rows import identities_of
from features.lake import Lake
from features.links import Aliases
from features.mapped_chunks import ChunkMapper, MappedChunk
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.quarantine import Reason
from features.quarantined import Bad, malformed_rows, quarantine_rows
from features.record_ids import IDS, made_ids, told_apart
from features.seen import Seen
from features.sources.chunks import Malformed
from features.sources.cloudevents import event_rows
from features.sources.json_files import Json, NoMessage
from features.sources.mapping import FileMapping
from features.sources.mapping_rows import Door, Output
from features.sources.messages import Row, Shape, rows_chunk, shaped_rows
from features.sources.reading import needed_columns
from features.sources.zgw_cases import case_rows
from features.sources.zgw_notifications import notification_rows
from features.tables import LAYOUT
from features.tombstones import TOMBSTONES, Tombstones

Form = Literal["cloudevents", "zgw-notifications", "zgw-cases"]

AHEAD = timedelta(minutes=5)
"""So far a sender's clock may be ahead of ours: what it then says was known is known now."""

SHAPES: Mapping[str, Shape] = {
    "cloudevents": event_rows,
    "zgw-notifications": notification_rows,
    "zgw-cases": case_rows,
}
"""What a message of each format says; each row has an ``id``, and most ``source`` and ``type``."""

Kept = dict[str, list[dict[str, Any]]]
"""Rows by table, as JSON has them: moments in microseconds, dates in days since 1970; without the
citizen, which stands beside them. Besides the tables of records: ``links``, ``quarantine`` and
``tombstones`` (of identifiers that turned out to be of citizens who were erased)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a message; never what stood there."""

    reason: str
    column: str | None = None


@dataclass(slots=True)
class Message:
    """One message, and what it gives.

    Parameters
    ----------
    place
        Its place among those it came with; the first is 1. What is nobody's message has none: 0.
    key
        A keyed hash of the sender's name for it: the same message has the same.
    content
        A keyed hash of what it says.
    mapping
        The mapping that read it.
    subject, citizen
        Whose it is: the pseudonym as delivered, and the citizen that it belongs to. None when
        nothing of it is about anybody.
    kept
        What it gives.
    """

    place: int
    key: str
    content: str
    mapping: str
    subject: int | None = None
    citizen: int | None = None
    kept: Kept = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether something is wrong and nothing is left of it."""
        return bool(self.faults) and self.kept.keys() <= {"quarantine"}


@dataclass(frozen=True, slots=True)
class Received:
    """What came in one request.

    Parameters
    ----------
    identities
        What :data:`features.identity_rows.IdentitySink` takes, by mapping.
    """

    messages: list[Message]
    identities: list[pl.DataFrame]


class Reception:
    """Reads what sources send."""

    def __init__(self, pack: Pack, pseudonyms: Pseudonyms, now: Callable[[], datetime]) -> None:
        self._pack = pack
        self._pseudonyms = pseudonyms
        self._now = now
        self._held: tuple[tuple[int, ...], pl.DataFrame, Aliases] | None = None

    def mappings(self, source: str, form: Form) -> tuple[FileMapping, ...]:
        """The mappings of ``source`` that read messages of a format."""
        files = self._pack.mappings.get(source)
        return tuple(one for one in files.files if one.format == form) if files else ()

    def read(
        self,
        source: str,
        form: Form,
        messages: Iterable[Json | NoMessage],
        body: bytes,
        lake: Lake,
    ) -> Received:
        """What the ``messages`` of a source with :meth:`mappings` for them give.

        Parameters
        ----------
        body
            All of it as it came, to know what is no message by.
        lake
            Tells who is linked to whom and who was erased.
        """
        buried, aliases = self._ties(lake)
        now, tombstones = self._now(), Tombstones(buried, self._pseudonyms)
        door = Door(self._pack, self._pseudonyms, now + AHEAD, tombstones)
        work = _Work(door, source, form, aliases, now, hashlib.sha256(body).hexdigest())
        mappings = self.mappings(source, form)
        by_mapping: dict[str, list[tuple[Message, Row]]] = {one.name: [] for one in mappings}
        for place, given in enumerate(messages, start=1):
            work.take(place, given, mappings, by_mapping)
        for mapping in mappings:
            if told := by_mapping[mapping.name]:
                work.map(mapping, told)
        return Received(work.done(), work.identities)

    def conflicting(self, source: str, form: Form, message: Message) -> Message:
        """``message``, which says something else under the name of another, as one to set aside."""
        mapping = next(one for one in self.mappings(source, form) if one.name == message.mapping)
        door = Door(
            self._pack,
            self._pseudonyms,
            self._now(),
            Tombstones(TOMBSTONES.to_frame(), self._pseudonyms),
        )
        delivery = _delivery(source, mapping)
        bad = Malformed(message.place, Reason.CONFLICTING_DUPLICATE, "id")
        rows = malformed_rows([bad], delivery, door, message.content)
        return Message(
            message.place,
            message.content,
            message.content,
            message.mapping,
            kept={"quarantine": list(as_json(rows))},
            faults=[Fault(str(bad.reason), bad.column)],
        )

    def _ties(self, lake: Lake) -> tuple[pl.DataFrame, Aliases]:
        """Who was erased and who is whom, read again when the lake has moved on."""
        names = ("tombstones", "links", "separations")
        versions = tuple(lake.version(name) for name in names)
        if self._held is None or self._held[0] != versions:
            buried, links, apart = (lake.scan(name).collect() for name in names)
            self._held = (versions, buried, Aliases(links, apart))
        return self._held[1:]


class _Work:
    """One request."""

    def __init__(
        self, door: Door, source: str, form: Form, aliases: Aliases, now: datetime, body: str
    ) -> None:
        self._door = door
        self._now = now
        self._body = body
        self._source = source
        self._form = form
        self._aliases = aliases
        self._key = door.pseudonyms.derived_key("records")
        self._messages: list[Message] = []
        self.identities: list[pl.DataFrame] = []
        self.tombstones: list[pl.DataFrame] = []

    def take(
        self,
        place: int,
        given: Json | NoMessage,
        mappings: Sequence[FileMapping],
        by_mapping: dict[str, list[tuple[Message, Row]]],
    ) -> None:
        """Hand one message to the mapping that reads it."""
        rows, fault = shaped_rows(given, SHAPES[self._form])
        said = (
            json.dumps(given, sort_keys=True)
            if isinstance(given, dict)
            else f"{place} of {self._body}"
        )
        content = self._hash("content", said)
        if fault is None and not (fits := _taking(mappings, rows[0].get("type") or "")):
            fault = NoMessage(Reason.UNKNOWN_EVENT_TYPE, "type")
        if fault is not None:
            message = Message(place, content, content, mappings[0].name)
            self._messages.append(message)
            self._malformed(mappings[0], message, Malformed(place, fault.reason, fault.column))
            return
        key = content
        if self._form != "zgw-cases":  # a case that moved on is another message
            key = self._hash("message", f"{rows[0].get('source')}\0{rows[0].get('id')}")
        message = Message(place, key, content, fits[0].name)
        self._messages.append(message)
        by_mapping[fits[0].name] += [(message, row) for row in rows]

    def done(self) -> list[Message]:
        """The messages. What is refused is known by what it says: corrected, it is another."""
        for message in self._messages:
            if message.refused:
                message.key = self._hash("refused", message.content)
        buried = [row for found in self.tombstones for row in as_json(found)]
        if buried:
            name = self._hash("tombstones", self._body)
            mapping = self._messages[0].mapping
            self._messages.append(Message(0, name, name, mapping, kept={"tombstones": buried}))
        return self._messages

    def map(self, mapping: FileMapping, told: list[tuple[Message, Row]]) -> None:
        """Make records of the messages of one mapping."""
        try:
            self._map(mapping, told)
        except (SourceError, pl.exceptions.PolarsError):
            # An expression of the mapping failed on one of them: the others go through.
            for message, row in told:
                try:
                    self._map(mapping, [(message, row)])
                except (SourceError, pl.exceptions.PolarsError):
                    self._malformed(mapping, message, Malformed(message.place))

    def _map(self, mapping: FileMapping, told: list[tuple[Message, Row]]) -> None:
        numbered = [(message.place, row) for message, row in told]
        chunk = rows_chunk(numbered, needed_columns(mapping), mapping.null_values)
        delivery = _delivery(self._source, mapping)
        mapped = ChunkMapper(delivery, self._door).mapped(chunk)
        by_place = {message.place: message for message, _ in told}
        self._subjects(mapped, by_place)
        self._records(mapping, mapped, by_place)
        self._links(mapped, by_place)
        bad = [mapped.bad_rows, *mapped.bad_outputs, *_bad_links(mapped)]
        self._faults(quarantine_rows(bad, delivery, self._door, Seen()), by_place)
        self.tombstones.append(mapped.tombstones)
        if mapping.identity is not None and len(mapped.rows.row):
            self.identities.append(identities_of(mapping, mapped.rows, self._aliases, self._door))

    def _subjects(self, mapped: MappedChunk, by_place: Mapping[int, Message]) -> None:
        rows = mapped.rows
        ends = self._aliases.resolve(rows.citizen)
        for place, subject, citizen in zip(rows.row, rows.citizen, ends, strict=True):
            by_place[place].subject, by_place[place].citizen = subject, citizen

    def _records(
        self, mapping: FileMapping, mapped: MappedChunk, by_place: Mapping[int, Message]
    ) -> None:
        for table, made in mapped.records.items():
            if made.is_empty():
                continue
            records = self._identified(mapping, table, made, by_place)
            first = pl.col("order") - pl.col("order").min().over("\0row")
            known = pl.min_horizontal("known_at", pl.lit(self._now, INSTANT))
            for row in as_json(records.with_columns(first, known.alias("known_at"))):
                message = by_place[row.pop("\0row")]
                message.kept.setdefault(table, []).append(row)

    def _identified(
        self,
        mapping: FileMapping,
        table: str,
        made: pl.DataFrame,
        by_place: Mapping[int, Message],
    ) -> pl.DataFrame:
        """The records with ids: an event without one is known by its message."""
        column = IDS[table]
        records = made.with_columns(told_apart(made, column))
        if not records[column].null_count():
            return records
        if table == "events":
            named = [
                by_place[row].key if not part else f"{by_place[row].key}#{part}"
                for row, part in records.select("\0row", "\0part").iter_rows()
            ]
            ids = pl.Series(named, dtype=pl.String)
        else:
            context = (self._source, mapping.name)
            ids = made_ids(table, _whole(table, records), self._key, context)
        return records.with_columns(pl.col(column).fill_null(ids))

    def _links(self, mapped: MappedChunk, by_place: Mapping[int, Message]) -> None:
        for number, linked in enumerate(mapped.linked):
            for place, other in zip(mapped.rows.row, linked.other, strict=True):
                if other is not None:
                    link = {"link": number, "other": other}
                    by_place[place].kept.setdefault("links", []).append(link)

    def _faults(self, rows: pl.DataFrame, by_place: Mapping[int, Message]) -> None:
        for row in as_json(rows.with_columns(at=pl.lit(self._now, INSTANT))):
            message = by_place[row["row"]]
            message.faults.append(Fault(row["reason"], row.get("column")))
            message.kept.setdefault("quarantine", []).append(row)

    def _malformed(self, mapping: FileMapping, message: Message, bad: Malformed) -> None:
        rows = malformed_rows([bad], _delivery(self._source, mapping), self._door, message.content)
        self._faults(rows, {message.place: message})

    def _hash(self, purpose: str, text: str) -> str:
        return self._door.pseudonyms.token(f"{purpose} of {self._source}", text)


def as_json(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Each row as JSON has it, what is null left out, without citizen and chunk's own marks."""
    plain = rows.drop("citizen", "\0at", "\0part", strict=False).with_columns(
        pl.selectors.temporal().to_physical()
    )
    for row in plain.iter_rows(named=True):
        yield {name: value for name, value in row.items() if value is not None}


def _taking(mappings: Sequence[FileMapping], kind: str) -> list[FileMapping]:
    """Those that read messages of type ``kind``, the first first."""
    return [
        one
        for one in mappings
        if not one.takes or any(fnmatchcase(kind, pattern) for pattern in one.takes)
    ]


def _whole(table: str, records: pl.DataFrame) -> pl.DataFrame:
    """With every column that an id is made of."""
    schema = LAYOUT[table].schema
    missing = [name for name in schema if name not in records.columns]
    return records.with_columns(pl.lit(None, schema[name]).alias(name) for name in missing)


def _bad_links(mapped: MappedChunk) -> list[Bad]:
    rows = mapped.rows
    return [
        Bad.of_output(f"links.{number}", Output(rows, rows.frame, linked.faults), ())
        for number, linked in enumerate(mapped.linked)
    ]


def _delivery(source: str, mapping: FileMapping) -> Pulled:
    return Pulled(source, mapping, f"received by {mapping.name}", _nothing)


def _nothing() -> Iterator[Any]:
    return iter(())
