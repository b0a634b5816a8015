"""Rows of a delivered file into events, facts and relations, as its mapping says.

Nothing here knows the lake. A row that cannot become a record keeps the reason why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from features.events import INSTANT
from features.pack import Pack
from features.pseudonyms import Pseudonyms, bsn_valid, normalise_bsn
from features.quarantine import Reason
from features.scrubbing import Scrubber
from features.sources.mapped_ids import id_columns, mapped_ids
from features.sources.mapping import (
    EventMapping,
    FactMapping,
    Moment,
    RecordMapping,
    RelationMapping,
    Subject,
    Value,
)
from features.sources.values import (
    Faults,
    column_of,
    days,
    evaluated,
    fact_values,
    instants,
    numbers,
    texts,
)
from features.tombstones import Tombstones

PLANNED_AHEAD = timedelta(days=2 * 366)
"""How far ahead an event that is known now may be planned; beyond it the date is a mistake."""

_ID_OF: dict[type[RecordMapping], str] = {
    EventMapping: "event_id",
    FactMapping: "fact_id",
    RelationMapping: "relation_id",
}

_WITH_CASE_TYPE = ("applied", "granted", "refused", "ended", "withdrawn")


@dataclass(frozen=True, slots=True)
class Door:
    """What stands at the door of the lake: the pack's words and the key."""

    pack: Pack
    pseudonyms: Pseudonyms
    now: datetime
    tombstones: Tombstones

    @property
    def zone(self) -> str:
        """The domain's time zone."""
        return self.pack.domain.time_zone

    @property
    def scrubber(self) -> Scrubber:
        """What takes identifying texts out of case numbers and notes."""
        return Scrubber(self.pseudonyms, self.tombstones)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a file whose citizen is known.

    Parameters
    ----------
    frame
        The file's columns (after unpivoting).
    citizen, row, place
        Int64 Series beside it: the subject's pseudonym, the row's number in the file, and its
        place for the order of records.
    identities
        Texts on the same row that no record may hold.
    """

    frame: pl.DataFrame
    citizen: pl.Series
    row: pl.Series
    place: pl.Series
    identities: tuple[pl.Series, ...] = ()

    def where(self, condition: str | None) -> Rows:
        """The rows on which an SQL ``condition`` is true."""
        if condition is None:
            return self
        kept = evaluated(condition, self.frame).cast(pl.Boolean).fill_null(False)
        return self.filter(kept)

    def parted(self, condition: str) -> tuple[Rows, Rows]:
        """The rows on which an SQL ``condition`` is not true, and those on which it is."""
        true = evaluated(condition, self.frame).cast(pl.Boolean).fill_null(False)
        return self.filter(~true), self.filter(true)

    def filter(self, kept: pl.Series) -> Rows:
        """The rows where ``kept`` is true."""
        return Rows(
            self.frame.filter(kept),
            self.citizen.filter(kept),
            self.row.filter(kept),
            self.place.filter(kept),
            tuple(identity.filter(kept) for identity in self.identities),
        )


@dataclass(frozen=True, slots=True)
class Output:
    """Records made of rows, aligned with them: ``records`` has a row per row of ``rows``."""

    rows: Rows
    records: pl.DataFrame
    faults: Faults


class Mapping(Protocol):
    """What events, facts and relations mappings share."""

    @property
    def known_at(self) -> Moment | None: ...


def event_output(mapping: EventMapping, rows: Rows, source: str, door: Door) -> Output:
    """Events (:data:`features.events.EVENTS`; ``event_id`` is null when none is mapped)."""
    rows = rows.where(mapping.when)
    frame, faults, scrub = rows.frame, Faults(rows.frame.height), door.scrubber

    def text(value: Value | None) -> pl.Series:
        read = texts(value, frame, faults, Reason.UNKNOWN_VALUE)
        return scrub.own(read, rows.identities)

    kind = texts(mapping.type, frame, faults, Reason.UNKNOWN_EVENT_TYPE)
    known_kinds = list(door.pack.domain.event_types)
    faults.add(
        ~kind.is_in(known_kinds).fill_null(False),
        Reason.UNKNOWN_EVENT_TYPE,
        column_of(mapping.type),
    )
    occurred = instants(mapping.occurred_at, frame, faults, door.zone, required=True)
    known = _known(mapping, rows, occurred, faults, door)
    faults.add(
        occurred > door.now + PLANNED_AHEAD, Reason.FROM_THE_FUTURE, column_of(mapping.occurred_at)
    )
    channel = texts(mapping.channel, frame, faults, Reason.UNKNOWN_CHANNEL)
    if mapping.channel is not None:
        channels = list(door.pack.domain.channels)
        faults.add(
            channel.is_not_null() & ~channel.is_in(channels).fill_null(True),
            Reason.UNKNOWN_CHANNEL,
            column_of(mapping.channel),
        )
    case_type = texts(mapping.case_type, frame, faults, Reason.UNKNOWN_VALUE)
    _check_case_type(mapping, kind, case_type, faults, door.pack)
    records = pl.DataFrame(
        {
            "event_id": mapped_ids(mapping, frame, rows.identities, scrub),
            "citizen": rows.citizen,
            "type": kind,
            "occurred_at": occurred,
            "known_at": known,
            "source": pl.Series([source]).new_from_index(0, frame.height),
            "case_id": text(mapping.case_id),
            "case_type": scrub.numbers(case_type),
            "actor": text(mapping.actor),
            "team": text(mapping.team),
            "channel": channel,
            "value": numbers(mapping.value, frame, faults, decimal_comma=mapping.decimal_comma),
            "attributes": _attributes(mapping, rows, faults, scrub),
            "order": rows.place,
        }
    )
    return Output(rows, records, faults)


def fact_output(mapping: FactMapping, rows: Rows, source: str, door: Door) -> Output:
    """Facts (:data:`features.facts.FACTS`; ``fact_id`` is null when none is mapped).

    An empty cell gives none.
    """
    rows = rows.where(mapping.when)
    fact = door.pack.domain.facts[mapping.name]
    faults = Faults(rows.frame.height)
    value, number = fact_values(
        fact,
        mapping.value,
        rows.frame,
        faults,
        date_format=mapping.date_format,
        decimal_comma=mapping.decimal_comma,
    )
    given = value.is_not_null() | faults.reason.is_not_null()
    start = instants(mapping.valid_from, rows.frame, faults, door.zone, required=True)
    records = pl.DataFrame(
        {
            "fact_id": mapped_ids(mapping, rows.frame, rows.identities, door.scrubber),
            "citizen": rows.citizen,
            "name": pl.Series([mapping.name]).new_from_index(0, rows.frame.height),
            "value": value,
            "number": number,
            "valid_from": start,
            "valid_to": _end(mapping.valid_to, rows, faults, door),
            "known_at": _known(mapping, rows, start, faults, door),
            "source": pl.Series([source]).new_from_index(0, rows.frame.height),
            "order": rows.place,
        }
    )
    return _kept(Output(rows, records, faults), given)


def relation_output(mapping: RelationMapping, rows: Rows, source: str, door: Door) -> Output:
    """Relations (:data:`features.relations.RELATIONS`; ``relation_id`` is null when none is
    mapped)."""
    rows = rows.where(mapping.when)
    frame, faults = rows.frame, Faults(rows.frame.height)
    kind, relative = _tie(mapping, rows, faults, door)
    birth = pl.Series([None], dtype=pl.Date).new_from_index(0, frame.height)
    if mapping.relative_birth_date is not None:
        birth = days(mapping.relative_birth_date, frame, faults)
    start = instants(mapping.valid_from, frame, faults, door.zone, required=True)
    records = pl.DataFrame(
        {
            "relation_id": mapped_ids(mapping, frame, rows.identities, door.scrubber),
            "citizen": rows.citizen,
            "kind": kind,
            "relative": relative,
            "relative_birth_date": birth,
            "valid_from": start,
            "valid_to": _end(mapping.valid_to, rows, faults, door),
            "known_at": _known(mapping, rows, start, faults, door),
            "source": pl.Series([source]).new_from_index(0, frame.height),
            "order": rows.place,
        }
    )
    return Output(rows, records, faults)


def withdrawal_output(mapping: RecordMapping, rows: Rows, source: str, door: Door) -> Output:
    """What ``rows`` take back: the id of each record, or what it is known by, and ``known_at``.

    Its other columns may be empty.
    """
    rows = rows.where(mapping.when)
    faults = Faults(rows.frame.height)
    column, ids = _ID_OF[type(mapping)], id_columns(mapping)
    named = mapped_ids(mapping, rows.frame, rows.identities, door.scrubber)
    parts = {"citizen": rows.citizen, column: named}
    if isinstance(mapping, FactMapping):
        parts["name"] = pl.Series([mapping.name]).new_from_index(0, rows.frame.height)
    if isinstance(mapping, RelationMapping) and not ids:
        parts["kind"], parts["relative"] = _tie(mapping, rows, faults, door)
    if ids:
        faults.add(named.is_null(), Reason.UNKNOWN_VALUE, ids[0])
    elif not isinstance(mapping, EventMapping):
        parts["valid_from"] = instants(
            mapping.valid_from, rows.frame, faults, door.zone, required=True
        )
    nothing = pl.Series([None], dtype=INSTANT).new_from_index(0, rows.frame.height)
    parts["known_at"] = _known(mapping, rows, nothing, faults, door)
    parts["source"] = pl.Series([source]).new_from_index(0, rows.frame.height)
    parts["order"] = rows.place
    return Output(rows, pl.DataFrame(parts), faults)


def citizens(
    subject: Subject, frame: pl.DataFrame, faults: Faults, door: Door, *, required: bool
) -> pl.Series:
    """The pseudonyms (Int64) of the identifiers in a column; null where there is none that holds.

    An identifier of a BSN scheme passes the 11-test or is a fault; an empty one is a fault when
    it is ``required``.
    """
    given = frame[subject.column].cast(pl.String)
    found = door.pseudonyms.known(subject.scheme, given)
    if found.null_count():
        found = _with_new(given, found, subject.scheme, door)
    if found.null_count():
        _tell_without(given, found, subject, faults, door, required=required)
    return found


def _with_new(given: pl.Series, found: pl.Series, scheme: str, door: Door) -> pl.Series:
    """``found`` with the citizens of those that were not remembered; those that hold are from now
    on. What is left then holds not, or shares its hash with another: it is told apart by itself."""
    left = found.is_null().arg_true()
    asked = given.gather(left)
    each = asked.filter(asked.hash().is_first_distinct())
    door.pseudonyms.remember(scheme, each, _new_citizens(each, scheme, door))
    found = found.scatter(left, door.pseudonyms.known(scheme, asked))
    left = found.is_null().arg_true()
    rest = given.gather(left)
    each = rest.unique()
    people = pl.DataFrame({"given": each, "citizen": _new_citizens(each, scheme, door)})
    told = rest.to_frame("given").join(people, on="given", how="left", maintain_order="left")
    return found.scatter(left, told["citizen"])


def _new_citizens(each: pl.Series, scheme: str, door: Door) -> pl.Series:
    """The citizens of distinct identifiers; null where one does not hold."""
    written = _as_written(each, scheme, door)
    if door.pack.domain.identifiers[scheme] == "bsn":
        sound = bsn_valid(written).fill_null(value=False)
        written = written.zip_with(sound, pl.Series([None], dtype=pl.String))
    return door.pseudonyms.of_each(scheme, written)


def _tell_without(
    given: pl.Series,
    found: pl.Series,
    subject: Subject,
    faults: Faults,
    door: Door,
    *,
    required: bool,
) -> None:
    """Note what is wrong with the identifiers for which no citizen was found."""
    at = found.is_null().arg_true()
    missing = _as_written(given.gather(at), subject.scheme, door).is_null()
    nobody = pl.Series([False]).new_from_index(0, given.len())
    if required:
        empty = nobody.clone().scatter(at.filter(missing), values=True)
        faults.add(empty, Reason.MISSING_IDENTIFIER, subject.column)
    wrong = nobody.clone().scatter(at.filter(~missing), values=True)
    faults.add(wrong, Reason.BSN_11_TEST, subject.column)


def identifiers(subject: Subject, frame: pl.DataFrame, door: Door) -> pl.Series:
    """The identifiers in a column as their scheme writes them; an empty cell is null."""
    return _as_written(frame[subject.column].cast(pl.String), subject.scheme, door)


def _as_written(given: pl.Series, scheme: str, door: Door) -> pl.Series:
    raw = given.str.strip_chars()
    raw = raw.zip_with(raw != "", pl.Series([None], dtype=pl.String))
    return normalise_bsn(raw) if door.pack.domain.identifiers[scheme] == "bsn" else raw


def _tie(
    mapping: RelationMapping, rows: Rows, faults: Faults, door: Door
) -> tuple[pl.Series, pl.Series]:
    """The kind of each relation and the relative's pseudonym (null when unknown)."""
    kind = texts(mapping.kind, rows.frame, faults, Reason.UNKNOWN_VALUE)
    faults.add(
        ~kind.is_in(list(door.pack.domain.relations)).fill_null(False),
        Reason.UNKNOWN_VALUE,
        column_of(mapping.kind),
    )
    if mapping.relative is None:
        return kind, pl.Series([None], dtype=pl.Int64).new_from_index(0, rows.frame.height)
    return kind, citizens(mapping.relative, rows.frame, faults, door, required=False)


def _known(mapping: Mapping, rows: Rows, start: pl.Series, faults: Faults, door: Door) -> pl.Series:
    known = start
    if mapping.known_at is not None:
        known = instants(mapping.known_at, rows.frame, faults, door.zone, required=True)
    column = column_of(mapping.known_at) if mapping.known_at else "known_at"
    faults.add(known > door.now, Reason.FROM_THE_FUTURE, column)
    return known


def _end(moment: Moment | None, rows: Rows, faults: Faults, door: Door) -> pl.Series:
    if moment is None:
        return pl.Series([None], dtype=INSTANT).new_from_index(0, rows.frame.height)
    return instants(moment, rows.frame, faults, door.zone, required=False)


def _kept(output: Output, kept: pl.Series) -> Output:
    if kept.all():
        return output
    faults = Faults(0)
    faults.reason = output.faults.reason.filter(kept)
    faults.column = output.faults.column.filter(kept)
    return Output(output.rows.filter(kept), output.records.filter(kept), faults)


def _check_case_type(
    mapping: EventMapping, kind: pl.Series, case_type: pl.Series, faults: Faults, pack: Pack
) -> None:
    """A decision on a service that the catalogue does not know would count for nothing."""
    decisions = pack.event_types_in(*_WITH_CASE_TYPE)
    known = {*pack.services, *pack.domain.case_types}
    known.update(name for service in pack.services.values() for name in service.case_types)
    if mapping.case_type is None or not pack.services or not decisions:
        return
    stray = kind.is_in(list(decisions)) & ~case_type.is_in(sorted(known)).fill_null(False)
    faults.add(stray, Reason.UNKNOWN_VALUE, column_of(mapping.case_type))


def _attributes(mapping: EventMapping, rows: Rows, faults: Faults, scrub: Scrubber) -> pl.Series:
    """A JSON object of the attributes that are filled in; null when none is."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.frame.height)
    if not mapping.attributes:
        return nothing
    columns = {
        name: scrub.own(texts(value, rows.frame, faults, Reason.UNKNOWN_VALUE), rows.identities)
        for name, value in mapping.attributes.items()
    }
    frame = pl.DataFrame(columns)
    if frame.is_empty():
        return nothing
    written = frame.select(json_object(frame.columns)).to_series()
    return written.zip_with(written != "{}", nothing)


def json_object(columns: list[str]) -> pl.Expr:
    """A JSON object of text columns, those that are null left out."""
    members = [
        pl.when(pl.col(column).is_not_null()).then(
            pl.struct(pl.col(column))
            .struct.json_encode()
            .str.strip_prefix("{")
            .str.strip_suffix("}")
        )
        for column in columns
    ]
    return pl.concat_str(
        pl.lit("{"), pl.concat_str(members, separator=",", ignore_nulls=True), pl.lit("}")
    )
