"""Campaigns as the API tells them. Groups and arms of fewer than ten people are not shown."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from models.intervals import Estimate
from monitoring.fairness import SMALLEST, GroupRate
from serving.campaigns.campaigns import Composed
from serving.campaigns.effect import Arm, Effect
from serving.campaigns.store import Campaign
from serving.campaigns.targeting import By
from serving.wire import Wire


class Interval(Wire):
    """A value with the limits of its 95% interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, estimate: Estimate) -> Self | None:
        """None where there is nothing to tell."""
        if not estimate.known:
            return None
        return cls(value=estimate.value, low=estimate.low, high=estimate.high)


class CampaignView(Wire):
    """A campaign."""

    id: UUID
    service: str
    channel: str
    capacity: int
    holdout: float
    state: Literal["composed", "drawn", "exported"]
    as_of: AwareDatetime
    model_version: str
    population: int
    """How many people were looked at."""
    candidates: int
    """How many of them may need the service and may be approached."""
    withheld: dict[str, int]
    """How many were left out, by gate and reason; at least ten."""
    by: str
    composed_at: AwareDatetime
    drawn_at: AwareDatetime | None = None
    exported_at: AwareDatetime | None = None

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """What is told of a campaign."""
        withheld: dict[str, int] = campaign.counts.get("withheld", {})
        return cls.model_validate(
            {
                "id": campaign.id,
                "service": campaign.service,
                "channel": campaign.channel,
                "capacity": campaign.capacity,
                "holdout": campaign.holdout,
                "state": campaign.state,
                "as_of": campaign.as_of,
                "model_version": campaign.model_version,
                "population": campaign.counts["population"],
                "candidates": campaign.counts["candidates"],
                "withheld": {why: many for why, many in withheld.items() if many >= SMALLEST},
                "by": campaign.by,
                "composed_at": campaign.composed_at,
                "drawn_at": campaign.drawn_at,
                "exported_at": campaign.exported_at,
            }
        )


class ReachedGroup(Wire):
    """One group, and the share of it that the campaign would reach."""

    grouping: str
    group: str
    hidden: bool = False
    """Too small to show."""
    people: int | None = None
    reached: Interval | None = None
    gap: Interval | None = None
    """The difference with everybody else."""

    @classmethod
    def of(cls, rate: GroupRate) -> Self:
        """What is told of a group."""
        if rate.hidden:
            return cls(grouping=rate.grouping, group=rate.group, hidden=True)
        return cls(
            grouping=rate.grouping,
            group=rate.group,
            people=rate.n,
            reached=Interval.of(rate.rate),
            gap=Interval.of(rate.gap),
        )


class ComposedCampaign(Wire):
    """A campaign that was just composed, with whom it would reach."""

    campaign: CampaignView
    pool: int
    """How many people chance will choose from."""
    reach: tuple[ReachedGroup, ...]
    ordered_by: By
    ordered_text: str
    """By what people are chosen, and why."""
    expected: str | None = None
    """What the campaign is expected to add and to cost, where earlier ones tell."""

    @classmethod
    def of(cls, composed: Composed, language: str) -> Self:
        """What is told of a composed campaign."""
        campaign, targeting = composed.campaign, composed.targeting
        return cls(
            campaign=CampaignView.of(campaign),
            pool=composed.reach.pool,
            reach=tuple(ReachedGroup.of(group) for group in composed.reach.groups),
            ordered_by=targeting.by,
            ordered_text=targeting.sentence(language),
            expected=targeting.expected(campaign.capacity, language),
        )


class DrawnCampaign(Wire):
    """A campaign that was drawn."""

    campaign: CampaignView
    approached: int = Field(ge=0)
    held_out: int = Field(ge=0)


class CampaignPage(Wire):
    """Campaigns, newest first."""

    items: tuple[CampaignView, ...]
    next: str | None = None
    """The cursor of the next page; null on the last."""


class ArmView(Wire):
    """One arm of a campaign."""

    people: int
    took_up: int | None = None
    rate: Interval | None = None

    @classmethod
    def of(cls, arm: Arm, *, hidden: bool) -> Self:
        """What is told of an arm."""
        if hidden:
            return cls(people=arm.n)
        return cls(people=arm.n, took_up=arm.hits, rate=Interval.of(arm.rate))


class EffectView(Wire):
    """What a campaign caused, by intention to treat."""

    service: str
    channel: str
    approached: ArmView
    held_out: ArmView
    difference: Interval | None = None
    """Of the shares that took it up; null when an arm is too small to show, or fewer than ten in
    one took it up, or did not."""
    days: int
    mature: bool
    """Whether the horizon is over, so that the figures are final."""
    sentence: str

    @classmethod
    def of(cls, effect: Effect, sentence: str) -> Self:
        """What is told of an effect."""
        small = any(arm.is_small for arm in (effect.approached, effect.held_out))
        return cls(
            service=effect.service,
            channel=effect.channel,
            approached=ArmView.of(effect.approached, hidden=small),
            held_out=ArmView.of(effect.held_out, hidden=small),
            difference=None if small else Interval.of(effect.difference),
            days=effect.days,
            mature=effect.mature,
            sentence="" if small else sentence,  # it holds shares, from which one counts
        )
