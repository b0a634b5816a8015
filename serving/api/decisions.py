"""Routes of what people decide: decisions on cards, and citizens' objections."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, status

from serving.answers import Decision, Objection
from serving.api.asking import By, Here, citizen_of
from serving.api.requests import DecisionRequest, InLanguage, ObjectionRequest

router = APIRouter()


@router.post("/v1/decisions", tags=["decisions"], status_code=status.HTTP_201_CREATED)
def decide(
    asked: DecisionRequest,
    application: Here,
    by: By,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Decision:
    """Accept, defer or override a card. The same `Idempotency-Key` makes a repeat harmless."""
    return application.decide(
        asked.suggestion,
        asked.outcome,
        by=by,
        language=asked.language,
        reason=asked.reason,
        comment=asked.comment,
        until=asked.until,
        key=idempotency_key,
    )


@router.post("/v1/decisions/_search", tags=["decisions"])
def search_decisions(asked: InLanguage, application: Here, by: By) -> list[Decision]:
    """All decisions on a citizen, newest first."""
    citizen = citizen_of(asked, application, by)
    return list(
        application.decisions(citizen, language=asked.language, purpose=asked.purpose, by=by)
    )


@router.post("/v1/objections", tags=["decisions"], status_code=status.HTTP_201_CREATED)
def object_to(asked: ObjectionRequest, application: Here, by: By) -> Objection:
    """A citizen objects to one service, or to every suggestion. It counts at once."""
    return application.object(
        citizen_of(asked, application, by), purpose=asked.purpose, by=by, service=asked.service
    )


@router.post("/v1/objections/{objection}/_withdraw", tags=["decisions"])
def withdraw(objection: UUID, application: Here, by: By) -> Objection:
    """The citizen takes an objection back."""
    return application.withdraw_objection(objection, by=by)
