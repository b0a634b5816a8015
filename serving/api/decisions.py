"""Routes of what people decide: decisions on cards, and citizens' objections."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, status
from pydantic import TypeAdapter

from serving.answers import Decision, DecisionPage, Objection
from serving.api.asking import By, Here, citizen_of
from serving.api.paging import page
from serving.api.repeating import IdempotencyKey, Once
from serving.api.requests import DecisionRequest, DecisionsQuery, ObjectionRequest

router = APIRouter()


@router.post("/v1/decisions", tags=["decisions"], status_code=status.HTTP_201_CREATED)
def decide(
    asked: DecisionRequest,
    application: Here,
    by: By,
    idempotency_key: IdempotencyKey = None,
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
def search_decisions(asked: DecisionsQuery, application: Here, by: By) -> DecisionPage:
    """All decisions on a citizen, newest first."""
    citizen = citizen_of(asked, application, by)
    found = application.decisions(citizen, language=asked.language, purpose=asked.purpose, by=by)
    items, following = page(
        found, limit=asked.limit, cursor=asked.cursor, key=lambda one: str(one.id)
    )
    return DecisionPage(items=items, next=following)


@router.post("/v1/objections", tags=["decisions"], status_code=status.HTTP_201_CREATED)
def object_to(asked: ObjectionRequest, application: Here, by: By, write: Once) -> Objection:
    """A citizen objects to one service, or to every suggestion. It counts at once."""
    citizen = citizen_of(asked, application, by)
    return write.once(
        asked,
        TypeAdapter(Objection),
        lambda: application.object(citizen, purpose=asked.purpose, by=by, service=asked.service),
        citizen=citizen,
    )


@router.post("/v1/objections/{objection}/_withdraw", tags=["decisions"])
def withdraw_objection(objection: UUID, application: Here, by: By) -> Objection:
    """The citizen takes an objection back; again, it changes nothing."""
    return application.withdraw_objection(objection, by=by)
