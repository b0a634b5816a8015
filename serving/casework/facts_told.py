"""Facts told: what a citizen answered, kept with who asked, and true until a source says otherwise.

An answer is a fact from the source :data:`SOURCE`, which the domain declares with its legal basis
and purposes. It counts at once, from the database; landing gives it to the lake as well, so that
training and the population see it. A later version replaces an earlier one by the rule that holds
for every source, and a withdrawal is a version that never held.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from features.facts import FACTS
from features.pack import Pack
from features.remembered import empty_frame
from serving.audit import Audit
from serving.card_writing import fact_title
from serving.casework.records import ToldFact
from serving.casework.tables import facts_told
from serving.casework.typed_facts import TypedFact, typed_fact
from serving.database import Database
from serving.errors import InvalidRequestError
from serving.fact_texts import value_text
from serving.sealing import Sealing, seal, unseal
from serving.security import Caller, Role

SOURCE = "conversation"
"""The source under which the domain declares what citizens tell caseworkers."""
_USE = "fact told"
_TOLD, _WITHDRAWN = 1, 0
"""The order of versions of one moment: a replacement comes after what it replaces."""
_TELLING, _WITHDRAWAL = 1, 2
"""So many versions the lake holds then."""
Version = tuple[object, ...]
"""A row of :data:`features.facts.FACTS`."""


@dataclass(frozen=True, slots=True)
class FactsTold:
    """Stores what citizens told, and hands it out as facts."""

    pack: Pack
    database: Database
    sealing: Sealing
    audit: Audit
    now: Callable[[], datetime]

    def tell(
        self,
        citizen: int,
        fact: str,
        text: str,
        *,
        language: str,
        purpose: str,
        by: Caller,
        since: date | None = None,
    ) -> ToldFact:
        """Keep what was answered; it holds from ``since`` (today when not given).

        Raises
        ------
        InvalidRequestError
            When the fact or the value is none, or the domain takes in nothing that is told.
        """
        by.require(Role.CASEWORKER)
        self.require_source(purpose)
        typed, at = typed_fact(self.pack, fact, text, language), self.now()
        valid_from = self._since(since, at)
        row: dict[str, Any] = {
            "id": uuid4(),
            "citizen": citizen,
            "fact": fact,
            "valid_from": valid_from,
            "purpose": purpose,
            "by": by.subject,
            "by_name": by.name,
            "at": at,
            "landed": 0,
        }
        with self.database.write() as connection:
            self._replace(connection, citizen, fact, valid_from, at)
            key = self.sealing.make_keys(connection, [citizen])[citizen]
            said = json.dumps({"value": typed.value, "number": typed.number})
            row["sealed"] = seal(key, said, citizen, _USE)
            connection.execute(insert(facts_told), row)
            self.audit.record(
                "note a fact",
                by=by,
                citizens=[citizen],
                purpose=purpose,
                detail={"fact": fact},
                within=connection,
            )
            stored = connection.execute(
                select(facts_told).where(facts_told.c.id == row["id"])
            ).one()
            return self._read(stored, typed, language)

    def withdraw(self, number: UUID, *, by: Caller) -> None:
        """What was told turns out not to be so: it never held."""
        by.require(Role.CASEWORKER)
        with self.database.write() as connection:
            found = connection.execute(select(facts_told).where(facts_told.c.id == number)).first()
            if found is None:
                raise InvalidRequestError("There is no such answer.")
            if found.withdrawn_at is None:
                self._withdraw(connection, facts_told.c.id == number, self.now())
                self.audit.record(
                    "withdraw a fact",
                    by=by,
                    citizens=[found.citizen],
                    purpose=found.purpose,
                    detail={"fact": found.fact},
                    within=connection,
                )

    def whose(self, number: UUID) -> tuple[int, str] | None:
        """The citizen that an answer is of and the purpose it was asked for, or None."""
        query = select(facts_told.c.citizen, facts_told.c.purpose).where(facts_told.c.id == number)
        with self.database.read() as connection:
            found = connection.execute(query).first()
        return None if found is None else (found.citizen, found.purpose)

    def of(self, citizen: int, *, language: str, purpose: str) -> tuple[ToldFact, ...]:
        """What was told and not taken back, as far as ``purpose`` may see it; newest first."""
        if not self.takes(purpose):
            return ()
        with self.database.read() as connection:
            rows = [row for row in self._rows(connection, [citizen]) if row.withdrawn_at is None]
            typed = self._opened(connection, rows)
        return tuple(
            self._read(row, typed[row.id], language)
            for row in sorted(rows, key=lambda row: row.at, reverse=True)
            if row.id in typed
        )

    def facts(self, connection: Connection, citizens: Sequence[int]) -> pl.DataFrame:
        """How it stands now, of any citizens, as :data:`features.facts.FACTS`: the last version
        of each; one that was withdrawn replaces what the lake may hold of it."""
        rows = self._rows(connection, citizens)
        return _frame(_versions(rows, self._opened(connection, rows)), last=True)

    def unlanded(self, connection: Connection) -> tuple[dict[UUID, int], pl.DataFrame]:
        """What the lake was not given yet: how many versions there are of each row, and those
        that are new, as :data:`features.facts.FACTS`."""
        owed = (facts_told.c.landed < _TELLING) | (
            facts_told.c.withdrawn_at.is_not(None) & (facts_told.c.landed < _WITHDRAWAL)
        )
        rows = connection.execute(select(facts_told).where(owed)).all()
        versions = _versions(rows, self._opened(connection, rows))
        given = {row.id: row.landed for row in rows}
        new = {number: held[given[number] :] for number, held in versions.items()}
        return {number: len(held) for number, held in versions.items()}, _frame(new)

    def landed(self, connection: Connection, versions: Mapping[UUID, int]) -> None:
        """Note how many versions of each the lake holds."""
        for number, count in versions.items():
            this = facts_told.c.id == number
            connection.execute(update(facts_told).where(this).values(landed=count))

    def takes(self, purpose: str) -> bool:
        """Whether what is told may be kept and used for ``purpose``."""
        return SOURCE in self.pack.sources_for(purpose)

    def require_source(self, purpose: str) -> None:
        """Raise InvalidRequestError unless :meth:`takes`."""
        if not self.takes(purpose):
            raise InvalidRequestError(
                f"The domain has no source {SOURCE} for the purpose {purpose}: what is told cannot "
                "be kept. Have it declared in domain.yaml."
            )

    def supposed(self, citizen: int, typed: Iterable[TypedFact], at: datetime) -> pl.DataFrame:
        """Facts that are only tried out, as :data:`features.facts.FACTS`; kept nowhere."""
        rows = [
            _version(str(place), citizen, one, at, None, at, _TOLD)
            for place, one in enumerate(typed)
        ]
        return pl.DataFrame(rows, schema=FACTS, orient="row") if rows else empty_frame(FACTS)

    def _replace(
        self, connection: Connection, citizen: int, fact: str, since: datetime, at: datetime
    ) -> None:
        """An answer of the same day about the same takes the place of the one before."""
        same = (
            (facts_told.c.citizen == citizen)
            & (facts_told.c.fact == fact)
            & (facts_told.c.valid_from == since)
        )
        self._withdraw(connection, same, at)

    def _withdraw(self, connection: Connection, which: Any, at: datetime) -> None:
        connection.execute(
            update(facts_told)
            .where(which, facts_told.c.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
        )

    def _since(self, since: date | None, at: datetime) -> datetime:
        zone = ZoneInfo(self.pack.domain.time_zone)
        day = since or at.astimezone(zone).date()
        start = datetime.combine(day, time(), zone).astimezone(UTC)
        if start > at:
            raise InvalidRequestError("Choose a day that has come, from when it is so.")
        return start

    def _rows(self, connection: Connection, citizens: Sequence[int]) -> Sequence[Row[Any]]:
        return connection.execute(_ABOUT, {"of": citizens}).all()

    def _opened(self, connection: Connection, rows: Sequence[Row[Any]]) -> dict[UUID, TypedFact]:
        """The values, of citizens whose key there still is."""
        if not rows:
            return {}
        keys = self.sealing.keys(connection, list({row.citizen for row in rows}))
        found = {}
        for row in rows:
            if row.citizen in keys:
                said = json.loads(unseal(keys[row.citizen], row.sealed, row.citizen, _USE))
                found[row.id] = TypedFact(row.fact, said["value"], said["number"])
        return found

    def _read(self, row: Row[Any], typed: TypedFact, language: str) -> ToldFact:
        zone = ZoneInfo(self.pack.domain.time_zone)
        today = self.now().astimezone(zone).date()
        return ToldFact(
            id=row.id,
            fact=row.fact,
            title=fact_title(row.fact, self.pack, language),
            value=typed.value,
            value_text=value_text(self.pack, row.fact, typed.value, language, today=today),
            since=row.valid_from.astimezone(zone).date(),
            by=row.by_name,
            at=row.at,
            withdrawn_at=row.withdrawn_at,
        )


_ABOUT = select(facts_told).where(facts_told.c.citizen.in_(bindparam("of", expanding=True)))


def _versions(
    rows: Iterable[Row[Any]], typed: Mapping[UUID, TypedFact]
) -> dict[UUID, list[Version]]:
    """The telling of each row that can still be opened, and its withdrawal."""
    found: dict[UUID, list[Version]] = {}
    for row in rows:
        if (value := typed.get(row.id)) is None:
            continue
        told = (row.citizen, value, row.valid_from)
        found[row.id] = [_version(f"{row.id}", *told, None, row.at, _TOLD)]
        if row.withdrawn_at is not None:
            ended = (*told, row.valid_from, row.withdrawn_at, _WITHDRAWN)
            found[row.id].append(_version(f"{row.id}/withdrawn", *ended))
    return found


def _frame(versions: Mapping[UUID, list[Version]], *, last: bool = False) -> pl.DataFrame:
    rows = [one for held in versions.values() for one in (held[-1:] if last else held)]
    return pl.DataFrame(rows, schema=FACTS, orient="row") if rows else empty_frame(FACTS)


def _version(
    number: str,
    citizen: int,
    typed: TypedFact,
    valid_from: datetime,
    valid_to: datetime | None,
    known_at: datetime,
    order: int,
) -> Version:
    return (
        number, citizen, typed.name, typed.value, typed.number,
        valid_from, valid_to, known_at, SOURCE, order, None,
    )  # fmt: skip
