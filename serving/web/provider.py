"""Logging in at the identity provider, and coming back from there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.errors import NotReadyError, NotSignedInError
from serving.security.log_in import ATTEMPT_SECONDS, BACK, LogIn
from serving.web.forms import COOKIE, SESSION
from serving.web.rendering import drop_cookie, go, set_cookie
from serving.web.signing_in import show_log_in
from serving.web.visitors import pages_of

router = APIRouter()
ATTEMPT = "voorzet_log_in"


@router.get("/log-in/provider")
def leave_for_provider(request: Request) -> Response:
    """To the provider. A link and no form: a browser lets no form of ours lead elsewhere."""
    pages = pages_of(request)
    if pages.application.log_in is None:
        return go(request, "/log-in")
    try:
        attempt, address = pages.application.log_in.begin()
    except NotReadyError:
        return show_log_in(request, "away", status=503)
    response = RedirectResponse(address, status_code=303)
    # Lax: who comes back from the provider comes from another site.
    set_cookie(request, response, ATTEMPT, attempt, seconds=ATTEMPT_SECONDS, same_site="lax")
    return response


@router.get(BACK)
def back_from_provider(request: Request) -> Response:
    """From the provider, with a code; always on to our own first page and nowhere else."""
    pages = pages_of(request)
    if pages.application.log_in is None:
        return go(request, "/log-in")
    response = _answer(request, pages.application.log_in)
    drop_cookie(request, response, ATTEMPT)
    return response


def _answer(request: Request, door: LogIn) -> Response:
    attempt = request.cookies.get(ATTEMPT, "")
    try:
        session, caller = door.finish(attempt, request.query_params)
    except NotSignedInError:
        return show_log_in(request, "not-there", status=400)
    except NotReadyError:
        return show_log_in(request, "away", status=503)
    if not caller.roles:
        return show_log_in(request, "no-role", status=403)
    # A page and no redirect: only a step that begins on our own site sends the session.
    response = pages_of(request).render(request, "logged_in.html")
    drop_cookie(request, response, COOKIE)  # a new key with every session
    set_cookie(request, response, SESSION, session)
    return response
