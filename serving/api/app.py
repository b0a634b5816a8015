"""The web application: routes, faults, headers and the OpenAPI document, in one factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi

from serving.api import casework, catalogue, citizens, decisions, events, health
from serving.api.conversation import API_VERSION, OPENAPI, Conversation
from serving.api.problems import MEDIA_TYPE, Problem, add_problem_handlers
from serving.application import Application
from serving.background import BackgroundLanding
from serving.bootstrap import bootstrap, lander_of
from serving.web import mount
from serving.workspace import Workspace

_CONTACT = {
    "name": "Voorzet",
    "email": "voorzet@example.org",
    "url": "https://example.org/voorzet",
}
_FAULTS = {
    "400": "The request has something to mend; all faults are told together.",
    "401": "There is no valid token.",
    "403": "The role does not allow this.",
    "404": "There is nothing here, or nobody is known.",
    "409": "The same key was used before for something else.",
    "503": "Something that answers depend on is not there yet.",
}
_OPEN = ("/healthz", "/readyz")


def create_app(workspace: Workspace) -> FastAPI:
    """The web application of a workspace: the API and the pages."""
    seconds = workspace.land_every_seconds
    landing = BackgroundLanding(lander_of(workspace), seconds) if seconds else None
    return app_of(bootstrap(workspace), language=workspace.language, landing=landing)


def app_of(
    application: Application,
    *,
    language: str | None = None,
    landing: BackgroundLanding | None = None,
) -> FastAPI:
    """The web application around ``application``; ``language`` is that of the pages, ``landing``
    runs while it does."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if landing is not None:
            landing.start()
        yield
        if landing is not None:
            await run_in_threadpool(landing.stop)
        application.database.close()

    app = FastAPI(
        title="Voorzet",
        version=API_VERSION,
        description="What fits a citizen next, with the reasons. A person always decides.",
        contact=_CONTACT,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.application = application
    for routes in (citizens, casework, decisions, events, catalogue, health):
        app.include_router(routes.router)
    add_problem_handlers(app)
    app.add_middleware(Conversation)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    mount(app, application, language=language)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with problem documents in place of FastAPI's own faults."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            contact=_CONTACT,
            license_info=app.license_info,
            routes=app.routes,
            servers=[{"url": "/", "description": "This server; paths begin with /v1"}],
        )
        schemas = document["components"]["schemas"]
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        found = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= found.pop("$defs", {})
        schemas["Problem"] = found
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _declare(operation["responses"], faults=path not in _OPEN)
        app.openapi_schema = document
    return app.openapi_schema


def _declare(responses: dict[str, Any], *, faults: bool) -> None:
    responses.pop("422", None)
    for status, description in _FAULTS.items() if faults else ():
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[status] = {
            "description": description,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
    for response in responses.values():
        response["headers"] = {
            "API-Version": {"description": "The version.", "schema": {"type": "string"}}
        }
