"""A card: a suggestion as a person sees it. What → why now → what we do not know → what to do."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from serving.wire import Wire

Group = Literal["now", "soon", "later"]
Basis = Literal["rules", "model", "prior"]


class Reason(Wire):
    """One reason, with where it comes from."""

    kind: Literal["criterion", "life-event", "concept"]
    sign: Literal["met", "up", "down"]
    """✓ a criterion met or a life event that happened; ↑ speaks for it; ↓ speaks against it."""
    text: str
    source: str | None = None
    """The source's id."""
    source_title: str | None = None
    since: date | None = None
    """When the fact began to hold or the event happened, in the domain's time zone."""
    known: date | None = None
    """When it became known, where that was later."""
    upcoming: bool = False


class AnswerChoice(Wire):
    """One answer to choose."""

    value: str
    label: str


class AnswerField(Wire):
    """Where the answer to a question can be filled in."""

    fact: str
    title: str
    kind: Literal["number", "choice", "date"]
    unit: str | None = None
    """Of a number: ``euro per month``."""
    choices: tuple[AnswerChoice, ...] = ()


class Question(Wire):
    """Something that is not known and should be asked."""

    text: str
    criterion: str
    facts: tuple[str, ...] = ()
    """The names of the facts that are missing."""
    fields: tuple[AnswerField, ...] = ()
    """Those of them that a citizen can be asked for."""


class HowSure(Wire):
    """How likely it is that the service fits: a word, a band of dots, and a range."""

    word: str
    """``likely``"""
    band: int = Field(ge=1, le=4)
    """Filled dots out of four."""
    dots: str
    """``●●●○``"""
    range: str
    """``6 to 8 in 10``"""
    text: str
    """The whole of it as a sentence."""
    basis: Basis
    basis_text: str
    """On what this rests, in a sentence; says so when there is little history."""


class Unaided(Wire):
    """How likely it is that the citizen applies without help within the horizon."""

    word: str
    text: str
    """``Likely to apply without help: small (1 in 10 in the next half year)``"""


class NextStep(Wire):
    """What to do when the suggestion is taken up."""

    text: str
    minutes: int
    channel: str | None = None
    channel_title: str | None = None
    provider: str


class Effect(Wire):
    """What taking this up may change in something that the citizen has already."""

    service: str
    title: str
    text: str


class OverrideReason(Wire):
    """A coded reason to set the suggestion aside."""

    code: str
    text: str
    corrects_fact: bool = False


class Card(Wire):
    """A suggestion as a person sees it. ``id`` is what a decision refers to."""

    id: UUID
    service: str
    title: str
    kind: Literal["service", "intervention"]
    headline: str = Field(max_length=140)
    why_now: str
    group: Group
    group_title: str
    """``Now``, ``Soon``, ``Later`` in the card's language."""
    deadline: date | None = None
    deadline_text: str | None = None
    """``before 14 March``"""
    sure: HowSure
    unaided: Unaided | None = None
    reasons: tuple[Reason, ...]
    ask: tuple[Question, ...]
    changes: tuple[str, ...] = ()
    """What would change the answer, in sentences: at most one for each fact."""
    effects: tuple[Effect, ...] = ()
    """What to mind: effects on what the citizen has already."""
    next: NextStep
    override_reasons: tuple[OverrideReason, ...]
    position: int
    explored: bool = False
    """Drawn at random among what fits, so that the model keeps learning."""
    model_version: str
    language: str
