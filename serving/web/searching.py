"""Finding a citizen. What was searched for never stands in an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.answers import Found
from serving.errors import (
    InvalidDateError,
    InvalidNumberError,
    InvalidRequestError,
    UnknownCitizenError,
)
from serving.web.forms import Form, checked_form
from serving.web.rendering import YEAR_SECONDS, go, set_cookie
from serving.web.visitors import PURPOSE, View, Visitor, language_of, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
MOST = 20
LONGEST_QUERY = 200


@router.get("/search")
def search_page(request: Request, who: SignedIn) -> Response:
    """Asks whom to look for, and why."""
    return _page(request, who, query="", purpose=request.cookies.get(PURPOSE, ""))


@router.post("/search")
def search(
    request: Request, who: SignedIn, form: Annotated[Form, Depends(checked_form)]
) -> Response:
    """To the results, at an address that does not say what was searched."""
    query, purpose = form.get("query", "").strip()[:LONGEST_QUERY], form.get("purpose", "")
    known = {one.id for one in pages_of(request).application.purposes(language_of(request))}
    if not query or purpose not in known:
        missing = "query" if not query else "purpose"
        return _page(request, who, query=query, purpose=purpose, fault=missing, status=400)
    response = go(request, who.search_path(query, purpose))
    set_cookie(request, response, PURPOSE, purpose, seconds=YEAR_SECONDS)
    return response


@router.get("/search/{handle}")
def results(request: Request, who: SignedIn, handle: str) -> Response:
    """Who was found, each with the address of their view."""
    query, purpose = who.open_search(handle)
    application = pages_of(request).application
    found: Sequence[Found] = ()
    try:
        found = application.find(query, purpose=purpose, by=who.caller, limit=MOST)
    except InvalidNumberError:
        return _page(request, who, query=query, purpose=purpose, fault="number")
    except InvalidDateError:
        return _page(request, who, query=query, purpose=purpose, fault="date")
    except (UnknownCitizenError, InvalidRequestError):
        pass
    links = [(one, who.view_path(View(one.citizen, purpose))) for one in found]
    return _page(request, who, query=query, purpose=purpose, found=links)


def _page(
    request: Request,
    who: Visitor,
    *,
    query: str,
    purpose: str,
    found: Sequence[tuple[Found, str]] | None = None,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    pages = pages_of(request)
    return pages.render(
        request,
        "search.html",
        visitor=who,
        status=status,
        query=query,
        purpose=purpose,
        purposes=pages.application.purposes(who.language),
        found=found,
        most=MOST,
        fault=fault,
    )
