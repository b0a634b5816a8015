"""Routes of accountability: what a citizen may ask under the law, and the audit for auditors."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field, TypeAdapter

from serving.api.asking import By, Here, citizen_of
from serving.api.paging import MOST, read_number, write_cursor
from serving.api.repeating import Once
from serving.api.requests import InLanguage, OfCitizen
from serving.casework.records import AccessReport, Entry, RightsAsked
from serving.casework.rights import LONGEST
from serving.wire import Citizen, Wire

router = APIRouter(tags=["accountability"])


class RightsAsk(OfCitizen):
    """A citizen asks to have something corrected at its source, or to be forgotten."""

    kind: Literal["correction", "erasure"]
    source: str | None = Field(
        default=None,
        max_length=255,
        description="Where it should be corrected; a source of the domain.",
        examples=["register"],
    )
    about: str | None = Field(
        default=None, max_length=255, description="The fact it is about.", examples=["savings"]
    )
    text: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="What should be corrected. Kept encrypted under the citizen's own key.",
        examples=["The savings are lower."],
    )


class Settled(Wire):
    """A request was passed on and answered."""

    settled: UUID


class AuditQuery(Wire):
    """Which part of the audit? Everything, when nothing is given."""

    by: str | None = Field(default=None, max_length=255, description="The `sub` of who did it.")
    action: str | None = Field(default=None, max_length=255, examples=["suggest"])
    citizen: Citizen | None = None
    limit: int = Field(default=100, ge=1, le=MOST)
    cursor: str | None = Field(default=None, max_length=255)


class AuditPage(Wire):
    """Entries of the audit, newest first."""

    items: tuple[Entry, ...]
    next: str | None = None
    """The cursor of the next page; null on the last."""
    whole: bool
    """Whether the chain holds, so that nothing was changed or taken away."""
    problem: str | None = None
    """The first entry at which it does not hold, and why."""


@router.post("/v1/access-reports/_search")
def search_access_report(asked: InLanguage, application: Here, by: By) -> AccessReport:
    """All that is held of a citizen, what was suggested, and what they asked: for the citizen."""
    return application.casework.access_report(
        citizen_of(asked, application, by), language=asked.language, purpose=asked.purpose, by=by
    )


@router.post("/v1/rights-requests", status_code=status.HTTP_201_CREATED)
def ask_for_rights(asked: RightsAsk, application: Here, by: By, write: Once) -> RightsAsked:
    """Keep what a citizen asks under the law. Erasing itself is an administrator's."""
    citizen = citizen_of(asked, application, by)
    return write.once(
        asked,
        TypeAdapter(RightsAsked),
        lambda: application.casework.ask_for(
            citizen,
            asked.kind,
            purpose=asked.purpose,
            by=by,
            source=asked.source,
            about=asked.about,
            text=asked.text,
        ),
        citizen=citizen,
    )


@router.post("/v1/rights-requests/{request}/_settle")
def settle_rights(request: UUID, application: Here, by: By, write: Once) -> Settled:
    """A correction was passed on and answered. Doing it twice does no harm."""

    def settle() -> Settled:
        application.casework.settle(request, by=by)
        return Settled(settled=request)

    return write.once(None, TypeAdapter(Settled), settle)


@router.post("/v1/audit/_search")
def search_audit(asked: AuditQuery, application: Here, by: By) -> AuditPage:
    """Who did what, and whether the audit is whole. Reading it is audited too."""
    trail = application.casework.trails.page(
        by=by,
        who=asked.by,
        action=asked.action,
        citizen=asked.citizen,
        before=None if asked.cursor is None else read_number(asked.cursor),
        limit=asked.limit,
    )
    return AuditPage(
        items=trail.entries,
        next=None if trail.before is None else write_cursor(str(trail.before)),
        whole=trail.whole,
        problem=trail.problem,
    )
