"""Casework, as a page or a route asks it: one object, put together in :mod:`serving.bootstrap`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from serving.access import Access
from serving.approach import Approaches
from serving.caseload import Caseloads
from serving.casework.attention import Attentions
from serving.casework.audit_trail import AuditTrails
from serving.casework.facts_told import FactsTold
from serving.casework.records import (
    AccessReport,
    ApproachView,
    CaseloadView,
    RightsAsked,
    ToldFact,
    WhatIf,
)
from serving.casework.rights import Kind, Rights
from serving.security import Caller, Role
from serving.suggestions import Suggester


@dataclass(frozen=True)
class Casework:
    """What a caseworker does beside looking and deciding."""

    access: Access
    suggester: Suggester
    told: FactsTold
    caseloads: Caseloads
    attentions: Attentions
    approaches: Approaches
    rights: Rights
    trails: AuditTrails

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
        self._check(citizen, purpose, language, by)
        self.suggester.require_known(citizen)
        return self.told.tell(
            citizen, fact, value, language=language, purpose=purpose, by=by, since=since
        )

    def withdraw(self, answer: UUID, *, by: Caller) -> None:
        """Take an answer back: it never held."""
        by.require(Role.CASEWORKER)
        if (found := self.told.whose(answer)) is not None:
            citizen, purpose = found
            self.access.own(citizen, purpose=purpose, by=by)
        self.told.withdraw(answer, by=by)

    def told_of(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> tuple[ToldFact, ...]:
        """What a citizen told that still stands, newest first. Part of a view that is audited."""
        by.require(Role.CASEWORKER)
        self._check(citizen, purpose, language, by)
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
        self._check(citizen, purpose, language, by)
        return self.suggester.what_if(
            citizen, answers, language=language, purpose=purpose, by=by, slots=slots
        )

    def caseload(self, *, language: str, purpose: str, by: Caller) -> CaseloadView:
        """The caller's caseload, in the order in which to see people."""
        self.access.purpose(purpose, by)
        return self.attentions.view(language=language, purpose=purpose, by=by)

    def on_caseload(self, citizen: int, *, by: Caller) -> bool:
        """Whether a citizen is on the caller's caseload."""
        return self.caseloads.holds(by.subject, citizen)

    def take_on(self, citizen: int, *, by: Caller) -> None:
        """Put a citizen on the caller's caseload; where caseworkers are held to theirs, an
        administrator or a personal approach does that."""
        by.require(Role.CASEWORKER)
        self.access.own(citizen, purpose=None, by=by)
        self.suggester.require_known(citizen)
        self.caseloads.add([citizen], by.subject, by=by)

    def let_go(self, citizen: int, *, by: Caller) -> None:
        """Take a citizen off the caller's caseload."""
        self.caseloads.end(citizen, by.subject, by=by)

    def assign(self, citizen: int, worker: str, *, on: bool, by: Caller) -> bool:
        """Put a citizen on somebody's caseload, or take them off, as an administrator; whether
        they are on it now."""
        by.require(Role.ADMIN)
        self.suggester.require_known(citizen)
        if on:
            self.caseloads.add([citizen], worker, reason="assigned", by=by)
        else:
            self.caseloads.end(citizen, worker, by=by)
        return self.caseloads.holds(worker, citizen)

    def approaches_of(self, citizen: int, *, language: str, by: Caller) -> tuple[ApproachView, ...]:
        """The choices between the standard process and a personal approach, newest first. Part
        of a view that is audited."""
        by.require(Role.CASEWORKER)
        return self.approaches.all_of(citizen, language)

    def access_report(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> AccessReport:
        """All that is held of a citizen, for the citizen."""
        self._check(citizen, purpose, language, by)
        return self.rights.report(citizen, language=language, purpose=purpose, by=by)

    def ask_for(
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
        """Keep that a citizen asks for a correction at a source, or to be forgotten."""
        by.require(Role.CASEWORKER, Role.ADMIN)
        self.access.check(citizen, purpose=purpose, by=by)
        self.suggester.require_known(citizen)
        return self.rights.ask(
            citizen, kind, purpose=purpose, by=by, source=source, about=about, text=text
        )

    def settle(self, request: UUID, *, by: Caller) -> None:
        """A correction was passed on and answered."""
        citizen = self.rights.whose(request)
        if citizen is not None:
            self.access.own(citizen, purpose=None, by=by)
        self.rights.settle(request, by=by)

    def _check(self, citizen: int, purpose: str, language: str, by: Caller) -> None:
        self.access.check(citizen, purpose=purpose, by=by)
        self.suggester.catalogue.require(purpose, language)
