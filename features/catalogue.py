"""The catalogue: what can be offered to whom, after CPSV-AP's public service.

The strict models behind ``services.yaml``. A criterion is an SQL expression over facts, derived
facts, parameters, signals, ``has_<service>`` and ``days_since_<life_event>``; SQL's three-valued
logic makes it *eligible*, *not eligible* or *unknown*.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from features.domain import Identifier, Name, NonTakeUp, Reason, Strict, Text

__all__ = [
    "Criterion",
    "Failing",
    "Kind",
    "NextStep",
    "NonTakeUp",
    "Objective",
    "Reason",
    "Rules",
    "Service",
    "Sign",
]


class Kind(StrEnum):
    """A service is asked for or offered; an intervention is started by the organisation."""

    SERVICE = "service"
    INTERVENTION = "intervention"


class Objective(StrEnum):
    """What a head of this service is after (DESIGN: choosing)."""

    UNMET_NEED = "unmet-need"
    UPTAKE = "uptake"
    UPLIFT = "uplift"
    FAILING_PROCESS = "failing-process"
    """An intervention for whom the standard process will fail: see :class:`Failing`."""


class Rules(StrEnum):
    """What it says that a citizen meets every criterion of a service."""

    DECIDE = "decide"
    """That it would be granted."""
    EXCLUDE = "exclude"
    """That nothing speaks against it: whether it is granted takes a judgement (a home
    assessment, a medical one) or a fact that no source has. The rules only leave people out."""


class Sign(StrEnum):
    """What counts as the standard process failing a citizen."""

    OVERDUE = "overdue"
    """A case runs past its statutory term, or past the norm where there is no term."""
    OBJECTION = "objection"
    COMPLAINT = "complaint"
    REPEAT_CONTACT = "repeat-contact"
    """Contact without result, and contact again on the same need."""
    DROP_OUT = "drop-out"
    """An application is withdrawn."""


class Failing(Strict):
    """What the head of an intervention with objective *failing-process* foretells."""

    signs: tuple[Sign, ...] = Field(default=tuple(Sign), min_length=1)


class Criterion(Strict):
    """One condition of a service, with a sentence for people."""

    id: Identifier
    sql: str
    text: Text
    """Said when the criterion is met: *Income is below the norm.*"""
    not_met: Text | None = None
    """Said when it is not met."""
    question: Text | None = None
    """Asked when it is unknown: *How much savings does the household have?*"""
    legal_basis: str | None = None
    """Needed when the criterion asks a criterion-only fact."""


class NextStep(Strict):
    """What the caseworker does when the suggestion is taken up."""

    text: Text
    minutes: int = Field(gt=0)
    channel: Identifier | None = None


class Service(Strict):
    """Something that can be offered or started for a citizen."""

    title: Text
    description: Text
    headline: Text
    """Under 140 characters; ``{citizen}`` is where the person's name may stand."""
    kind: Kind = Kind.SERVICE
    provider: Text
    purpose: Identifier
    theme: Identifier = "other"
    legal_resource: str | None = None
    upl_label: str | None = None
    upl_uri: str | None = None
    triggers: tuple[Identifier, ...] = ()
    """Life events that bring this service into view."""
    criteria: tuple[Criterion, ...] = ()
    rules: Rules = Rules.DECIDE
    """Whether meeting all criteria is being entitled."""
    excludes: tuple[Identifier, ...] = ()
    """Services that this one gives way to: having one of them withholds this one.

    A precedence, so it is directed and has no circles: of two services that cannot go together,
    name the lesser one's ``excludes`` only.
    """
    affects: dict[Identifier, Text] = Field(default_factory=dict)
    """Services that someone may have already and that this one may change, with how: *It counts as
    income.*"""
    channels: tuple[Identifier, ...] = ()
    value: float = Field(default=1.0, gt=0)
    """What it is worth to a citizen who needs it, in the pack's own points (1 is ordinary)."""
    value_text: Text | None = None
    effort_minutes: int = Field(default=20, gt=0)
    objective: Objective = Objective.UNMET_NEED
    failing: Failing | None = None
    """Only with the objective *failing-process*; every sign counts when not given."""
    horizon_days: int = Field(default=180, gt=0)
    outcome: Literal["granted", "applied"] = "granted"
    """The role of the event that counts as taken up."""
    case_types: tuple[Identifier, ...] = ()
    """Case types of its events; the service's own id when empty."""
    repeatable: bool = False
    """Whether someone who had it can get it again while it runs (a yearly allowance cannot)."""
    lasts_days: int | None = Field(default=None, gt=0)
    """For how long a grant holds when no end is recorded; None: until ended."""
    decreasing_in: tuple[Name, ...] = ()
    increasing_in: tuple[Name, ...] = ()
    """Signals in which entitlement is monotone."""
    non_take_up: NonTakeUp | None = None
    override_reasons: tuple[Reason, ...] = ()
    """Its own; those of the domain are put before them when the pack is loaded."""
    next_step: NextStep | None = None
    deadline_days: int | None = Field(default=None, gt=0)
    """Days after the trigger by which one must act, where the law sets such a term."""
    norm_days: int | None = Field(default=None, gt=0)
    """The organisation's own norm for deciding on an application."""
    term_days: int | None = Field(default=None, gt=0)
    """The statutory term for deciding on an application."""
