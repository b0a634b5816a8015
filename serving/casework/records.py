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


class RightsRequest(Wire):
    """What a citizen asked under the law."""

    id: UUID
    kind: Literal["correction", "erasure"]
    source_title: str | None = None
    about: str | None = None
    text: str | None = None
    """What should be corrected. Kept encrypted under the citizen's own key."""
    by: str
    at: AwareDatetime
    answer_before: date
    """Within a month the law wants an answer."""
    settled_at: AwareDatetime | None = None
    settled_by: str | None = None


class RightsAsked(Wire):
    """A request that was kept."""

    id: UUID
    kind: Literal["correction", "erasure"]
    at: AwareDatetime
    answer_before: date
    """Within a month the law wants an answer."""


class HeldFact(Wire):
    """One fact that a source told."""

    fact: str
    title: str
    value_text: str
    since: date
    until: date | None = None


class HeldRelation(Wire):
    """A relation that a source told. Of the other person it tells nothing but this."""

    kind: str
    title: str
    since: date
    until: date | None = None
    known_here: bool
    """Whether our records know who it is; who that is, is told elsewhere or not at all."""
    birth_date_held: bool
    """Whether their date of birth stands in the citizen's own record."""


class Held(Wire):
    """All that one source told of a citizen."""

    source: str
    title: str
    legal_basis: str
    purposes: tuple[str, ...]
    retention_days: int
    facts: tuple[HeldFact, ...]
    relations: tuple[HeldRelation, ...] = ()
    events: int
    first: date | None = None
    last: date | None = None


class Suggested(Wire):
    """A service that was suggested on a day, and what was decided."""

    day: date
    service: str
    title: str
    outcome: Literal["accepted", "deferred", "overridden"] | None = None


class AccessReport(Wire):
    """All that is held of a citizen, for the citizen."""

    citizen: Citizen
    as_of: AwareDatetime
    held: tuple[Held, ...]
    only_for_audits: tuple[str, ...]
    """Names of facts that are held for audits alone."""
    suggested: tuple[Suggested, ...]
    requests: tuple[RightsRequest, ...]


class Entry(Wire):
    """One entry of the audit."""

    number: int
    at: AwareDatetime
    by: str
    action: str
    purpose: str | None = None
    citizen: Citizen | None = None
    refused: bool = False


class AuditTrail(Wire):
    """A page of the audit, newest first."""

    entries: tuple[Entry, ...]
    before: int | None = None
    """Where the next page begins; None on the last one."""
    whole: bool
    """Whether the chain up to now holds."""
    problem: str | None = None
