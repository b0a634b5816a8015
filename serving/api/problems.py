"""Faults as problem documents (RFC 9457): a status, a title and what to do; no stack traces."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from features.errors import VoorzetError
from serving.api.conditional import NotModifiedError, not_modified
from serving.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    NotReadyError,
    NotSignedInError,
    TooManyRequestsError,
    TooMuchError,
    UnknownCampaignError,
    UnknownCitizenError,
    UnknownObjectionError,
    UnknownServiceError,
    UnknownStopError,
    UnknownSuggestionError,
)

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[VoorzetError], HTTPStatus] = {
    InvalidRequestError: HTTPStatus.BAD_REQUEST,
    NotSignedInError: HTTPStatus.UNAUTHORIZED,
    NotAllowedError: HTTPStatus.FORBIDDEN,
    UnknownCitizenError: HTTPStatus.NOT_FOUND,
    UnknownServiceError: HTTPStatus.NOT_FOUND,
    UnknownSuggestionError: HTTPStatus.NOT_FOUND,
    UnknownStopError: HTTPStatus.NOT_FOUND,
    UnknownCampaignError: HTTPStatus.NOT_FOUND,
    UnknownObjectionError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    TooManyRequestsError: HTTPStatus.TOO_MANY_REQUESTS,
    NotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooMuchError: HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_SECONDS = 5
"""When to come back after a 503."""
log = logging.getLogger("voorzet.faults")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    location: str = Field(description="Where: `body.until`, `header.idempotency-key`, …")
    detail: str


class Problem(BaseModel):
    """What went wrong, and what mends it."""

    status: int
    title: str
    detail: str
    errors: list[Fault] = []


def problem(
    status: HTTPStatus,
    detail: str,
    errors: Sequence[Fault] = (),
    *,
    more: Mapping[str, Any] | None = None,
    **headers: str,
) -> Response:
    """A problem document as a response; ``more`` are members of its own."""
    body: dict[str, Any] = {"status": status.value, "title": status.phrase, "detail": detail}
    body |= more or {}
    if errors:
        body["errors"] = [fault.model_dump() for fault in errors]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body, status.value, headers=named, media_type=MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Let every fault of ``app`` be answered with a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotModifiedError, not_modified)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(VoorzetError, _ours)
    for away in (OperationalError, InterfaceError, NoConnectionError):
        app.add_exception_handler(away, _no_database)
    app.add_exception_handler(Exception, _unforeseen)


def _invalid(request: Request, fault: Exception) -> Response:
    """All faults of a request together, as a 400. What was sent is not repeated."""
    found = fault.errors() if isinstance(fault, RequestValidationError) else []
    if _another_kind(request) and any(one["loc"][0] == "body" for one in found):
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON: application/json.")
    errors = [
        Fault(location=".".join(str(part) for part in one["loc"]), detail=_sentence(one))
        for one in found
    ]
    count = "1 thing" if len(errors) == 1 else f"{len(errors)} things"
    return problem(HTTPStatus.BAD_REQUEST, f"The request has {count} to mend; see errors.", errors)


def _another_kind(request: Request) -> bool:
    """Whether the body says of itself that it is no JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    return bool(kind) and kind != "application/json" and not kind.endswith("+json")


def _sentence(one: dict[str, Any]) -> str:
    message = str(one["msg"]).removeprefix("Value error, ")
    return message[:1].upper() + message[1:]


def _http(request: Request, fault: Exception) -> Response:
    status = HTTPStatus(fault.status_code) if isinstance(fault, HTTPException) else HTTPStatus(500)
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address. A slash at the end counts.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    }
    answer = problem(status, details.get(status, status.description or status.phrase))
    if isinstance(fault, HTTPException) and fault.headers:
        answer.headers.update(fault.headers)
    return answer


def _ours(request: Request, fault: Exception) -> Response:
    status = next((STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS), None)
    if status is None:
        return _unforeseen(request, fault)
    if status is HTTPStatus.UNAUTHORIZED:
        return problem(status, str(fault), WWW_Authenticate='Bearer realm="voorzet"')
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return problem(status, str(fault), Retry_After=str(RETRY_SECONDS))
    if isinstance(fault, TooManyRequestsError):
        return problem(status, str(fault), Retry_After=str(fault.wait))
    return problem(status, str(fault))


def _no_database(request: Request, fault: Exception) -> Response:
    """The database is away, or its disk is full: nothing was done, and it may be tried again.

    SQLite gives the same exception for SQL that it cannot run, such as a table that is missing:
    that is not over in a few seconds.
    """
    if getattr(getattr(fault, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return _unforeseen(request, fault)
    route = getattr(request.scope.get("route"), "path", "unknown route")
    log.warning("no database at %s: %s", route, type(fault).__name__)
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer now. Nothing was changed; try again in a few seconds.",
        Retry_After=str(RETRY_SECONDS),
    )


def _unforeseen(request: Request, fault: Exception) -> Response:
    """The log has the stack trace, and no word of what was asked."""
    route = getattr(request.scope.get("route"), "path", "unknown route")
    log.error("unforeseen fault at %s", route, exc_info=fault)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here. It has been written down; try again later.",
    )
