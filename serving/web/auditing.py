"""The audit trail, for auditors. What is filtered by travels in a handle, never in an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.web.forms import Form, checked_form
from serving.web.rendering import go
from serving.web.visitors import Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
Posted = Annotated[Form, Depends(checked_form)]
NOTHING = {"who": "", "action": "", "citizen": "", "before": ""}


@router.get("/audit")
def audit_page(request: Request, who: SignedIn) -> Response:
    """The newest entries."""
    return _page(request, who, NOTHING)


@router.post("/audit")
def choose(request: Request, who: SignedIn, form: Posted) -> Response:
    """To the entries asked for, at an address that does not say whose."""
    said = {name: form.get(name, "").strip()[:255] for name in NOTHING}
    return go(request, f"/audit/{who.handles.seal('audit', **said)}")


@router.get("/audit/{handle}")
def filtered_page(request: Request, who: SignedIn, handle: str) -> Response:
    """The entries of one person, action or citizen, or those before a number."""
    return _page(request, who, NOTHING | who.handles.open("audit", handle))


def _page(request: Request, who: Visitor, said: dict[str, str]) -> Response:
    pages = pages_of(request)
    casework = pages.application.casework
    trail = casework.trails.page(
        by=who.caller,
        who=said["who"] or None,
        action=said["action"] or None,
        citizen=_number(said["citizen"]),
        before=_number(said["before"]),
    )
    people, actions = casework.trails.choices(by=who.caller)
    return pages.render(
        request,
        "audit.html",
        visitor=who,
        trail=trail,
        said=said,
        people=people,
        actions=actions,
        purpose_titles={one.id: one.title for one in pages.application.purposes(who.language)},
    )


def _number(text: str) -> int | None:
    """A pseudonym or a place in the audit; what is none finds nobody."""
    if not text:
        return None
    number = int(text) if text.removeprefix("-").isdecimal() and len(text) < 21 else 0
    return number if -(2**63) <= number < 2**63 else 0
