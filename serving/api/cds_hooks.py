"""Cards inside a case system, in the shape of CDS Hooks 2.0: discovery, a hook, and feedback.

The hook is ``citizen-view``: a case system opens a citizen, and gets what may fit. Each card
carries the whole of our own card in ``extension``, for a system that shows more than the standard
knows.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from serving.answers import Outcome
from serving.api.asking import By, Here, citizen_of
from serving.api.requests import SuggestionsQuery
from serving.cds_cards import CdsCard, Coding, cds_card

SERVICE = "voorzet-suggestions"
HOOK = "citizen-view"
MOST_FEEDBACK = 50

router = APIRouter(tags=["cds-hooks"])


class Lenient(BaseModel):
    """What a case system sends. What the standard adds and we do not use is left alone."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class CdsService(BaseModel):
    """One hook that can be called."""

    hook: str
    id: str
    title: str
    description: str


class CdsServices(BaseModel):
    """What can be called."""

    services: list[CdsService]


class HookRequest(Lenient):
    """A citizen was opened in a case system."""

    hook: Literal["citizen-view"]
    hook_instance: UUID
    context: SuggestionsQuery = Field(
        description="Whom it concerns, the purpose, and the language of the cards."
    )


class Cards(BaseModel):
    """What may fit; an empty list when there is nothing."""

    cards: list[CdsCard]


class AcceptedSuggestion(Lenient):
    """A suggestion of the card that was taken up."""

    id: str = Field(max_length=255)


class SetAside(Lenient):
    """Why a card was set aside."""

    reason: Coding | None = None
    user_comment: str | None = Field(default=None, max_length=2000)


class Deferral(Lenient):
    """Our own addition: a card that is put off instead of set aside."""

    until: date


class FeedbackExtension(Lenient):
    """What the standard does not know."""

    voorzet: Deferral | None = None


class Feedback(Lenient):
    """What was done with one card."""

    card: UUID
    outcome: Literal["accepted", "overridden"]
    accepted_suggestions: list[AcceptedSuggestion] = Field(default=[], max_length=10)
    override_reason: SetAside | None = None
    outcome_timestamp: AwareDatetime
    extension: FeedbackExtension | None = None


class FeedbackRequest(Lenient):
    """What was done with cards. A card that is not named was ignored."""

    feedback: Annotated[list[Feedback], Field(min_length=1, max_length=MOST_FEEDBACK)]


class FeedbackTaken(BaseModel):
    """How many decisions were kept."""

    kept: int


@router.get("/cds-services")
def discover(application: Here) -> CdsServices:
    """What a case system can call. It needs no token and tells of nobody."""
    say, language = application.pack.say, application.pack.languages[0]
    service = CdsService(
        hook=HOOK,
        id=SERVICE,
        title="Voorzet",
        description=f"{say(application.pack.domain.organisation, language)}: what may fit a "
        "citizen now, with the reasons. A person always decides.",
    )
    return CdsServices(services=[service])


@router.post(f"/cds-services/{SERVICE}", response_model_exclude_none=True)
def citizen_view(asked: HookRequest, application: Here, by: By, request: Request) -> Cards:
    """Cards for the citizen who was opened, each with who speaks or decides for them. Every
    candidate is written in the ledger."""
    query = asked.context
    citizen = citizen_of(query, application, by)
    found = application.suggest(
        citizen,
        language=query.language,
        purpose=query.purpose,
        by=by,
        slots=query.slots,
    )
    speak_for = application.representatives(
        citizen, language=query.language, purpose=query.purpose, by=by
    )
    here = str(request.base_url).rstrip("/")
    source = application.pack.say(application.pack.domain.organisation, query.language)
    return Cards(
        cards=[
            cds_card(one, source, here, speak_for) for one in (*found.cards, *found.interventions)
        ]
    )


@router.post(f"/cds-services/{SERVICE}/feedback")
def feedback(asked: FeedbackRequest, application: Here, by: By) -> FeedbackTaken:
    """Keep what was done with cards. Sending it again does no harm."""
    for one in asked.feedback:
        said = one.override_reason or SetAside()
        deferral = one.extension.voorzet if one.extension else None
        accepted, deferred = one.outcome == "accepted", deferral is not None
        application.decide(
            one.card,
            _outcome(accepted=accepted, deferred=deferred),
            by=by,
            language=application.pack.languages[0],
            reason=said.reason.code if said.reason and not accepted and not deferred else None,
            comment=said.user_comment or None,
            until=deferral.until if deferral and not accepted else None,
            key=f"cds/{one.card}/{one.outcome_timestamp.isoformat()}",
        )
    return FeedbackTaken(kept=len(asked.feedback))


def _outcome(*, accepted: bool, deferred: bool) -> Outcome:
    if accepted:
        return Outcome.ACCEPTED
    return Outcome.DEFERRED if deferred else Outcome.OVERRIDDEN
