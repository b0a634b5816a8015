"""What the application answers, beside the card: people, timelines, why-not and decisions.

These records are the whole of what pages and the API see. Texts are in the language asked for.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from serving.cards import Card, Reason
from serving.wire import Citizen, Wire


class Outcome(StrEnum):
    """What a person did with a suggestion."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    OVERRIDDEN = "overridden"


class Decision(Wire):
    """A decision as it was taken and stored."""

    id: UUID
    suggestion: UUID
    citizen: Citizen
    service: str
    service_title: str
    outcome: Outcome
    reason: str | None = None
    reason_text: str | None = None
    comment: str | None = None
    """A free word. Kept encrypted under the citizen's own key."""
    until: date | None = None
    """Deferred until this day, or the override is remembered until then."""
    by: str
    """The name of who decided."""
    at: AwareDatetime


class Friction(Wire):
    """This citizen gets stuck in the standard process."""

    sentence: str
    """``In 90 days: 4 handovers. In a year: 3 more contacts about the same question.``"""
    evidence: tuple[str, ...]
    """The same, one line per window."""
    service: str | None = None
    """The intervention of the catalogue that goes with it: a personal approach."""
    choice: Literal["taken", "not-now"] | None = None
    """What was chosen before and still holds, if anything."""
    owner: str | None = None
    chosen_at: AwareDatetime | None = None


class CriterionLine(Wire):
    """One criterion of a service, for one citizen."""

    id: str
    outcome: Literal["met", "not-met", "unknown"]
    text: str


class WhyNot(Wire):
    """One service, and what became of it: shown, ranked lower, or held back by a gate."""

    service: str
    title: str
    kind: Literal["service", "intervention"]
    shown: bool
    gate: str | None = None
    """``objection``, ``purpose``, ``already-has``, …; ``ranked-lower`` when no gate held it."""
    reason: str | None = None
    """The reason's code."""
    text: str
    """The reason as a sentence."""
    rank: int | None = None
    criteria: tuple[CriterionLine, ...] = ()


class Departure(Wire):
    """That the citizen has died or moved away, so that nothing is suggested."""

    text: str
    """As a sentence, with the day."""
    day: date
    source_title: str
    known: date
    """Since when the source has told it."""


class Suggestions(Wire):
    """What fits one citizen now."""

    citizen: Citizen
    purpose: str
    language: str
    as_of: AwareDatetime
    model_version: str
    cards: tuple[Card, ...]
    """Three to five services, grouped now, soon, later, in order."""
    interventions: tuple[Card, ...] = ()
    """What the organisation could start itself."""
    friction: Friction | None = None
    departure: Departure | None = None
    withheld: int = Field(default=0, ge=0)
    """How many other services there are an answer to *why not* for."""
    decisions: tuple[Decision, ...] = ()
    """Earlier decisions on this citizen that still count, newest first."""
    missing_sources: tuple[str, ...] = ()
    """Titles of sources that have not delivered: what rests on them is unknown."""


class TimelineEntry(Wire):
    """One thing on the timeline. A gap is a silence of its source, from ``at`` to ``until``.

    An event that makes a life event is told once, as that life event.
    """

    kind: Literal["event", "fact", "life-event", "gap"]
    at: date
    until: date | None = None
    known: date | None = None
    """When it became known, where that was later than ``at``."""
    type: str
    title: str
    detail: str | None = None
    source: str
    source_title: str
    channel: str | None = None
    case_id: str | None = None
    value: str | None = None
    upcoming: bool = False


class Timeline(Wire):
    """What happened, all silos beside each other; newest first."""

    citizen: Citizen
    purpose: str
    language: str
    as_of: AwareDatetime
    upcoming: tuple[TimelineEntry, ...]
    entries: tuple[TimelineEntry, ...]
    sources: tuple[tuple[str, str], ...]
    """(id, title) of the sources that this purpose may see."""
    next: str | None = None
    """The cursor of the entries that come after these; null on the last page."""


class Found(Wire):
    """Somebody found. Without a filled vault there is only the pseudonym."""

    citizen: Citizen
    name: str | None = None
    birth_date: date | None = None
    city: str | None = None


class Representative(Wire):
    """Somebody who speaks or decides for a citizen. Their address is never told."""

    kind: str
    title: str
    name: str | None = None
    """Null where it is not known here: somebody who does it for a living, say."""
    phone: str | None = None
    """Not told of whose address is protected."""
    since: date
    until: date | None = None
    speak_with: str
    """Whom to speak with, as a sentence."""
    decides: str
    """Who decides about what, as a sentence."""
    source_title: str


class Person(Wire):
    """The head of the citizen's page."""

    citizen: Citizen
    name: str | None = None
    birth_date: date | None = None
    age: int | None = None
    """Today; of who has died, on that day."""
    died: date | None = None
    """As far as a source of this purpose tells it."""
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    phone: str | None = None
    email: str | None = None
    protected_address: bool = False
    """A protected address is never shown."""
    prefers: str | None = None
    """The preferred channel's title."""
    speaks: str | None = None
    representatives: tuple[Representative, ...] = ()
    """Who speaks or decides for the citizen now, as far as the purpose needs to know."""
    objections: tuple[Objection, ...] = ()
    looked: int = 0
    """How many different people looked at this citizen in the past year."""


class Objection(Wire):
    """A citizen's objection against being suggested a service, or any (``service`` is None)."""

    id: UUID
    citizen: Citizen
    service: str | None = None
    at: AwareDatetime
    withdrawn_at: AwareDatetime | None = None


class Look(Wire):
    """Somebody looked at something of a citizen."""

    number: int
    """Its place in the audit."""
    at: AwareDatetime
    by: str
    action: str
    purpose: str | None = None


class DecisionPage(Wire):
    """Decisions, newest first."""

    items: tuple[Decision, ...]
    next: str | None = None
    """The cursor of the next page; null on the last."""


class LookPage(Wire):
    """Looks, newest first."""

    items: tuple[Look, ...]
    next: str | None = None
    """The cursor of the next page; null on the last."""


class PurposeView(Wire):
    """A purpose that a view may have."""

    id: str
    title: str
    legal_basis: str


class ServiceView(Wire):
    """A service of the catalogue."""

    id: str
    title: str
    description: str
    kind: Literal["service", "intervention"]
    provider: str
    purpose: str
    theme: str
    triggers: tuple[str, ...]
    criteria: tuple[str, ...]


class MessageFault(Wire):
    """One thing that is wrong with a message that was sent. What stood there is not repeated."""

    message: int = Field(ge=1)
    """The message's place among those sent; the first is 1."""
    reason: str
    """The reason's code, as in the quarantine."""
    at: str | None = None
    """The attribute or path at fault: ``time``, ``data.bsn``."""
    detail: str


class Receipt(Wire):
    """What became of the messages of one request. What was accepted is on the disk."""

    accepted: int = Field(ge=0)
    known: int = Field(ge=0)
    """Messages that had been accepted before."""
    refused: int = Field(ge=0)
    faults: tuple[MessageFault, ...] = ()
    """What is wrong: with those refused, and with parts of messages whose rest was accepted."""


class Ready(Wire):
    """Whether requests can be answered."""

    ready: bool
    database: str
    lake: str
    model: str
    at: datetime


Person.model_rebuild()

__all__ = [
    "CriterionLine",
    "Decision",
    "DecisionPage",
    "Found",
    "Friction",
    "Look",
    "LookPage",
    "MessageFault",
    "Objection",
    "Outcome",
    "Person",
    "PurposeView",
    "Ready",
    "Reason",
    "Receipt",
    "Representative",
    "ServiceView",
    "Suggestions",
    "Timeline",
    "TimelineEntry",
    "WhyNot",
]
