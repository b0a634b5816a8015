"""How a source's files become events, facts and relations: the models behind ``sources/*.yaml``.

A mapping names columns of the delivered file (or of the answer to a query; in messages, paths
such as ``data.naam.sub``). Wherever a value is wanted it may be given as

- a text: the name of a column;
- ``{const: …}``: the same value for every row;
- ``{column: …, map: {raw: ours, …}, otherwise: …}``: a column through a translation; a raw value
  that is not in the map and has no ``otherwise`` goes to quarantine;
- ``{sql: …}``: an SQL expression over the file's columns (all text in delimited files).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from features.domain import Identifier, Name, Strict


class Const(Strict):
    """The same value for every row."""

    const: str | float | bool


class Mapped(Strict):
    """A column, through a translation of its raw values."""

    column: str
    map: dict[str, str]
    otherwise: str | None = None


class Sql(Strict):
    """An SQL expression over the file's columns."""

    sql: str


Value = str | Const | Mapped | Sql


class Moment(Strict):
    """A moment in a column. ISO 8601 when ``format`` is not given.

    A moment without an offset is in ``time_zone`` (the domain's when not given). ``day`` moments
    are local midnight. ``plus_days`` shifts (a register that reports a day later, say).
    """

    column: str | None = None
    sql: str | None = None
    format: str | None = None
    granularity: Literal["instant", "day"] = "instant"
    time_zone: str | None = None
    plus_days: int = 0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.column is None) == (self.sql is None):
            raise ValueError("give exactly one of column, sql")
        return self


class Subject(Strict):
    """Whose record a row is: an identifier in a scheme of the domain."""

    column: str
    scheme: Identifier


class Link(Strict):
    """Another identifier on the same row that is the same person (a crosswalk)."""

    column: str
    scheme: Identifier


class Unpivot(Strict):
    """Turns a wide file long: the columns that match become rows of ``name`` and ``value``."""

    columns: str
    """A regular expression that the column names match in full."""
    name: str = "name"
    value: str = "value"


class Revisable(Strict):
    """What a source may do to the records of an output once it has delivered them.

    A source that revises says by ``known_at`` when it knew of each version. That is the moment it
    changed the record, not the day of the delivery: each moment becomes a version.
    """

    revisable: bool = Field(default=False, exclude_if=lambda given: not given)
    """Whether a record under a known id with a later ``known_at`` is a new version of it."""
    withdrawn_when: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """An SQL condition: the row takes the record of its id back, and gives none."""

    @property
    def may_change(self) -> bool:
        """Whether anything is ever taken back."""
        return self.revisable or self.withdrawn_when is not None


class EventMapping(Revisable):
    """An event that a row gives, when ``when`` is true (an SQL condition; always if not given)."""

    type: Value
    occurred_at: Moment
    known_at: Moment | None = None
    """When not given, known as it occurred."""
    when: str | None = None
    event_id: tuple[str, ...] = ()
    """Columns that identify the event within the source; a hash of the row when empty.

    Where one row gives several events under one id, all but the first are numbered: ``17#1``.
    """
    case_id: Value | None = None
    case_type: Value | None = None
    actor: Value | None = None
    team: Value | None = None
    channel: Value | None = None
    value: Value | None = None
    decimal_comma: bool = False
    """Whether ``value`` is written as 1.234,56."""
    attributes: dict[Name, Value] = Field(default_factory=dict)


class FactMapping(Revisable):
    """A fact that a row gives, when ``when`` is true."""

    name: Name
    fact_id: tuple[str, ...] = Field(default=(), exclude_if=lambda given: not given)
    """Columns that identify the row within the source; its facts are told apart by name.

    When empty, a fact that may change is known by citizen, name and ``valid_from``; another by
    all that it says.
    """
    value: Value
    valid_from: Moment
    valid_to: Moment | None = None
    known_at: Moment | None = None
    when: str | None = None
    date_format: str | None = None
    """For a fact of type date whose text is not ISO 8601."""
    decimal_comma: bool = False


class RelationMapping(Revisable):
    """A relation that a row gives, when ``when`` is true."""

    kind: Value
    relation_id: tuple[str, ...] = Field(default=(), exclude_if=lambda given: not given)
    """Columns that identify the relation within the source, numbered as ``event_id`` is.

    When empty, a relation that may change is known by citizen, kind, relative and ``valid_from``;
    another by all that it says.
    """
    relative: Subject | None = None
    relative_birth_date: Moment | None = None
    valid_from: Moment
    valid_to: Moment | None = None
    known_at: Moment | None = None
    when: str | None = None


RecordMapping = EventMapping | FactMapping | RelationMapping


class IdentityMapping(Strict):
    """Columns that go to the identity vault and nowhere else."""

    name: str | None = None
    birth_date: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    phone: str | None = None
    email: str | None = None
    protected_address: str | None = None


class FileMapping(Strict):
    """One kind of file that a source delivers, or one query on its database."""

    name: Identifier
    path: str = ""
    """A glob, relative to the folder (or equal to the file) that is ingested."""
    format: Literal[
        "csv",
        "tsv",
        "parquet",
        "xes",
        "cloudevents",
        "zgw-notifications",
        "zgw-cases",
        "open-klant",
        "sql",
    ]
    database: Identifier | None = Field(default=None, exclude_if=lambda given: given is None)
    """For sql: the name under which the workspace has the database; the source's when not given."""
    query: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """For sql: a SELECT that gives the rows, old and new."""
    watermark: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """For sql: the column that grows with every change (a moment or a number)."""
    overlap: int | None = Field(default=None, ge=0, exclude_if=lambda given: given is None)
    """For sql: how far before the watermark reading begins again: seconds of a moment, or the
    number itself. See :mod:`features.sources.sql` for what holds when it is not given."""
    may_vanish: float | None = Field(
        default=None, gt=0, le=1, exclude_if=lambda given: given is None
    )
    """For sql: a row that is no longer there takes its records back, unless more than this share
    of them would go at once. When not given, rows that are gone say nothing."""
    takes: tuple[str, ...] = Field(default=(), exclude_if=lambda given: not given)
    """For messages that come one by one: the types that this mapping reads (globs); all of them
    when empty. The first mapping of a source that takes a message reads it."""
    delimiter: str | None = None
    encoding: Literal["utf8", "latin1"] = "utf8"
    null_values: tuple[str, ...] = ("",)
    """Texts that mean *not filled in*. ``NA`` is a text like any other unless named here."""
    types: dict[str, Literal["text", "integer", "number", "boolean", "date", "datetime"]] = Field(
        default_factory=dict
    )
    """For Parquet: the types that columns must have; another type refuses the file."""
    unpivot: Unpivot | None = None
    subject: Subject
    links: tuple[Link, ...] = ()
    identity: IdentityMapping | None = None
    events: tuple[EventMapping, ...] = ()
    facts: tuple[FactMapping, ...] = ()
    relations: tuple[RelationMapping, ...] = ()

    @model_validator(mode="after")
    def _found_somewhere(self) -> Self:
        if self.format == "sql":
            if self.path or not (self.query and self.watermark):
                raise ValueError("format sql has a query and a watermark, and no path")
        elif not self.path:
            raise ValueError("give the path of the files")
        elif self.database or self.query or self.watermark or self.overlap is not None:
            raise ValueError("database, query, watermark and overlap go with format sql")
        elif self.may_vanish is not None:
            raise ValueError("may_vanish goes with format sql: only a query can be asked again")
        if self.takes and self.format not in ("cloudevents", "zgw-notifications"):
            raise ValueError("takes goes with formats cloudevents and zgw-notifications")
        return self

    @property
    def outputs(self) -> tuple[RecordMapping, ...]:
        """What a row gives, in order."""
        return (*self.events, *self.facts, *self.relations)


class SourceMapping(Strict):
    """``sources/<source>.yaml``: the files of one source, read in this order."""

    source: Identifier
    files: tuple[FileMapping, ...] = Field(min_length=1)
