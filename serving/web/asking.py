"""What a citizen answers, on their view: tried out, kept, or taken back.

An answer never stands in an address: what is tried out travels in a handle, like a search.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.card_writing import answer_field
from serving.errors import InvalidRequestError
from serving.web.citizen import head
from serving.web.forms import Form, checked_form
from serving.web.rendering import go
from serving.web.visitors import Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
Posted = Annotated[Form, Depends(checked_form)]
LONGEST = 100


@router.post("/view/{handle}/answers")
def answer(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Keeps an answer, or shows what it would change."""
    view, application = who.open_view(handle), pages_of(request).application
    here, fact = f"/view/{handle}", form.get("fact", "")[:63]
    value = form.get("value", "").strip()[:LONGEST]
    if form.get("do") == "try":
        sealed = who.handles.seal("what-if", view=str(view.citizen), fact=fact, value=value)
        return go(request, f"{here}/what-if/{sealed}")
    try:
        told = application.casework.tell(
            view.citizen,
            fact,
            value,
            language=who.language,
            purpose=view.purpose,
            by=who.caller,
        )
    except InvalidRequestError:
        about = "".join(sign for sign in form.get("service", "") if sign.isalnum() or sign == "-")
        return go(request, f"{here}?fault=answer&about={about[:63]}#fault")
    return go(request, f"{here}?told={told.id}#told")


@router.post("/view/{handle}/answers/withdraw")
def withdraw(request: Request, who: SignedIn, handle: str, form: Posted) -> Response:
    """Takes an answer back."""
    who.open_view(handle)
    try:
        number = UUID(form.get("answer", ""))
    except ValueError:
        raise InvalidRequestError("There is no such answer.") from None
    pages_of(request).application.casework.withdraw(number, by=who.caller)
    return go(request, f"/view/{handle}#answers")


@router.get("/view/{handle}/what-if/{sealed}")
def what_if_page(request: Request, who: SignedIn, handle: str, sealed: str) -> Response:
    """What would change if the citizen answered so. Nothing is kept."""
    pages, view = pages_of(request), who.open_view(handle)
    said = who.handles.open("what-if", sealed)
    fact, value = said["fact"], said["value"]
    context = head(pages, who, view, handle)
    try:
        found = pages.application.casework.what_if(
            view.citizen,
            {fact: value},
            language=who.language,
            purpose=view.purpose,
            by=who.caller,
        )
    except InvalidRequestError:
        found = None
    known = fact in pages.application.pack.domain.facts
    field = answer_field(fact, pages.application.pack, who.language) if known else None
    return pages.render(
        request,
        "what_if.html",
        visitor=who,
        **context,
        found=found,
        field=field,
        value=value,
    )
