"""Routes of outreach: composing, drawing, and what it caused."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import Field, TypeAdapter

from serving.api.asking import By, Here
from serving.api.paging import MOST, page
from serving.api.repeating import Once
from serving.campaigns.campaigns import Wanted
from serving.campaigns.records import (
    CampaignPage,
    CampaignView,
    ComposedCampaign,
    DrawnCampaign,
    EffectView,
)
from serving.campaigns.targeting import By as OrderedBy
from serving.wire import Wire

router = APIRouter(tags=["campaigns"])
Language = Annotated[str, Query(min_length=2, max_length=8)]


class CampaignRequest(Wire):
    """What an outreach team wants."""

    service: str = Field(max_length=63, description="A service of the catalogue.")
    channel: str = Field(max_length=63, description="A channel of the domain.", examples=["letter"])
    capacity: int = Field(
        ge=1, le=1_000_000, description="How many people can be approached.", examples=[200]
    )
    holdout: float = Field(
        gt=0, lt=1, description="The share that chance keeps from being approached.", examples=[0.2]
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**31, description="Of the draw, to repeat it.", examples=[7]
    )
    order_by: OrderedBy | None = Field(
        default=None, description="What people are ordered by; as the service asks by default."
    )
    otherwise: Literal["need", "random"] = Field(
        default="need", description="The order where uplift is asked for and cannot be told."
    )
    language: str = Field(default="nl", min_length=2, max_length=8)


@router.post("/v1/campaigns", status_code=status.HTTP_201_CREATED)
def compose_campaign(
    asked: CampaignRequest, application: Here, by: By, write: Once
) -> ComposedCampaign:
    """Choose whom to approach for a service; see whom that reaches and misses.

    Looks at the whole population: in a large town it takes a while.
    """
    return write.once(
        asked,
        TypeAdapter(ComposedCampaign),
        lambda: application.campaigns.compose(
            Wanted(
                service=asked.service,
                channel=asked.channel,
                capacity=asked.capacity,
                holdout=asked.holdout,
                rest_days=application.campaigns.rest_days,
                seed=asked.seed,
                by=asked.order_by,
                otherwise=asked.otherwise,
            ),
            language=asked.language,
            by=by,
        ),
    )


@router.get("/v1/campaigns")
def list_campaigns(
    application: Here,
    by: By,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> CampaignPage:
    """All campaigns, newest first."""
    items, following = page(
        application.campaigns.every(by=by), limit=limit, cursor=cursor, key=lambda one: str(one.id)
    )
    return CampaignPage(items=items, next=following)


@router.get("/v1/campaigns/{campaign}")
def read_campaign(campaign: UUID, application: Here, by: By) -> CampaignView:
    """One campaign."""
    return application.campaigns.one(campaign, by=by)


@router.post("/v1/campaigns/{campaign}/_draw")
def draw_campaign(campaign: UUID, application: Here, by: By, write: Once) -> DrawnCampaign:
    """Let chance decide who is approached and who is held out. Again, it changes nothing."""
    return write.once(
        None, TypeAdapter(DrawnCampaign), lambda: application.campaigns.draw(campaign, by=by)
    )


@router.get("/v1/campaigns/{campaign}/effect")
def read_effect(campaign: UUID, application: Here, by: By, language: Language = "nl") -> EffectView:
    """What the campaign caused: the difference with the hold-out, with its interval."""
    return application.campaigns.effect(campaign, language=language, by=by)
