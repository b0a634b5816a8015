"""Logging in with a token, logging out, and choosing a language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.errors import NotSignedInError
from serving.insight import MAY_READ
from serving.security import Caller, Role
from serving.security.tokens import ISSUER
from serving.web.forms import COOKIE, SESSION, Form, checked_form
from serving.web.rendering import YEAR_SECONDS, drop_cookie, go, set_cookie
from serving.web.texts import LANGUAGES
from serving.web.visitors import LANGUAGE, pages_of, visitor

router = APIRouter()


@router.get("/")
def start(request: Request) -> Response:
    """To where the visitor's day begins, or to the log-in page."""
    try:
        who = visitor(request)
    except NotSignedInError:
        return go(request, "/log-in")
    return go(request, _first_page(request, who.caller))


@router.get("/log-in")
def log_in_page(request: Request, ended: bool = False, out: bool = False) -> Response:
    """Sends people to the identity provider, or asks for a token."""
    door = pages_of(request).application.log_in
    if out:
        return show_log_in(request, "out", leave=door.leave() if door else None)
    return show_log_in(request, "ended" if ended else None)


def show_log_in(
    request: Request, notice: str | None, *, status: int = 200, leave: str | None = None
) -> Response:
    """The log-in page with what there is to tell; ``leave`` is where one logs out elsewhere."""
    pages = pages_of(request)
    application = pages.application
    provider = application.log_in is not None
    return pages.render(
        request,
        "log_in.html",
        status=status,
        notice=notice,
        leave=leave,
        provider=provider,
        takes_tokens=not provider or application.signing_in.counts(ISSUER),
    )


@router.post("/log-in")
def log_in(request: Request, form: Annotated[Form, Depends(checked_form)]) -> Response:
    """Keeps the token in a cookie that no script can read."""
    pages = pages_of(request)
    token = form.get("token", "").strip().removeprefix("Bearer ").strip()
    try:
        caller = pages.application.caller(token)
    except NotSignedInError:
        return show_log_in(request, "refused", status=400)
    response = go(request, _first_page(request, caller))
    drop_cookie(request, response, COOKIE)  # a new key with every session
    set_cookie(request, response, SESSION, token)
    return response


@router.post("/log-out", dependencies=[Depends(checked_form)])
def log_out(request: Request) -> Response:
    """Forgets the token."""
    response = go(request, "/log-in?out=1")
    forget(request, response)
    return response


@router.post("/language")
def choose_language(request: Request, form: Annotated[Form, Depends(checked_form)]) -> Response:
    """Remembers the language, and goes back to where the visitor was."""
    response = go(request, _own_path(form.get("back", "")))
    if (chosen := form.get("language", "")) in LANGUAGES:
        set_cookie(request, response, LANGUAGE, chosen, seconds=YEAR_SECONDS)
    return response


def _first_page(request: Request, caller: Caller) -> str:
    """The caseload of a caseworker who has one, else the search; the audit for an auditor; insight
    for who sees no citizens."""
    if not caller.may(Role.CASEWORKER):
        if caller.may(Role.AUDITOR):
            return "/audit"
        return "/insight" if caller.may(*MAY_READ) else "/search"
    has_one = pages_of(request).application.casework.caseloads.of(caller.subject)
    return "/caseload" if has_one else "/search"


def forget(request: Request, response: RedirectResponse) -> None:
    """Takes the session's cookies away."""
    for name in (SESSION, COOKIE):
        drop_cookie(request, response, name)


def _own_path(path: str) -> str:
    """``path`` when it leads to a page of ours, and nowhere else."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"
