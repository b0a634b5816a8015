"""What a caseworker does on a citizen's view: decide, take up, change the purpose, object."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.answers import Outcome
from serving.approach import REASONS
from serving.errors import InvalidRequestError, UnknownObjectionError, UnknownSuggestionError
from serving.web.forms import Form, checked_form
from serving.web.rendering import YEAR_SECONDS, go, set_cookie
from serving.web.visitors import PURPOSE, View, Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
Posted = Annotated[Form, Depends(checked_form)]


@router.post("/view/{handle}/decide")
def decide(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Stores a decision on a card, and goes back to the view."""
    who.open_view(handle)
    here, about = f"/view/{handle}", form.get("service", "")
    try:
        decision = pages_of(request).application.decide(
            UUID(form.get("suggestion", "")),
            Outcome(form.get("outcome", "")),
            by=who.caller,
            language=who.language,
            reason=form.get("reason") or None,
            comment=form.get("comment", "").strip() or None,
            until=_until(form),
            key=form.get("key") or None,
        )
    except (InvalidRequestError, UnknownSuggestionError, ValueError):
        fault = {"deferred": "until", "overridden": "reason"}.get(form.get("outcome", ""))
        return go(request, f"{here}?fault={fault or 'decision'}&about={_word(about)}#fault")
    return go(request, f"{here}?done={decision.id}#done")


@router.post("/view/{handle}/approach")
def approach(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """The switch between the standard process and a personal approach, with its reason."""
    view = who.open_view(handle)
    chosen = form.get("choice", "")
    if chosen not in REASONS:
        return go(request, f"/view/{handle}?fault=approach#fault")
    try:
        pages_of(request).application.choose_approach(
            view.citizen,
            chosen,
            language=who.language,
            purpose=view.purpose,
            by=who.caller,
            reason=form.get("reason") or None,
            comment=form.get("comment", "").strip() or None,
        )
    except InvalidRequestError:
        return go(request, f"/view/{handle}?fault=approach#fault")
    return go(request, f"/view/{handle}#approach")


@router.post("/view/{handle}/purpose")
def change_purpose(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """The same citizen, looked at for another purpose."""
    view = who.open_view(handle)
    offered = {one.id for one in pages_of(request).application.purposes(who.language)}
    purpose = form.get("purpose", "")
    chosen = View(view.citizen, purpose if purpose in offered else view.purpose)
    response = go(request, who.view_path(chosen))
    set_cookie(request, response, PURPOSE, chosen.purpose, seconds=YEAR_SECONDS)
    return response


@router.post("/view/{handle}/objections")
def record_objection(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Writes down that the citizen does not want suggestions, of one service or of any."""
    view = who.open_view(handle)
    pages_of(request).application.object(
        view.citizen, purpose=view.purpose, by=who.caller, service=form.get("service") or None
    )
    return go(request, f"/view/{handle}#objections")


@router.post("/view/{handle}/objections/withdraw")
def withdraw_objection(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """The citizen takes an objection back."""
    who.open_view(handle)
    try:
        pages_of(request).application.withdraw_objection(
            UUID(form.get("objection", "")), by=who.caller
        )
    except (ValueError, UnknownObjectionError):
        raise InvalidRequestError("There is no such objection.") from None
    return go(request, f"/view/{handle}#objections")


def _until(form: Form) -> date | None:
    """The day that was chosen: one that was offered, or one's own. Raises ValueError."""
    if form.get("outcome") != Outcome.DEFERRED:
        return None
    chosen = form.get("until", "")
    given = form.get("until_day", "") if chosen in ("", "day") else chosen
    return date.fromisoformat(given) if given else None


def _word(text: str) -> str:
    """A service's id as it may stand in an address."""
    return "".join(sign for sign in text if sign.isalnum() or sign == "-")[:63]
