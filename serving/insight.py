"""Insight from the ledger: what became of suggestions, counted in people, ten at least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, func, select

from features.pack import Pack
from monitoring.fairness import SMALLEST
from serving.audit import Audit
from serving.catalogue import CatalogueView
from serving.database import Database
from serving.schema import decisions, slates, suggestions
from serving.security import Caller, Role
from serving.wire import Wire

MAY_READ = (Role.DATA_SCIENTIST, Role.AUDITOR, Role.OUTREACH, Role.ADMIN)


class Counted(Wire):
    """How many people one thing happened to."""

    code: str
    people: int | None
    """Null for one to nine people."""


class ServiceInsight(Wire):
    """What became of one service's suggestions."""

    service: str
    title: str
    shown: int | None
    """To how many people it was suggested; null for one to nine."""
    outcomes: tuple[Counted, ...]
    """What was decided on those suggestions."""
    reasons: tuple[Counted, ...]
    """Why they were set aside."""
    withheld: tuple[Counted, ...]
    """What held the service back from others."""


class SuggestionInsight(Wire):
    """What became of suggestions."""

    since: AwareDatetime
    until: AwareDatetime
    language: str
    services: tuple[ServiceInsight, ...]


@dataclass(frozen=True)
class Insight:
    """Counts over the ledger. People, not rows: who is looked at ten times counts once."""

    pack: Pack
    database: Database
    audit: Audit
    catalogue: CatalogueView
    now: Callable[[], datetime]

    def suggestions(self, *, days: int, language: str, by: Caller) -> SuggestionInsight:
        """What became of the suggestions of the past ``days``, by service."""
        by.require(*MAY_READ)
        self.catalogue.speaks(language)
        until = self.now()
        since = until - timedelta(days=days)
        with self.database.read() as connection:
            told = {
                name: _by_service(connection.execute(query).all())
                for name, query in _queries(since).items()
            }
        return SuggestionInsight(
            since=since,
            until=until,
            language=language,
            services=tuple(
                ServiceInsight(
                    service=name,
                    title=self.pack.say(service.title, language),
                    shown=_people(sum(told["shown"].get(name, {}).values())),
                    outcomes=_counted(told["outcomes"].get(name, {})),
                    reasons=_counted(told["reasons"].get(name, {})),
                    withheld=_counted(told["withheld"].get(name, {})),
                )
                for name, service in self.pack.services.items()
            ),
        )


def _queries(since: datetime) -> dict[str, Select[Any]]:
    """service, code and the number of different citizens."""
    asked = slates.c.at >= since
    decided = decisions.c.at >= since
    return {
        "shown": _grouped(suggestions.c.service, suggestions.c.shown)
        .join(slates, slates.c.id == suggestions.c.slate)
        .where(asked, suggestions.c.shown),
        "withheld": _grouped(suggestions.c.service, suggestions.c.withheld_by)
        .join(slates, slates.c.id == suggestions.c.slate)
        .where(asked, suggestions.c.withheld_by.is_not(None)),
        "outcomes": _grouped(decisions.c.service, decisions.c.outcome).where(decided),
        "reasons": _grouped(decisions.c.service, decisions.c.reason).where(
            decided, decisions.c.reason.is_not(None)
        ),
    }


def _grouped(service: ColumnElement[str], code: ColumnElement[Any]) -> Select[Any]:
    table = suggestions if service is suggestions.c.service else decisions
    return select(
        service.label("service"),
        code.label("code"),
        func.count(func.distinct(table.c.citizen)).label("people"),
    ).group_by(service, code)


def _by_service(rows: Any) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for service, code, people in rows:
        told.setdefault(service, {})[str(code)] = people
    return told


def _counted(counts: dict[str, int]) -> tuple[Counted, ...]:
    return tuple(Counted(code=code, people=_people(many)) for code, many in sorted(counts.items()))


def _people(count: int) -> int | None:
    return None if 0 < count < SMALLEST else count
