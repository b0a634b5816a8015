"""A citizen's rights, on a page that can be read together or printed: what is held, who looked,
what was suggested and why, and what the citizen asks for."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import InvalidRequestError
from serving.web.citizen import head
from serving.web.forms import Form, checked_form
from serving.web.rendering import go
from serving.web.visitors import Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
Posted = Annotated[Form, Depends(checked_form)]


@router.get("/view/{handle}/rights")
def rights_page(
    request: Request, who: SignedIn, handle: str, asked: str | None = None, fault: bool = False
) -> Response:
    """Everything that is held, and the forms to have it corrected or erased."""
    pages, view = pages_of(request), who.open_view(handle)
    application, language = pages.application, who.language
    context = head(pages, who, view, handle)
    report = application.casework.access_report(
        view.citizen, language=language, purpose=view.purpose, by=who.caller
    )
    return pages.render(
        request,
        "rights.html",
        visitor=who,
        **context,
        report=report,
        asked=asked if asked in ("correction", "erasure") else None,
        fault=fault,
    )


@router.post("/view/{handle}/rights")
def ask(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Keeps what the citizen asks for."""
    view, casework = who.open_view(handle), pages_of(request).application.casework
    kind: Literal["correction", "erasure"] = (
        "erasure" if form.get("kind") == "erasure" else "correction"
    )
    try:
        casework.ask_for(
            view.citizen,
            kind,
            purpose=view.purpose,
            by=who.caller,
            source=form.get("source") or None,
            text=form.get("text", "").strip() or None,
        )
    except InvalidRequestError:
        return go(request, f"/view/{handle}/rights?fault=1#fault")
    return go(request, f"/view/{handle}/rights?asked={kind}#asked")


@router.post("/view/{handle}/rights/settle")
def settle(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """A correction was passed on and answered."""
    who.open_view(handle)
    try:
        number = UUID(form.get("request", ""))
    except ValueError:
        raise InvalidRequestError("There is no such request.") from None
    pages_of(request).application.casework.settle(number, by=who.caller)
    return go(request, f"/view/{handle}/rights#requests")
