"""A source's mapping speaks only of words the domain has, as far as it names them itself.

What a column will bring is not known here; ingest puts an unknown word of a column in quarantine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from features.checks.draft import Draft, expected
from features.checks.life_events import allowed_values, case_types
from features.checks.sql import SqlFault, expression
from features.domain import Fact, FactType
from features.pack_files import Key
from features.sources.mapping import (
    Const,
    EventMapping,
    FactMapping,
    FileMapping,
    Link,
    Mapped,
    Moment,
    RecordMapping,
    RelationMapping,
    Sql,
    Subject,
    Value,
)
from features.sources.reading import needed_columns

REPEATING = {
    "cloudevents": "source and id",
    "zgw-notifications": "id",
    "zgw-cases": "id",
    "open-klant": "id",
    "sql": "the key of the row",
}
"""The formats whose rows may come more than once, and what an event of them is known by."""

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}|data\..+", re.DOTALL)
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_mappings(draft: Draft) -> None:
    """Refuse a mapping that names an unknown source, scheme, event type, fact, relation, channel,
    case type or category, or holds SQL that cannot be read."""
    for source, mapping in draft.pack.mappings.items():
        at = _Place(draft, source, ())
        at.known("source", ("source",), source, draft.pack.domain.sources)
        for index, file in enumerate(mapping.files):
            _file(at.inside("files", index), file)


class _Place:
    """A place in one mapping, from which faults are told."""

    def __init__(self, draft: Draft, source: str, key: Key) -> None:
        self.draft = draft
        self.source = source
        self.key = key

    def inside(self, *more: str | int) -> _Place:
        return _Place(self.draft, self.source, (*self.key, *more))

    def refuse(self, key: Key, problem: str) -> None:
        raise self.draft.mapping_fault(self.source, (*self.key, *key), problem)

    def known(self, what: str, key: Key, given: str, words: Iterable[str]) -> None:
        if given not in words:
            self.refuse(key, expected(what, given, words))

    def sql(self, key: Key, sql: str | None) -> None:
        try:
            if sql is not None:
                expression(sql)
        except SqlFault as fault:
            self.refuse(key, str(fault))


def _file(at: _Place, file: FileMapping) -> None:
    _shape(at, file)
    _subject(at.inside("subject"), file.subject)
    for index, link in enumerate(file.links):
        _subject(at.inside("links", index), link)
    for index, event in enumerate(file.events):
        _event(at.inside("events", index), event)
    for index, fact in enumerate(file.facts):
        _fact(at.inside("facts", index), fact)
    for index, relation in enumerate(file.relations):
        _relation(at.inside("relations", index), relation)
    if file.format in REPEATING:
        _repeating(at, file)
    if file.format == "sql":
        _query(at, file)


def _shape(at: _Place, file: FileMapping) -> None:
    if file.types and file.format != "parquet":
        at.refuse(("types",), f"a {file.format} file holds text only; types go with parquet")
    if file.delimiter is not None and (file.format != "csv" or len(file.delimiter) != 1):
        at.refuse(("delimiter",), "expected one character, and only for format csv")
    if file.unpivot is not None:
        try:
            re.compile(file.unpivot.columns)
        except re.error as fault:
            at.refuse(("unpivot", "columns"), f"is not a regular expression: {fault}")


def _repeating(at: _Place, file: FileMapping) -> None:
    """What may come twice is known by its id, and a message has no columns to turn."""
    for index, event in enumerate(file.events):
        if not event.event_id:
            at.refuse(
                ("events", index),
                f"give its event_id ({REPEATING[file.format]}): rows of {file.format} may come "
                "more than once",
            )
    if file.unpivot is not None and file.format != "sql":
        at.refuse(("unpivot",), f"a row of {file.format} is not wide: it cannot be unpivoted")
    if file.format != "cloudevents":
        return
    for column, key in needed_columns(file).items():
        if not _ATTRIBUTE.fullmatch(column):
            at.refuse(
                tuple(key.split(".")),
                f"expected a context attribute or a path that begins with 'data', got {column!r}",
            )


def _query(at: _Place, file: FileMapping) -> None:
    if not _COLUMN.fullmatch(file.watermark or ""):
        at.refuse(("watermark",), f"expected the name of a column, got {file.watermark!r}")
    people = {file.subject.column, *(link.column for link in file.links)}
    people.update(relation.relative.column for relation in file.relations if relation.relative)
    if file.identity is not None:
        people.update(file.identity.model_dump(exclude_none=True).values())
    if file.watermark in people:
        at.refuse(("watermark",), "it says who a row is about, and the lake keeps watermarks")


def _subject(at: _Place, subject: Subject | Link) -> None:
    at.known("identifier scheme", ("scheme",), subject.scheme, at.draft.pack.domain.identifiers)


def _event(at: _Place, event: EventMapping) -> None:
    domain = at.draft.pack.domain
    _value(at.inside("type"), "event type", event.type, domain.event_types)
    _value(at.inside("channel"), "channel", event.channel, domain.channels)
    cases = case_types(at.draft)
    _value(at.inside("case_type"), "service or case type", event.case_type, cases)
    for name in ("case_id", "actor", "team", "value"):
        _value(at.inside(name), name, getattr(event, name), None)
    for name, value in event.attributes.items():
        _value(at.inside("attributes", name), name, value, None)
    _moments(at, event)
    if event.may_change and not event.event_id:
        at.refuse(
            ("event_id",),
            "is missing: an event that may change is known by the source's own id for it",
        )


def _fact(at: _Place, mapping: FactMapping) -> None:
    facts = at.draft.pack.domain.facts
    at.known("fact", ("name",), mapping.name, facts)
    fact = facts[mapping.name]
    _value(at.inside("value"), f"value of {mapping.name}", mapping.value, allowed_values(fact))
    if fact.type is FactType.NUMBER:
        _numbers(at.inside("value"), mapping.value)
    _parsing(at, mapping, fact)
    _moments(at, mapping)


def _parsing(at: _Place, mapping: FactMapping, fact: Fact) -> None:
    if mapping.date_format is not None and fact.type is not FactType.DATE:
        at.refuse(("date_format",), f"{mapping.name} is a {fact.type}, not a date")
    if mapping.decimal_comma and fact.type is not FactType.NUMBER:
        at.refuse(("decimal_comma",), f"{mapping.name} is a {fact.type}, not a number")


def _relation(at: _Place, relation: RelationMapping) -> None:
    _value(at.inside("kind"), "relation", relation.kind, at.draft.pack.domain.relations)
    if relation.relative is not None:
        _subject(at.inside("relative"), relation.relative)
    if relation.relative_birth_date is not None:
        _moment(at.inside("relative_birth_date"), relation.relative_birth_date)
    _moments(at, relation)


def _value(at: _Place, what: str, value: Value | None, words: Iterable[str] | None) -> None:
    """The words that a value names itself are known (any will do when ``words`` is None)."""
    match value:
        case Const() if words is not None:
            given = str(value.const).lower() if isinstance(value.const, bool) else str(value.const)
            at.known(what, ("const",), given, words)
        case Mapped() if words is not None:
            for raw, ours in value.map.items():
                at.known(what, ("map", raw), ours, words)
            if value.otherwise is not None:
                at.known(what, ("otherwise",), value.otherwise, words)
        case Sql():
            at.sql(("sql",), value.sql)


def _numbers(at: _Place, value: Value) -> None:
    """What a mapping itself gives as a number is one."""
    given: list[tuple[Key, str]] = []
    if isinstance(value, Const):
        given = [(("const",), str(value.const))]
    if isinstance(value, Mapped):
        given = [(("map", raw), ours) for raw, ours in value.map.items()]
        given += [(("otherwise",), value.otherwise)] if value.otherwise is not None else []
    for key, text in given:
        try:
            float(text)
        except ValueError:
            at.refuse(key, f"expected a number, got {text!r}")


def _moments(at: _Place, mapping: RecordMapping) -> None:
    at.sql(("when",), mapping.when)
    at.sql(("withdrawn_when",), mapping.withdrawn_when)
    if mapping.may_change and mapping.known_at is None:
        at.refuse(
            ("known_at",),
            "is missing: a source that corrects or withdraws says when it knew of each version",
        )
    for name in ("occurred_at", "known_at", "valid_from", "valid_to"):
        moment = getattr(mapping, name, None)
        if moment is not None:
            _moment(at.inside(name), moment)


def _moment(at: _Place, moment: Moment) -> None:
    at.sql(("sql",), moment.sql)
    try:
        ZoneInfo(moment.time_zone or "UTC")
    except (KeyError, ValueError, OSError):
        at.refuse(("time_zone",), f"there is no time zone {moment.time_zone!r}")
