"""Rights: what a citizen may ask of those who hold data about them.

To see everything (:meth:`Rights.report`), to have it corrected at its source, and to be forgotten.
A request is kept with its day, for the law sets a term; erasing itself is the administrator's
(``voorzet erase``), and takes the request with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Row, insert, select, update

from features.domain import Sensitivity
from features.pack import Pack
from features.timeline import protected_facts, read_records
from serving.audit import Audit
from serving.card_writing import fact_title
from serving.casework.records import (
    AccessReport,
    Held,
    HeldFact,
    HeldRelation,
    RightsAsked,
    RightsRequest,
    Suggested,
)
from serving.casework.tables import rights_requests
from serving.database import Database
from serving.errors import InvalidRequestError
from serving.fact_texts import value_text
from serving.relation_texts import relation_title
from serving.schema import decisions, slates, suggestions
from serving.sealing import Sealing, seal, unseal
from serving.security import Caller, Role
from serving.standpoint import LakeView

TERM: Final = timedelta(days=30)
"""Within so long the law wants an answer (GDPR art. 12(3): a month)."""
LONGEST: Final = 2000
MOST_SUGGESTED: Final = 200
_USE = "rights request"
Kind = Literal["correction", "erasure"]


@dataclass(frozen=True)
class Rights:
    """Keeps requests, and tells a citizen all that is held."""

    pack: Pack
    lakes: LakeView
    database: Database
    sealing: Sealing
    audit: Audit
    now: Callable[[], datetime]

    def ask(
        self,
        citizen: int,
        kind: Kind,
        *,
        purpose: str,
        by: Caller,
        source: str | None = None,
        about: str | None = None,
        text: str | None = None,
    ) -> RightsAsked:
        """Keep what a citizen asks: a ``correction`` of ``about`` (a fact) at ``source``, or an
        ``erasure``.

        Raises
        ------
        InvalidRequestError
            When a correction does not say where, or what should be corrected.
        """
        by.require(Role.CASEWORKER, Role.ADMIN)
        if kind == "correction" and (source not in self.pack.domain.sources or not text):
            raise InvalidRequestError("Say at which source, and what should be corrected.")
        if about is not None and about not in self.pack.domain.facts:
            raise InvalidRequestError("There is no such fact.")
        if text and len(text) > LONGEST:
            raise InvalidRequestError(f"A text of at most {LONGEST} characters, please.")
        kept = RightsAsked(
            id=uuid4(), kind=kind, at=(at := self.now()), answer_before=self._day(at + TERM)
        )
        row: dict[str, Any] = {
            "id": kept.id,
            "citizen": citizen,
            "kind": kind,
            "source": source if kind == "correction" else None,
            "about": about if kind == "correction" else None,
            "by": by.subject,
            "by_name": by.name,
            "at": at,
        }
        with self.database.write() as connection:
            key = self.sealing.make_keys(connection, [citizen])[citizen]
            row["sealed"] = seal(key, text, citizen, _USE) if text else None
            connection.execute(insert(rights_requests), row)
            self.audit.record(
                f"ask {kind}", by=by, citizens=[citizen], purpose=purpose, within=connection
            )
        return kept

    def settle(self, number: UUID, *, by: Caller) -> None:
        """A correction was passed on and answered."""
        by.require(Role.CASEWORKER, Role.ADMIN)
        this = rights_requests.c.id == number
        with self.database.write() as connection:
            found = connection.execute(select(rights_requests).where(this)).first()
            if found is None or found.kind != "correction":
                raise InvalidRequestError("There is no such request that can be settled here.")
            if found.settled_at is None:
                change = {"settled_at": self.now(), "settled_by": by.name}
                connection.execute(update(rights_requests).where(this).values(**change))
                self.audit.record(
                    "settle correction", by=by, citizens=[found.citizen], within=connection
                )

    def whose(self, number: UUID) -> int | None:
        """The citizen that a request is of, or None."""
        query = select(rights_requests.c.citizen).where(rights_requests.c.id == number)
        with self.database.read() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else int(found)

    def of(self, citizen: int, language: str) -> tuple[RightsRequest, ...]:
        """What was asked, newest first."""
        query = (
            select(rights_requests)
            .where(rights_requests.c.citizen == citizen)
            .order_by(rights_requests.c.at.desc())
        )
        with self.database.read() as connection:
            rows = connection.execute(query).all()
            keys = self.sealing.keys(connection, [citizen] if rows else [])
        return tuple(self._request(row, keys.get(citizen), language) for row in rows)

    def report(self, citizen: int, *, language: str, purpose: str, by: Caller) -> AccessReport:
        """All that is held, whatever its purpose, and every suggestion that was made of it.

        Of facts that are kept for audits alone only the names are told: their values are given by
        whoever answers for the data, not shown to a caseworker. Of a relation it tells what it is
        and since when, and of the other person neither name, number nor date of birth: they did
        not ask.
        """
        by.require(Role.CASEWORKER, Role.ADMIN)
        at, lake = self.now(), self.lakes.current()
        records = read_records(lake, self.pack, at, [citizen])
        criterion_only = protected_facts(lake, self.pack, [citizen], at)
        self.audit.record("access report", by=by, citizens=[citizen], purpose=purpose)
        facts = pl.concat([records.facts, criterion_only.select(records.facts.columns)])
        protected = lake.citizen("protected", citizen)["name"].unique().sort()
        never = [name for name in protected if name in self.pack.facts(Sensitivity.NEVER)]
        return AccessReport(
            citizen=citizen,
            as_of=at,
            held=tuple(self._held(facts, records.events, records.relations, language)),
            only_for_audits=tuple(fact_title(name, self.pack, language) for name in never),
            suggested=self._suggested(citizen, language),
            requests=self.of(citizen, language),
        )

    def _held(
        self, facts: pl.DataFrame, events: pl.DataFrame, relations: pl.DataFrame, language: str
    ) -> Iterable[Held]:
        for name, source in self.pack.domain.sources.items():
            mine = facts.filter(pl.col("source") == name).sort("valid_from", descending=True)
            happened = events.filter(pl.col("source") == name)
            related = relations.filter(pl.col("source") == name)
            if mine.is_empty() and happened.is_empty() and related.is_empty():
                continue
            days = [self._day(one) for one in happened["occurred_at"].sort()]
            purposes = (self.pack.domain.purposes[one].title for one in source.purposes)
            yield Held(
                source=name,
                title=self.pack.say(source.title, language),
                legal_basis=source.legal_basis,
                purposes=tuple(self.pack.say(one, language) for one in purposes),
                retention_days=source.retention_days,
                facts=tuple(
                    self._fact(row, language)
                    for row in mine.iter_rows(named=True)
                    if row["valid_to"] is None or row["valid_to"] > row["valid_from"]
                ),
                relations=self._relations(related, language),
                events=happened.height,
                first=days[0] if days else None,
                last=days[-1] if days else None,
            )

    def _fact(self, row: dict[str, Any], language: str) -> HeldFact:
        today = self._day(self.now())
        return HeldFact(
            fact=row["name"],
            title=fact_title(row["name"], self.pack, language),
            value_text=value_text(self.pack, row["name"], row["value"], language, today=today),
            since=self._day(row["valid_from"]),
            until=None if row["valid_to"] is None else self._day(row["valid_to"]),
        )

    def _relations(self, told: pl.DataFrame, language: str) -> tuple[HeldRelation, ...]:
        """In the order of the pack, the newest first. What never held is not told."""
        order = {kind: place for place, kind in enumerate(self.pack.domain.relations)}
        rows = sorted(
            told.sort("valid_from", descending=True).iter_rows(named=True),
            key=lambda row: order.get(row["kind"], len(order)),
        )
        return tuple(
            HeldRelation(
                kind=row["kind"],
                title=relation_title(row["kind"], self.pack, language),
                since=self._day(row["valid_from"]),
                until=None if row["valid_to"] is None else self._day(row["valid_to"]),
                known_here=row["relative"] is not None,
                birth_date_held=row["relative_birth_date"] is not None,
            )
            for row in rows
            if row["valid_to"] is None or row["valid_to"] > row["valid_from"]
        )

    def _suggested(self, citizen: int, language: str) -> tuple[Suggested, ...]:
        """Each day and service that was shown, with what was decided; newest first."""
        query = (
            select(slates.c.at, suggestions.c.service, decisions.c.outcome)
            .join(slates, slates.c.id == suggestions.c.slate)
            .outerjoin(decisions, decisions.c.suggestion == suggestions.c.id)
            .where(suggestions.c.citizen == citizen, suggestions.c.shown)
            .order_by(slates.c.at.desc(), suggestions.c.position)
            .limit(MOST_SUGGESTED)
        )
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        told: dict[tuple[date, str], Suggested] = {}
        for row in rows:
            place = (self._day(row.at), row.service)
            if place not in told or (told[place].outcome is None and row.outcome):
                service = self.pack.services.get(row.service)
                title = self.pack.say(service.title, language) if service else row.service
                told[place] = Suggested(
                    day=place[0], service=row.service, title=title, outcome=row.outcome
                )
        return tuple(told.values())

    def _request(self, row: Row[Any], key: Any, language: str) -> RightsRequest:
        source = self.pack.domain.sources.get(row.source or "")
        opened = row.sealed is not None and key is not None
        return RightsRequest(
            id=row.id,
            kind=row.kind,
            source_title=self.pack.say(source.title, language) if source else row.source,
            about=fact_title(row.about, self.pack, language) if row.about else None,
            text=unseal(key, row.sealed, row.citizen, _USE) if opened else None,
            by=row.by_name,
            at=row.at,
            answer_before=self._day(row.at + TERM),
            settled_at=row.settled_at,
            settled_by=row.settled_by,
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.pack.domain.time_zone)).date()
