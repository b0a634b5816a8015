"""Faults as pages: what is wrong and what to do, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from features.errors import VoorzetError
from serving.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    NotReadyError,
    NotSignedInError,
    UnknownCitizenError,
    UnknownServiceError,
    UnknownSuggestionError,
)
from serving.web.forms import SESSION, FormRefusedError
from serving.web.handles import HandleEndedError
from serving.web.rendering import go
from serving.web.signing_in import forget
from serving.web.visitors import pages_of

LOG = logging.getLogger("voorzet.web")
PAGES: tuple[tuple[type[VoorzetError], str, int], ...] = (
    (HandleEndedError, "view-ended", 404),
    (FormRefusedError, "form-refused", 403),
    (NotAllowedError, "not-allowed", 403),
    (UnknownCitizenError, "unknown-citizen", 404),
    (UnknownServiceError, "not-found", 404),
    (UnknownSuggestionError, "not-found", 404),
    (NotReadyError, "not-ready", 503),
    (ConflictError, "conflict", 409),
    (InvalidRequestError, "invalid", 400),
)
"""Which fault is told by which page, with which status."""
STATUSES = {
    400: "invalid",
    413: "invalid",
    403: "not-allowed",
    404: "not-found",
    405: "not-found",
    503: "not-ready",
}


def tell_faults(app: FastAPI) -> None:
    """Every fault becomes a page in the visitor's language."""
    for kind, name, status in PAGES:
        app.add_exception_handler(kind, _page_for(name, status))
    app.add_exception_handler(NotSignedInError, _log_in_again)
    app.add_exception_handler(VoorzetError, _page_for("unforeseen", 500))
    app.add_exception_handler(RequestValidationError, _page_for("invalid", 400))
    app.add_exception_handler(HTTPException, _for_status)


def fault_page(request: Request, name: str, status: int) -> Response:
    """The page that tells the fault ``name``."""
    return pages_of(request).render(
        request,
        "fault.html",
        status=status,
        fault=name,
        signed_in=SESSION in request.cookies,
    )


def _page_for(name: str, status: int) -> Callable[[Request, Exception], Response]:
    def told(request: Request, fault: Exception) -> Response:
        LOG.log(logging.ERROR if status >= 500 else logging.INFO, "%s: %s", name, _kind(fault))
        return fault_page(request, name, status)

    return told


def _kind(fault: Exception) -> str:
    """What may stand in a log: never what somebody typed."""
    return type(fault).__name__


def _for_status(request: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    return fault_page(request, STATUSES.get(status, "unforeseen"), status)


def _log_in_again(request: Request, fault: Exception) -> Response:
    """To the log-in page; it says so when a session has ended."""
    response = go(request, "/log-in?ended=1" if SESSION in request.cookies else "/log-in")
    forget(request, response)
    return response
