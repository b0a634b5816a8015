"""What may be asked: the bodies of requests. Numbers of people travel in bodies only."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from serving.answers import Outcome
from serving.api.paging import MOST
from serving.wire import Citizen, Wire


class IdentifierQuery(Wire):
    """An identifier of a silo, such as a BSN."""

    scheme: str = Field(description="A scheme of the domain, such as `bsn`.", examples=["bsn"])
    value: str = Field(max_length=255)


class OfCitizen(Wire):
    """Whom it concerns, and why it is asked."""

    citizen: Citizen | None = None
    identifier: IdentifierQuery | None = None
    purpose: str = Field(description="A purpose of the domain.", examples=["income-support"])

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.citizen is None) == (self.identifier is None):
            raise ValueError("give either citizen or identifier")
        return self


class InLanguage(OfCitizen):
    """The same, answered in a language."""

    language: str = Field(default="nl", min_length=2, max_length=8)


class SuggestionsQuery(InLanguage):
    """What fits this citizen now?"""

    slots: int = Field(default=5, ge=1, le=10, description="Places for services.")


class WhyNotQuery(SuggestionsQuery):
    """Why is a service (or any) not suggested?"""

    service: str | None = None


class Paged(Wire):
    """So many at a time."""

    limit: int = Field(default=100, ge=1, le=MOST, description="How many at a time.")
    cursor: str | None = Field(
        default=None, max_length=200, description="The `next` of the page before."
    )


class DecisionsQuery(InLanguage, Paged):
    """What was decided?"""


class LooksQuery(OfCitizen, Paged):
    """Who looked?"""


class TimelineQuery(InLanguage):
    """What happened?"""

    sources: list[str] | None = None
    since: date | None = None
    limit: int | None = Field(default=None, ge=1, description="How many entries at a time.")
    cursor: str | None = Field(
        default=None, max_length=200, description="The `next` of the page before."
    )


class CitizensQuery(Wire):
    """Who is it?"""

    query: str = Field(min_length=1, max_length=200, description="A name, BSN or pseudonym.")
    purpose: str
    limit: int = Field(default=20, ge=1, le=100)


class DecisionRequest(Wire):
    """What was done with a suggestion."""

    suggestion: UUID = Field(description="The id of the card.")
    outcome: Outcome
    reason: str | None = Field(default=None, description="One of the card's override reasons.")
    comment: str | None = Field(default=None, max_length=2000)
    until: date | None = Field(default=None, description="A deferral: until this day.")
    language: str = Field(default="nl", min_length=2, max_length=8)


class ApproachRequest(InLanguage):
    """Take a stuck citizen up, or not now."""

    taken: bool
    reason: str | None = Field(
        default=None, max_length=63, description="One of the coded reasons of this choice."
    )
    comment: str | None = Field(default=None, max_length=2000)


class ObjectionRequest(OfCitizen):
    """A citizen objects to one service, or to every suggestion."""

    service: str | None = None
