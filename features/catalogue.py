"""The catalogue: what can be offered to whom, after CPSV-AP's public service.

The strict models behind ``services.yaml``. A criterion is an SQL expression over facts, derived
facts, parameters, signals, ``has_<service>`` and ``days_since_<life_event>``; SQL's three-valued
logic makes it *eligible*, *not eligible* or *unknown*.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from features.domain import Identifier, Name, Reason, Strict, Text

__all__ = [
    "Criterion",
    "Kind",
    "NextStep",
    "NonTakeUp",
    "Objective",
    "Reason",
    "Service",
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


class NonTakeUp(Strict):
    """A published rate of non-take-up, with its year and source."""

    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    year: int | None = None
    source: str


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
    excludes: tuple[Identifier, ...] = ()
    """Services that this one gives way to: having one of them withholds this one.

    A precedence, so it is directed and has no circles: of two services that cannot go together,
    name the lesser one's ``excludes`` only.
    """
    channels: tuple[Identifier, ...] = ()
    value: float = Field(default=1.0, gt=0)
    """What it is worth to a citizen who needs it, in the pack's own points (1 is ordinary)."""
    value_text: Text | None = None
    effort_minutes: int = Field(default=20, gt=0)
    objective: Objective = Objective.UNMET_NEED
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
