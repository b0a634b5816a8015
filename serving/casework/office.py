"""Casework, as a page or a route asks it: one object, put together in :mod:`serving.bootstrap`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from serving.casework.facts_told import FactsTold
from serving.casework.records import ToldFact, WhatIf
from serving.security import Caller, Role
from serving.suggestions import Suggester


@dataclass(frozen=True)
class Casework:
    """What a caseworker does beside looking and deciding."""

    suggester: Suggester
    told: FactsTold

    def tell(
        self,
        citizen: int,
        fact: str,
        value: str,
        *,
        language: str,
        purpose: str,
        by: Caller,
        since: date | None = None,
    ) -> ToldFact:
        """Keep what the citizen answered, as a fact. The next suggestion takes it into account."""
        self.suggester.catalogue.require(purpose, language)
        self.suggester.require_known(citizen)
        return self.told.tell(
            citizen, fact, value, language=language, purpose=purpose, by=by, since=since
        )

    def withdraw(self, answer: UUID, *, by: Caller) -> None:
        """Take an answer back: it never held."""
        self.told.withdraw(answer, by=by)

    def told_of(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> tuple[ToldFact, ...]:
        """What a citizen told that still stands, newest first. Part of a view that is audited."""
        by.require(Role.CASEWORKER)
        self.suggester.catalogue.require(purpose, language)
        return self.told.of(citizen, language=language, purpose=purpose)

    def what_if(
        self,
        citizen: int,
        answers: Mapping[str, str],
        *,
        language: str,
        purpose: str,
        by: Caller,
        slots: int = 5,
    ) -> WhatIf:
        """What would change if the citizen answered so; nothing is kept."""
        return self.suggester.what_if(
            citizen, answers, language=language, purpose=purpose, by=by, slots=slots
        )
