"""The application: everything a page, a route or a command can ask, in one object.

It is put together in :mod:`serving.bootstrap`. Each method says who asks (``by``) and, where a
citizen is concerned, for which purpose; both go into the audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from serving.answers import (
    Decision,
    Found,
    Friction,
    Look,
    Objection,
    Outcome,
    Person,
    PurposeView,
    Ready,
    Receipt,
    Representative,
    ServiceView,
    Suggestions,
    Timeline,
    WhyNot,
)
from serving.ledger import suggestion_of
from serving.metrics import READY, WAITING
from serving.security import Caller

if TYPE_CHECKING:
    from features.pack import Pack
    from features.received import Form
    from features.sources.json_files import Json, NoMessage
    from serving.access import Access
    from serving.approach import Approaches
    from serving.audit import Audit
    from serving.campaigns.desk import CampaignDesk
    from serving.casework.office import Casework
    from serving.catalogue import CatalogueView
    from serving.database import Database
    from serving.decisions import Decisions
    from serving.identities import Vault
    from serving.insight import Insight
    from serving.objections import Objections
    from serving.people import People
    from serving.process_insight import ProcessInsights
    from serving.processing import ProcessingLog
    from serving.readiness import Readiness
    from serving.receiving import Receiving
    from serving.repeats import Repeats
    from serving.sealing import Sealing
    from serving.security.log_in import LogIn
    from serving.security.rates import Rates
    from serving.security.signing_in import SigningIn
    from serving.security.tokens import Tokens
    from serving.stops import Stops
    from serving.suggestions import Suggester
    from serving.timelines import Timelines


@dataclass(frozen=True)
class Application:
    """What Voorzet can be asked.

    A method raises one of the faults of :mod:`serving.errors` where it cannot answer; their text
    is for the person who asked.
    """

    pack: Pack
    database: Database
    sealing: Sealing
    vault: Vault
    audit: Audit
    tokens: Tokens
    signing_in: SigningIn
    log_in: LogIn | None
    """The pages' log-in at the identity provider, where the workspace has one."""
    signing_in_to_pages: SigningIn
    """As ``signing_in``, and the sessions that ``log_in`` began."""
    rates: Rates
    access: Access
    suggester: Suggester
    timelines: Timelines
    people: People
    deciding: Decisions
    objections: Objections
    approaches: Approaches
    campaigns: CampaignDesk
    insight: Insight
    process: ProcessInsights
    repeats: Repeats
    processing: ProcessingLog
    catalogue: CatalogueView
    receiving: Receiving
    stops: Stops
    readiness: Readiness
    casework: Casework
    """What a citizen tells, what would follow, caseloads and rights."""

    def caller(self, token: str) -> Caller:
        """Whoever holds ``token``; raises NotSignedInError."""
        return self.signing_in.read(token)

    def visitor(self, session: str) -> Caller:
        """Whoever's browser holds ``session``, a token or what log-in began; raises
        NotSignedInError."""
        return self.signing_in_to_pages.read(session)

    def find(self, query: str, *, purpose: str, by: Caller, limit: int = 20) -> tuple[Found, ...]:
        """Citizens by BSN, by name (``jansen``, ``Jansen 1957-01-02``) or by pseudonym."""
        self.access.purpose(purpose, by)
        found = self.people.find(query, purpose=purpose, by=by, limit=limit)
        own = self.access.among([one.citizen for one in found], by=by)
        return tuple(one for one in found if one.citizen in own)

    def identify(self, scheme: str, value: str, *, purpose: str, by: Caller) -> int:
        """The pseudonym behind an identifier of a silo; raises UnknownCitizenError."""
        self.access.purpose(purpose, by)
        citizen = self.people.identify(scheme, value, purpose=purpose, by=by)
        self.access.own(citizen, purpose=purpose, by=by)
        return citizen

    def person(self, citizen: int, *, language: str, purpose: str, by: Caller) -> Person:
        """The head of the citizen's page."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.people.person(citizen, language=language, purpose=purpose, by=by)

    def representatives(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> tuple[Representative, ...]:
        """Who speaks or decides for the citizen now, as far as ``purpose`` needs to know."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.people.representatives(citizen, language=language, purpose=purpose, by=by)

    def suggest(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        slots: int = 5,
        named: str | None = None,
    ) -> Suggestions:
        """Cards for one citizen, from the records as they are known now. Written in the ledger.

        Headlines say *this citizen*, for cards travel. A page that shows the name already, as
        :meth:`person` gave it to this caller, hands it on as ``named``.
        """
        self.access.check(citizen, purpose=purpose, by=by)
        return self.suggester.suggest(
            citizen, language=language, purpose=purpose, by=by, slots=slots, named=named
        )

    def why_not(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        service: str | None = None,
        slots: int = 5,
    ) -> tuple[WhyNot, ...]:
        """Every service of the catalogue (or one) with what became of it for this citizen."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.suggester.why_not(
            citizen, language=language, purpose=purpose, by=by, service=service, slots=slots
        )

    def timeline(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        sources: Sequence[str] | None = None,
        since: date | None = None,
    ) -> Timeline:
        """What happened to one citizen, as far as ``purpose`` may see."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.timelines.timeline(
            citizen, language=language, purpose=purpose, by=by, sources=sources, since=since
        )

    def decide(
        self,
        suggestion: UUID,
        outcome: Outcome,
        *,
        by: Caller,
        language: str,
        reason: str | None = None,
        comment: str | None = None,
        until: date | None = None,
        key: str | None = None,
    ) -> Decision:
        """Store a decision on a card. ``key`` makes a repeat harmless.

        An override needs one of the service's coded reasons; a deferral needs ``until``.
        """
        self._own_suggestion(suggestion, by)
        return self.deciding.decide(
            suggestion,
            outcome,
            by=by,
            language=language,
            reason=reason,
            comment=comment,
            until=until,
            key=key,
        )

    def decisions(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> tuple[Decision, ...]:
        """All decisions on a citizen, newest first."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.deciding.of(citizen, language=language, purpose=purpose, by=by)

    def choose_approach(
        self,
        citizen: int,
        choice: Literal["taken", "not-now", "back"],
        *,
        language: str,
        purpose: str,
        by: Caller,
        reason: str | None = None,
        comment: str | None = None,
    ) -> Friction | None:
        """Take up a personal approach (the caller becomes owner), not now, or back to the standard
        process. The signs of that moment are kept with it."""
        self.access.check(citizen, purpose=purpose, by=by)
        shown = self.suggester.friction(citizen, language=language, purpose=purpose, by=by)
        self.approaches.choose(
            citizen,
            choice,
            purpose=purpose,
            by=by,
            reason=reason,
            comment=comment,
            evidence=() if shown is None else shown.evidence,
        )
        return self.suggester.friction(citizen, language=language, purpose=purpose, by=by)

    def object(
        self, citizen: int, *, purpose: str, by: Caller, service: str | None = None
    ) -> Objection:
        """Record a citizen's objection against one service, or against every suggestion."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.objections.record(citizen, service=service, by=by)

    def withdraw_objection(self, objection: UUID, *, by: Caller) -> Objection:
        """The citizen withdraws an objection."""
        citizen = self.objections.whose(objection)
        if citizen is not None:
            self.access.own(citizen, purpose=None, by=by)
        return self.objections.withdraw(objection, by=by)

    def looks(
        self,
        citizen: int,
        *,
        purpose: str,
        by: Caller,
        limit: int | None = None,
        before: int | None = None,
    ) -> tuple[Look, ...]:
        """Who looked at what of this citizen, newest first; ``before`` a number of the audit."""
        self.access.check(citizen, purpose=purpose, by=by)
        return self.audit.looks(citizen, purpose=purpose, by=by, limit=limit, before=before)

    def receive(
        self, form: Form, messages: Iterable[Json | NoMessage], body: bytes, *, by: Caller
    ) -> Receipt:
        """Keep what a source sends until it lands; on the disk when this returns."""
        return self.receiving.receive(form, messages, body, by=by)

    def services(self, language: str) -> tuple[ServiceView, ...]:
        """The catalogue."""
        return self.catalogue.services(language)

    def purposes(self, language: str) -> tuple[PurposeView, ...]:
        """The purposes that a view may have."""
        return self.catalogue.purposes(language)

    def renew(self) -> None:
        """See what was landed and promoted since, before a request has to."""
        self.suggester.lakes.renew()
        self.suggester.champions.current()

    def measure(self) -> None:
        """Look at what is measured only when somebody asks."""
        READY.set(self.ready().ready)
        try:
            WAITING.set(self.receiving.inbox.waiting())
        except SQLAlchemyError:
            READY.set(0)

    def ready(self) -> Ready:
        """Whether requests can be answered, and what is missing if not."""
        return self.readiness.check()

    def _own_suggestion(self, suggestion: UUID, by: Caller) -> None:
        if not self.access.restricts(by):
            return
        with self.database.read() as connection:
            found = suggestion_of(connection, suggestion)
        if found is not None:
            self.access.own(found["citizen"], purpose=found["purpose"], by=by)
