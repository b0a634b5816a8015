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
