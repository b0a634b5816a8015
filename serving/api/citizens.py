"""Routes about one citizen: suggestions, why not, timeline, search, personal approach, looks."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import TypeAdapter

from serving.answers import Found, Friction, LookPage, Person, Suggestions, Timeline, WhyNot
from serving.api.asking import By, Here, citizen_of
from serving.api.paging import read_number, write_cursor
from serving.api.repeating import Once
from serving.api.requests import (
    ApproachRequest,
    CitizensQuery,
    InLanguage,
    LooksQuery,
    SuggestionsQuery,
    TimelineQuery,
    WhyNotQuery,
)
from serving.api.timeline_pages import timeline_page

router = APIRouter()


@router.post("/v1/suggestions/_search", tags=["suggestions"])
def search_suggestions(asked: SuggestionsQuery, application: Here, by: By) -> Suggestions:
    """What fits this citizen now: cards with reasons, questions and a next step.

    Computed from the records as they stand. Every candidate is written in the ledger.
    """
    return application.suggest(
        citizen_of(asked, application, by),
        language=asked.language,
        purpose=asked.purpose,
        by=by,
        slots=asked.slots,
    )


@router.post("/v1/suggestions/_why-not", tags=["suggestions"])
def why_not(asked: WhyNotQuery, application: Here, by: By) -> list[WhyNot]:
    """What became of every service (or one): shown, ranked lower, or held back, and why."""
    return list(
        application.why_not(
            citizen_of(asked, application, by),
            language=asked.language,
            purpose=asked.purpose,
            by=by,
            service=asked.service,
            slots=asked.slots,
        )
    )


@router.post("/v1/timelines/_search", tags=["citizens"])
def search_timelines(asked: TimelineQuery, application: Here, by: By) -> Timeline:
    """What happened to this citizen, as far as the purpose may see."""
    timeline = application.timeline(
        citizen_of(asked, application, by),
        language=asked.language,
        purpose=asked.purpose,
        by=by,
        sources=asked.sources,
        since=asked.since,
    )
    return timeline_page(timeline, limit=asked.limit, cursor=asked.cursor)


@router.post("/v1/citizens/_search", tags=["citizens"])
def search_citizens(asked: CitizensQuery, application: Here, by: By) -> list[Found]:
    """Citizens by BSN, name (with a birth date if need be) or pseudonym."""
    return list(application.find(asked.query, purpose=asked.purpose, by=by, limit=asked.limit))


@router.post("/v1/persons/_search", tags=["citizens"])
def search_persons(asked: InLanguage, application: Here, by: By) -> Person:
    """Who this citizen is, for a caseworker."""
    return application.person(
        citizen_of(asked, application, by), language=asked.language, purpose=asked.purpose, by=by
    )


@router.post("/v1/approaches", tags=["citizens"])
def choose_approach(
    asked: ApproachRequest, application: Here, by: By, write: Once
) -> Friction | None:
    """Take up a personal approach for a citizen who gets stuck, or say not now."""
    citizen = citizen_of(asked, application, by)
    return write.once(
        asked,
        TypeAdapter(Friction | None),
        lambda: application.choose_approach(
            citizen,
            "taken" if asked.taken else "not-now",
            language=asked.language,
            purpose=asked.purpose,
            by=by,
            reason=asked.reason,
            comment=asked.comment,
        ),
        citizen=citizen,
    )


@router.post("/v1/looks/_search", tags=["accountability"])
def search_looks(asked: LooksQuery, application: Here, by: By) -> LookPage:
    """Who looked at what of this citizen, newest first."""
    before = None if asked.cursor is None else read_number(asked.cursor)
    looks = application.looks(
        citizen_of(asked, application, by),
        purpose=asked.purpose,
        by=by,
        limit=asked.limit + 1,
        before=before,
    )
    shown, more = looks[: asked.limit], len(looks) > asked.limit
    return LookPage(items=shown, next=write_cursor(str(shown[-1].number)) if more else None)
