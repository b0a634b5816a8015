"""Routes of insight: suggestions, outreach and the process behind them, never one person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serving.api.asking import By, Here
from serving.campaigns.records import EffectView
from serving.insight import SuggestionInsight
from serving.process_insight import ProcessInsight

router = APIRouter(tags=["insight"])
Language = Annotated[str, Query(min_length=2, max_length=8)]


@router.get("/v1/insight/suggestions")
def read_suggestion_insight(
    application: Here,
    by: By,
    days: Annotated[int, Query(ge=1, le=3650, description="How far back.")] = 90,
    language: Language = "nl",
) -> SuggestionInsight:
    """To how many people each service was suggested, what was decided, and what held it back."""
    return application.insight.suggestions(days=days, language=language, by=by)


@router.get("/v1/insight/outreach")
def read_outreach_insight(application: Here, by: By, language: Language = "nl") -> list[EffectView]:
    """What campaigns caused that a source drew by lot, by channel and service."""
    return list(application.campaigns.recorded(language=language, by=by))


@router.get("/v1/insight/process")
def read_process_insight(application: Here, by: By, language: Language = "nl") -> ProcessInsight:
    """Where work is handed on, done again and left lying: by team, step and source.

    Counted over everybody at most once an hour, in the background: 503 with `Retry-After` while the
    first count runs. A count of fewer than ten, or one that would give such a count away, is null
    and named in `few`.
    """
    return application.process.read(language=language, by=by)
