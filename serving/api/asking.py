"""Who asks, and of whom: what every route begins with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from serving.api.requests import OfCitizen
from serving.application import Application
from serving.errors import NotSignedInError
from serving.security import Caller

COOKIE = "voorzet"
"""A browser keeps the same token in this cookie (HttpOnly, SameSite=Strict)."""

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="A signed token.")


async def _application(request: Request) -> Application:
    application: Application = request.app.state.application
    return application


Here = Annotated[Application, Depends(_application)]
"""The application."""


def _caller(
    application: Here,
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    token = bearer.credentials if bearer else request.cookies.get(COOKIE)
    if not token:
        raise NotSignedInError("Sign in first: this needs a bearer token.")
    caller = application.caller(token)
    application.rates.hit(caller.subject)
    return caller


By = Annotated[Caller, Depends(_caller)]
"""Whoever asks; a 401 when that is nobody."""


def citizen_of(asked: OfCitizen, application: Application, by: Caller) -> int:
    """The citizen that a request is about, by pseudonym or by a silo's identifier.

    Nobody is looked at for a purpose that is none, or in another's caseload.
    """
    if asked.citizen is not None:
        application.access.check(asked.citizen, purpose=asked.purpose, by=by)
        return asked.citizen
    if asked.identifier is None:  # the request's own validator has seen to it
        raise NotSignedInError("give either citizen or identifier")
    return application.identify(
        asked.identifier.scheme, asked.identifier.value, purpose=asked.purpose, by=by
    )
