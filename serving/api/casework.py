"""Routes of casework: what a citizen tells, and what would follow."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field, TypeAdapter

from serving.api.asking import By, Here, citizen_of
from serving.api.repeating import Once
from serving.api.requests import InLanguage, OfCitizen
from serving.casework.records import CaseloadView, ToldFact, WhatIf
from serving.wire import Wire

router = APIRouter(tags=["casework"])
LONGEST_VALUE = 100
MOST_SUPPOSED = 10


class ToldFactRequest(InLanguage):
    """What a citizen answered."""

    fact: str = Field(max_length=63, description="A fact of the domain.", examples=["savings"])
    value: str = Field(
        max_length=LONGEST_VALUE,
        description="A number, `true` or `false`, a category, or a day such as `1957-01-02`.",
        examples=["1500"],
    )
    since: date | None = Field(default=None, description="From when it is so; today if left out.")


class SupposedFact(Wire):
    """A value to try out."""

    fact: str = Field(max_length=63, examples=["savings"])
    value: str = Field(max_length=LONGEST_VALUE, examples=["1500"])


class WhatIfQuery(InLanguage):
    """What would change if this were so?"""

    suppose: list[SupposedFact] = Field(min_length=1, max_length=MOST_SUPPOSED)
    slots: int = Field(default=5, ge=1, le=10, description="Places for services.")


class CaseloadQuery(Wire):
    """Whom to see today, for which purpose?"""

    purpose: str = Field(description="A purpose of the domain.", examples=["income-support"])
    language: str = Field(default="nl", min_length=2, max_length=8)


class CaseloadChange(OfCitizen):
    """Put a citizen on a caseload, or take them off."""

    on: bool
    worker: str | None = Field(
        default=None,
        max_length=255,
        description="The `sub` of whose caseload it is; the caller's own when left out. "
        "Somebody else's takes an administrator.",
    )


class OnCaseload(Wire):
    """Whether a citizen is on the caseload now."""

    on: bool


class Withdrawn(Wire):
    """An answer was taken back."""

    withdrawn: UUID


@router.post("/v1/facts", status_code=status.HTTP_201_CREATED)
def tell(asked: ToldFactRequest, application: Here, by: By, write: Once) -> ToldFact:
    """Keep what a citizen answered, as a fact with its source. It counts at once."""
    citizen = citizen_of(asked, application, by)
    return write.once(
        asked,
        TypeAdapter(ToldFact),
        lambda: application.casework.tell(
            citizen,
            asked.fact,
            asked.value,
            language=asked.language,
            purpose=asked.purpose,
            by=by,
            since=asked.since,
        ),
        citizen=citizen,
    )


@router.post("/v1/facts/_search")
def search_told(asked: InLanguage, application: Here, by: By) -> list[ToldFact]:
    """What a citizen told that still stands, newest first."""
    citizen = citizen_of(asked, application, by)
    application.audit.record("read answers", by=by, citizens=[citizen], purpose=asked.purpose)
    return list(
        application.casework.told_of(citizen, language=asked.language, purpose=asked.purpose, by=by)
    )


@router.post("/v1/facts/{answer}/_withdraw")
def withdraw_answer(answer: UUID, application: Here, by: By) -> Withdrawn:
    """Take an answer back: it never held."""
    application.casework.withdraw(answer, by=by)
    return Withdrawn(withdrawn=answer)


@router.post("/v1/suggestions/_what-if")
def what_if(asked: WhatIfQuery, application: Here, by: By) -> WhatIf:
    """What would change if something were so. Nothing of it is kept."""
    return application.casework.what_if(
        citizen_of(asked, application, by),
        {one.fact: one.value for one in asked.suppose},
        language=asked.language,
        purpose=asked.purpose,
        by=by,
        slots=asked.slots,
    )


@router.post("/v1/caseload/_search")
def search_caseload(asked: CaseloadQuery, application: Here, by: By) -> CaseloadView:
    """The caller's own caseload, in the order in which to see people."""
    return application.casework.caseload(language=asked.language, purpose=asked.purpose, by=by)


@router.post("/v1/caseload/_change")
def change_caseload(asked: CaseloadChange, application: Here, by: By) -> OnCaseload:
    """Put a citizen on a caseload, or take them off. Doing it twice does no harm."""
    citizen = citizen_of(asked, application, by)
    if asked.worker is not None and asked.worker != by.subject:
        on = application.casework.assign(citizen, asked.worker, on=asked.on, by=by)
        return OnCaseload(on=on)
    if asked.on:
        application.casework.take_on(citizen, by=by)
    else:
        application.casework.let_go(citizen, by=by)
    return OnCaseload(on=application.casework.on_caseload(citizen, by=by))
