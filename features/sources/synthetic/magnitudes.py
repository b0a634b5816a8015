"""The magnitudes of the simulation, each within the range that has been published."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from features.domain import Strict

Share = Annotated[float, Field(ge=0, le=1)]


class Magnitudes(Strict):
    """How strongly people act, and how often things go wrong (DOMAIN: magnitudes)."""

    self_claim_9_months: float = Field(default=0.045, ge=0.03, le=0.06)
    """Share of settled non-users who claim by themselves within nine months."""
    letter_uplift: float = Field(default=0.05, ge=0.0, le=0.10)
    """Extra share that claims after a letter when need is lowest; falls to none as need rises."""
    visit_uplift: float = Field(default=0.12, ge=0.0, le=0.20)
    """Extra share that claims after a home visit when need is highest; falls with less need."""
    help_uplift: float = Field(default=0.10, ge=0.08, le=0.12)
    """Extra share that claims with assisted application, whatever the need."""
    visit_reached: float = Field(default=0.40, ge=0.15, le=0.60)
    """Share of home visits that find someone at home."""
    non_take_up: float = Field(default=0.0, ge=-1.0, le=1.0)
    """Where in each service's published range the municipality lies: -1 low, 0 middle, 1 high."""
    unfounded: Share = 0.12
    """Applications by people who are not entitled, as a share of all."""
    wrong_refusal: Share = 0.03
    """Applications of entitled people that are refused all the same."""
    objection: Share = 0.4
    """Wrongly refused people who object."""
    spiral: Share = 0.10
    """Cases that are sent round in circles, for someone without further trouble."""
    contact_rate: float = Field(default=1.0, gt=0)
    """Contacts with the municipality, relative to the base of about 1.5 a year per adult."""
    checked_a_year: Share = 0.02
    """Adults who are drawn by lot and checked, a year."""
    dirty: Share = 0.003
    """Rows per file that are damaged on purpose."""
    unlinked: Share = 0.04
    """Clients of the case system whose citizen service number is not filled in."""
