"""The 360° timeline of one citizen, as far as the purpose of the view may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from features.domain import Sensitivity
from features.pack import Pack
from features.records import with_facts
from features.timeline import read_records, told
from serving.answers import Timeline, TimelineEntry
from serving.audit import Audit
from serving.casework.facts_told import FactsTold
from serving.catalogue import CatalogueView
from serving.database import Database
from serving.echoes import without_echoes
from serving.errors import InvalidRequestError, UnknownCitizenError
from serving.fact_texts import amount_text, value_text
from serving.security import Caller, Role
from serving.standpoint import LakeView


@dataclass(frozen=True)
class Timelines:
    """Reads timelines. Every read is audited."""

    pack: Pack
    lakes: LakeView
    audit: Audit
    catalogue: CatalogueView
    database: Database
    told: FactsTold
    now: Callable[[], datetime]

    def timeline(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        sources: Sequence[str] | None,
        since: date | None,
    ) -> Timeline:
        """What happened, newest first; upcoming things, nearest first.

        Only sources whose purposes include ``purpose`` are seen. ``since`` leaves out what was
        over before that day.
        """
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        seen = self._sources(purpose, sources)
        at = self.now()
        table = self._table(citizen, at, language, purpose)
        if table.filter(pl.col("kind") != "gap").is_empty():
            raise UnknownCitizenError("Nobody is known here under this pseudonym.")
        self.audit.record("timeline", by=by, citizens=[citizen], purpose=purpose)
        rows = table.filter(pl.col("source").is_in(seen)).iter_rows(named=True)
        told = (self._entry(row, language) for row in without_echoes(rows, self.pack))
        entries = [entry for entry in told if _after(entry, since)]
        return Timeline(
            citizen=citizen,
            purpose=purpose,
            language=language,
            as_of=at,
            upcoming=tuple(reversed([entry for entry in entries if entry.upcoming])),
            entries=tuple(entry for entry in entries if not entry.upcoming),
            sources=tuple(
                (name, self.pack.say(self.pack.domain.sources[name].title, language))
                for name in self._sources(purpose, None)
            ),
        )

    def _table(self, citizen: int, at: datetime, language: str, purpose: str) -> pl.DataFrame:
        lake = self.lakes.current()
        with self.database.read() as connection:
            answers = self.told.facts(connection, [citizen])
        free = answers.filter(pl.col("name").is_in(list(self.pack.facts(Sensitivity.FREE))))
        records = read_records(lake, self.pack, at, [citizen], purpose=purpose)
        table = told(with_facts(records, free), lake, self.pack, language)
        never_held = (pl.col("kind") == "fact") & (pl.col("ends_at") <= pl.col("occurred_at"))
        return table.filter(~never_held.fill_null(value=False))

    def _sources(self, purpose: str, asked: Sequence[str] | None) -> list[str]:
        declared = self.pack.domain.sources
        unknown = [name for name in asked or () if name not in declared]
        if unknown:
            raise InvalidRequestError(f"There is no source {unknown[0]!r}.")
        return [
            name
            for name, source in declared.items()
            if purpose in source.purposes and (not asked or name in asked)
        ]

    def _entry(self, row: dict[str, Any], language: str) -> TimelineEntry:
        at, known = self._day(row["occurred_at"]), self._day(row["known_at"])
        source = self.pack.domain.sources[row["source"]]
        channel = self.pack.domain.channels.get(row["channel"] or "")
        return TimelineEntry(
            kind=row["kind"],
            at=at,
            until=None if row["ends_at"] is None else self._day(row["ends_at"]),
            known=known if known > at else None,
            type=row["type"],
            title=row["title"],
            detail=self._detail(row, language),
            source=row["source"],
            source_title=self.pack.say(source.title, language),
            channel=self.pack.say(channel.title, language) if channel else row["channel"],
            case_id=row["case_id"],
            value=self._value(row, language),
            upcoming=row["upcoming"],
        )

    def _detail(self, row: dict[str, Any], language: str) -> str | None:
        """The service or kind of case it is about."""
        about: str | None = row["case_type"]
        if about is None:
            return None
        services, cases = self.pack.services, self.pack.domain.case_types
        titled = services.get(about) or cases.get(about) or self._served(about)
        return self.pack.say(titled.title, language) if titled else about

    def _served(self, case_type: str) -> Any:
        served = (one for one in self.pack.services.values() if case_type in one.case_types)
        return next(served, None)

    def _value(self, row: dict[str, Any], language: str) -> str | None:
        """A value as people read it."""
        value: str | None = row["value"]
        if value is None:
            return None
        if row["kind"] == "fact" and row["type"] in self.pack.domain.facts:
            today = self._day(self.now())
            return value_text(self.pack, row["type"], value, language, today=today)
        kind = self.pack.domain.event_types.get(row["event"] or "")
        return _amount(self.pack, value, kind.unit if kind else None, language)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.pack.domain.time_zone)).date()


def _amount(pack: Pack, value: str, unit: str | None, language: str) -> str:
    """An event's value: a number as people write it, anything else as it is."""
    try:
        return amount_text(pack, float(value), unit, language)
    except ValueError:
        return value


def _after(entry: TimelineEntry, since: date | None) -> bool:
    """Whether an entry reaches into the time asked for. A fact that still holds does."""
    if since is None or entry.at >= since:
        return True
    return entry.kind in ("fact", "gap") and (entry.until is None or entry.until >= since)
