"""What casework answers: facts told, what would follow, caseloads and what the law asks."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from serving.answers import WhyNot
from serving.wire import Citizen, Wire


class ToldFact(Wire):
    """Something a citizen told a caseworker. It counts as a fact from a source of its own."""

    id: UUID
    fact: str
    title: str
    value: str
    """As the lake holds it: ``1500.0``, ``true``, ``rent``."""
    value_text: str
    """As people read it: ``€ 1.500``."""
    since: date
    by: str
    at: AwareDatetime
    withdrawn_at: AwareDatetime | None = None


class Supposed(Wire):
    """A value that is tried out and kept nowhere."""

    fact: str
    title: str
    value: str
    value_text: str


class Change(Wire):
    """A service of which something would change."""

    service: str
    title: str
    effect: Literal["gained", "lost", "surer", "ruled-out", "opened"]
    """``gained``: comes among the suggestions; ``lost``: leaves them; ``surer``: stays, with less
    to ask; ``ruled-out`` and ``opened``: was not and is not among them, and is now known not to
    fit, or may fit now."""
    before: WhyNot
    after: WhyNot


class WhatIf(Wire):
    """What would change if something were so. Nothing of it is kept."""

    citizen: Citizen
    purpose: str
    language: str
    as_of: AwareDatetime
    supposed: tuple[Supposed, ...]
    changes: tuple[Change, ...]
    unchanged: int
    """How many services stay as they are."""


class Attention(Wire):
    """One citizen of a caseload, and why to see them today."""

    citizen: Citizen
    name: str | None = None
    age: int | None = None
    group: Literal["stuck", "term", "now", "back", "mine", "rest", "none"]
    """``stuck``: gets stuck in the standard process; ``term``: a term is about to end; ``now``:
    something just happened; ``back``: put off until today; ``mine``: a personal approach;
    ``rest``: nothing presses; ``none``: there are no suggestions."""
    why: str
    """One line."""
    waiting_days: int
    """For how long that has been so without a decision."""
    deadline: date | None = None
    deadline_text: str | None = None
    suggestions: int
    """How many suggestions there are."""
    questions: int
    """How many of them wait for an answer."""
    since: AwareDatetime
    """When the citizen came on this caseload."""
    reason: str


class CaseloadView(Wire):
    """A caseload in the order in which to see people."""

    worker: str
    purpose: str
    language: str
    as_of: AwareDatetime
    people: tuple[Attention, ...]


class ApproachView(Wire):
    """A choice between the standard process and a personal approach."""

    choice: Literal["taken", "not-now", "back"]
    owner: str
    """Who chose it; of a personal approach its owner."""
    at: AwareDatetime
    reason: str | None = None
    reason_text: str | None = None
    comment: str | None = None
    """A free word. Kept encrypted under the citizen's own key."""
    evidence: tuple[str, ...] = ()
    """The signs of getting stuck at that moment."""
