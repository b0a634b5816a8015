"""What makes life events happen: an event, a fact that changes, an age, a date.

Each kind of trigger reads the records' arrays, and gives the moments at which its life events
happened or will.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import NO_MOMENT, UNTOLD, code, codes, days, moments, places
from features.columns import rows_of
from features.domain import (
    AgeTrigger,
    DateTrigger,
    EventTrigger,
    FactChangeTrigger,
    FactType,
    LifeEvent,
)
from features.fact_table import FOREVER, fact_table
from features.pack import Pack
from features.past_events import event_table
from features.records import Records
from features.relatives import age_limit
from features.remembered import kept_with_records
from features.windows import microseconds, midnights, months_later, today

T = TypeVar("T", EventTrigger, FactChangeTrigger, AgeTrigger, DateTrigger)

Places = NDArray[np.int64]

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Happenings:
    """Life events as arrays of one length.

    Parameters
    ----------
    row
        The place of the citizen in ``records.citizens``.
    name
        The place of the life event in the pack.
    at, known_at
        Microseconds since 1970 (UTC).
    source
        The place of the source in the domain; -1 when it is not there.
    """

    row: Places
    name: Places
    at: Places
    known_at: Places
    source: Places

    def take(self, order: NDArray[np.int64] | NDArray[np.bool_]) -> Happenings:
        """Some of them."""
        return Happenings(*(getattr(self, field.name)[order] for field in fields(self)))


@kept_with_records
def happenings(records: Records, pack: Pack) -> Happenings:
    """The life events of each citizen as seen at ``records.as_of``, of each moment the first that
    was known; by citizen, moment and name in alphabetical order."""
    parts = [
        *_by_event(records, pack),
        *_by_change(records, pack),
        *_by_age(records, pack),
        *_by_date(records, pack),
    ]
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Happenings(nothing, nothing, nothing, nothing, nothing)
    every = Happenings(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(parts[0])
        )
    )
    return _first_known(every.take(np.lexsort((every.at, every.row))), pack)


def _first_known(found: Happenings, pack: Pack) -> Happenings:
    """``found``, which is in order of citizen and moment, in order of name too; and of each the
    first that was known, of sources in alphabetical order. Only what shares its moment is sorted.
    """
    same = (found.row[1:] == found.row[:-1]) & (found.at[1:] == found.at[:-1])
    shared = np.zeros(len(found.row), dtype=np.bool_)
    shared[1:], shared[:-1] = same, shared[:-1] | same
    at = np.flatnonzero(shared)
    if not len(at):
        return found
    some = found.take(at)
    in_words = _ranks(tuple(pack.life_events))[some.name]
    told_by = np.append(_ranks(tuple(pack.domain.sources)), -1)[some.source]
    order = np.arange(len(found.row))
    order[at] = at[np.lexsort((told_by, some.known_at, in_words, some.at, some.row))]
    found = found.take(order)
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = ~same | (found.name[1:] != found.name[:-1])
    return found.take(first)


@lru_cache(maxsize=16)
def _ranks(words: tuple[str, ...]) -> Places:
    """The place of each word in alphabetical order."""
    ranks = np.empty(len(words), dtype=np.int64)
    ranks[sorted(range(len(words)), key=words.__getitem__)] = np.arange(len(words))
    return ranks


def _triggers(pack: Pack, kind: type[T]) -> list[tuple[int, LifeEvent, T]]:
    return [
        (place, life_event, trigger)
        for place, life_event in enumerate(pack.life_events.values())
        for trigger in life_event.triggers
        if isinstance(trigger, kind)
    ]


def _by_event(records: Records, pack: Pack) -> Iterator[Happenings]:
    triggers = _triggers(pack, EventTrigger)
    if not triggers or records.events.is_empty():
        return
    table, types = event_table(records, pack), tuple(pack.domain.event_types)
    kind = table.places("type", types)
    asked = np.zeros(len(types) + 1, dtype=np.bool_)
    asked[[types.index(trigger.event) for _, _, trigger in triggers]] = True
    at = np.flatnonzero(asked[kind])
    kind, when, known = kind[at], table.moments("occurred_at"), table.moments("known_at")
    source = table.places("source", tuple(pack.domain.sources))
    for name, _, trigger in triggers:
        mine = at[kind == types.index(trigger.event)]
        if trigger.case_type is not None:
            mine = mine[table.codes("case_type")[mine] == table.code(trigger.case_type)]
        yield _happened(name, mine, table.row, when, known, source)


def _by_change(records: Records, pack: Pack) -> Iterator[Happenings]:
    """The moments at which a fact took another value.

    The first value known is no change, for nothing is known of the value before; except that
    nothing recorded counts as *no* for a boolean, as registers record only who is.
    """
    triggers = _triggers(pack, FactChangeTrigger)
    if not triggers or records.facts.is_empty():
        return
    table, told = fact_table(records, pack), _told_facts(records, pack)
    value = codes(records.facts["value"])
    many = len(value)
    before = np.append(UNTOLD, value[:-1])
    before[table.run] = UNTOLD
    for name, _, trigger in triggers:
        fact = pack.domain.facts[trigger.fact]
        mine = np.flatnonzero(table.name == table.names.index(trigger.fact))
        was, now = before[mine], value[mine]
        if fact.type is FactType.BOOLEAN:
            was = np.where(table.run[mine], code("false", many), was)
        changed = (was != now) & (was != UNTOLD) & (now != UNTOLD)
        if trigger.to is not None:
            changed &= now == code(trigger.to, many)
        mine = mine[changed]
        yield _happened(name, mine, table.row, table.valid_from, told.known_at, told.source)


def _by_date(records: Records, pack: Pack) -> Iterator[Happenings]:
    """The dates of a fact that arrive while that version of the fact holds."""
    triggers = _triggers(pack, DateTrigger)
    if not triggers or records.facts.is_empty():
        return
    table, told = fact_table(records, pack), _told_facts(records, pack)
    replaced = np.append(table.valid_from[1:], FOREVER)
    replaced[:-1][table.run[1:]] = FOREVER
    for name, life_event, trigger in triggers:
        mine = np.flatnonzero(table.name == table.names.index(trigger.date_fact))
        mine = mine[~np.isnan(table.number[mine])]
        at = midnights(table.number[mine].astype(np.int64), pack.domain.time_zone)
        holds = (at >= table.valid_from[mine]) & (table.valid_to[mine] >= at)
        keep = holds & (replaced[mine] > at) & (at <= _foreseen(records, life_event))
        yield Happenings(
            table.row[mine][keep],
            np.full(int(keep.sum()), name),
            at[keep],
            told.known_at[mine][keep],
            told.source[mine][keep],
        )


def _by_age(records: Records, pack: Pack) -> Iterator[Happenings]:
    """The moments at which citizens and their relatives (while they are) reach an age."""
    zone = pack.domain.time_zone
    triggers = _triggers(pack, AgeTrigger)
    if not triggers:
        return
    parameters = pack.parameters_at(today(records.as_of, zone))
    born = {"self": _births(records, pack), **_relatives(records, pack, triggers)}
    for name, life_event, trigger in triggers:
        age = age_limit(trigger.reaches_age, parameters)
        if age is None:
            continue
        whose = born[trigger.of]
        at = midnights(months_later(whose.born, round(age * 12)), zone)
        keep = (whose.valid_to > at) & (at <= _foreseen(records, life_event))
        keep &= (trigger.of == "self") | (whose.valid_from <= at)
        count = int(keep.sum())
        yield Happenings(
            whose.row[keep],
            np.full(count, name),
            at[keep],
            whose.told.known_at[keep],
            whose.told.source[keep],
        )


def birth_fact(pack: Pack) -> str:
    """The date fact from which ages are counted: what the derived fact ``age`` counts from, or
    else ``birth_date``."""
    age = pack.domain.derived.get("age")
    return (age.years_since if age is not None else None) or "birth_date"


@dataclass(frozen=True, slots=True)
class _Told:
    """When each record became known (microseconds), and from which source of the domain."""

    known_at: Places
    source: Places

    @classmethod
    def of(cls, frame: pl.DataFrame, pack: Pack) -> _Told:
        known = moments(frame["known_at"])
        return cls(known, places(frame["source"], tuple(pack.domain.sources)))

    def take(self, at: Places) -> _Told:
        return _Told(self.known_at[at], self.source[at])


@kept_with_records
def _told_facts(records: Records, pack: Pack) -> _Told:
    return _Told.of(records.facts, pack)


@dataclass(frozen=True, slots=True)
class _Born:
    """Dates of birth (days since 1970) and how long the record of them holds (microseconds)."""

    row: Places
    born: Places
    valid_from: Places
    valid_to: Places
    told: _Told


def _births(records: Records, pack: Pack) -> _Born:
    table, told = fact_table(records, pack), _told_facts(records, pack)
    name = birth_fact(pack)
    is_birth = table.name == (table.names.index(name) if name in table.names else -2)
    at = np.flatnonzero(is_birth & (table.valid_from <= microseconds(records.as_of)))
    last = np.full(len(records.citizens), -1)
    last[table.row[at]] = at
    at = last[last >= 0]
    at = at[~np.isnan(table.number[at])]
    born = table.number[at].astype(np.int64)
    return _Born(table.row[at], born, table.valid_from[at], table.valid_to[at], told.take(at))


def _relatives(
    records: Records, pack: Pack, triggers: list[tuple[int, LifeEvent, AgeTrigger]]
) -> dict[str, _Born]:
    """By kind of relative, for the kinds that ``triggers`` ask."""
    kinds = tuple(dict.fromkeys(one.of for _, _, one in triggers if one.of != "self"))
    if not kinds:
        return {}
    born = days(records.relations["relative_birth_date"])
    kind = np.where(born != NO_MOMENT, places(records.relations["kind"], kinds), -1)
    row = rows_of(records.relations["citizen"], records)
    start, end = (moments(records.relations[name]) for name in ("valid_from", "valid_to"))
    end = np.where(end == NO_MOMENT, FOREVER, end)
    told = _Told.of(records.relations, pack)
    found = {}
    for place, name in enumerate(kinds):
        at = np.flatnonzero(kind == place)
        found[name] = _Born(row[at], born[at], start[at], end[at], told.take(at))
    return found


def _happened(
    name: int, at: Places, row: Places, when: Places, known_at: Places, source: Places
) -> Happenings:
    """The life event ``name`` at some places of a table's arrays."""
    return Happenings(row[at], np.full(len(at), name), when[at], known_at[at], source[at])


def _foreseen(records: Records, life_event: LifeEvent) -> int:
    """Up to which moment a life event has happened, or is near enough to be seen."""
    return microseconds(records.as_of) + life_event.ahead_days * _DAY
