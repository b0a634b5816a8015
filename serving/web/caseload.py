"""My caseload: whom to see today, and putting somebody on it or taking them off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.casework.records import Attention, CaseloadView
from serving.errors import NotReadyError
from serving.web.forms import Form, checked_form
from serving.web.rendering import YEAR_SECONDS, Pages, go, set_cookie
from serving.web.visitors import PURPOSE, View, Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
Posted = Annotated[Form, Depends(checked_form)]
Person = tuple[Attention, str]
"""Somebody on the list, and the path of their view."""


@router.get("/caseload")
def caseload_page(request: Request, who: SignedIn, group: str | None = None) -> Response:
    """The list, by what presses most; ``group`` shows one group alone."""
    pages = pages_of(request)
    purposes = pages.application.purposes(who.language)
    purpose = _purpose(request, [one.id for one in purposes])
    view = _view(pages, who, purpose)
    people = (
        [(one, who.view_path(View(one.citizen, purpose))) for one in view.people] if view else []
    )
    groups = [(name, tuple(held)) for name, held in groupby(people, key=lambda one: one[0].group)]
    return pages.render(
        request,
        "caseload.html",
        visitor=who,
        view=view,
        groups=groups,
        shown=[one for one in groups if group in (None, "", one[0])] or groups,
        group=group if group in dict(groups) else None,
        purposes=purposes,
        purpose=purpose,
    )


@router.post("/caseload")
def choose_purpose(request: Request, who: SignedIn, form: Posted) -> Response:
    """The same people, looked at for another purpose."""
    response = go(request, "/caseload")
    offered = {one.id for one in pages_of(request).application.purposes(who.language)}
    if (chosen := form.get("purpose", "")) in offered:
        set_cookie(request, response, PURPOSE, chosen, seconds=YEAR_SECONDS)
    return response


@router.post("/view/{handle}/caseload")
def change(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Puts the citizen on the visitor's list, or takes them off."""
    view, casework = who.open_view(handle), pages_of(request).application.casework
    if form.get("on") == "yes":
        casework.take_on(view.citizen, by=who.caller)
    else:
        casework.let_go(view.citizen, by=who.caller)
    return go(request, f"/view/{handle}")


def _view(pages: Pages, who: Visitor, purpose: str) -> CaseloadView | None:
    """The list, or None as long as there is no model or no data to make it from."""
    try:
        return pages.application.casework.caseload(
            language=who.language, purpose=purpose, by=who.caller
        )
    except NotReadyError:
        return None


def _purpose(request: Request, offered: Sequence[str]) -> str:
    """The purpose chosen last in this browser, or the pack's first."""
    chosen = request.cookies.get(PURPOSE, "")
    return chosen if chosen in offered else offered[0]
