"""The pages as one application of their own, mounted beside the API."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from serving.application import Application
from serving.web import (
    asking,
    auditing,
    caseload,
    citizen,
    deciding,
    insight,
    provider,
    rights,
    searching,
    signing_in,
)
from serving.web.faults import fault_page, tell_faults
from serving.web.headers import PageHeaders, Unforeseen
from serving.web.rendering import STATIC, Pages
from serving.web.texts import LANGUAGES

MACHINES = ("/v1", "/cds-services", "/embed", "/healthz", "/readyz", "/metrics")
"""Addresses for machines: the API answers these itself, also when there is nothing there."""


def mount(app: FastAPI, application: Application, *, language: str | None = None) -> None:
    """Put the caseworker's pages on every address of ``app`` that is not for machines.

    Call it last, after the API's own routes.

    Parameters
    ----------
    language
        The language for whoever has not chosen one; the pack's first when not given.
    """
    app.router.routes.append(PeopleMount("", make_pages(application, language)))


class PeopleMount(Mount):
    """Everything that is not for machines."""

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
        """Leaves the machines' addresses to the API."""
        path = str(scope.get("path", ""))
        if any(path == one or path.startswith(f"{one}/") for one in MACHINES):
            return Match.NONE, {}
        return super().matches(scope)


def make_pages(application: Application, language: str | None = None) -> ASGIApp:
    """The pages."""
    wanted = language or application.pack.languages[0]
    pages = Pages(application, wanted if wanted in LANGUAGES else LANGUAGES[0])
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.pages = pages
    for room in (
        *(signing_in, provider, caseload, searching, citizen),
        *(deciding, asking, rights, auditing, insight),
    ):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC))
    tell_faults(app)

    app.add_middleware(Unforeseen, page=lambda request: fault_page(request, "unforeseen", 500))
    return PageHeaders(app)
