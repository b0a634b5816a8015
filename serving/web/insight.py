"""Insight: where people get stuck with us, what became of suggestions, what letters brought.

For those who shape services and reach out. Never of one person, and never of fewer than ten.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import NotReadyError
from serving.insight import MAY_READ
from serving.process_insight import ProcessInsight
from serving.web.visitors import Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
MOST_ROWS: Final = 10
DAYS: Final = 365


@router.get("/insight")
def insight_page(request: Request, who: SignedIn) -> Response:
    """The worst first."""
    who.caller.require(*MAY_READ)
    pages = pages_of(request)
    application, language = pages.application, who.language
    told = application.insight.suggestions(days=DAYS, language=language, by=who.caller)
    return pages.render(
        request,
        "insight.html",
        visitor=who,
        process=_process(request, who),
        most=MOST_ROWS,
        services=[one for one in told.services if one.shown != 0],
        decided={
            one.service: {each.code: each.people for each in one.outcomes} for one in told.services
        },
        effects=_effects(request, who),
    )


def _process(request: Request, who: Visitor) -> ProcessInsight | None:
    """None as long as it is being counted, or nothing was delivered."""
    application = pages_of(request).application
    try:
        return application.process.read(language=who.language, by=who.caller)
    except NotReadyError:
        return None


def _effects(request: Request, who: Visitor) -> tuple[str, ...]:
    """A sentence for each campaign that a source recorded."""
    campaigns = pages_of(request).application.campaigns
    if not who.caller.may(*campaigns.may_read):
        return ()
    told = campaigns.recorded(language=who.language, by=who.caller)
    return tuple(one.sentence for one in told if one.sentence)
