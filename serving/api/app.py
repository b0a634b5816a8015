"""The web application: routes, faults, headers and the OpenAPI document, in one factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from serving.api import (
    campaigns,
    casework,
    catalogue,
    citizens,
    decisions,
    events,
    health,
    insight,
)
from serving.api.bodies import Bodies
from serving.api.conversation import API_VERSION, OPENAPI, Conversation
from serving.api.document import CONTACT, document
from serving.api.problems import add_problem_handlers
from serving.application import Application
from serving.background import BackgroundLanding
from serving.bootstrap import bootstrap, lander_of
from serving.web import mount
from serving.workspace import Workspace


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
        contact=CONTACT,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.application = application
    for routes in (
        citizens,
        casework,
        decisions,
        events,
        campaigns,
        insight,
        catalogue,
        health,
    ):
        app.include_router(routes.router)
    add_problem_handlers(app)
    app.add_middleware(Bodies)
    app.add_middleware(Conversation)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    mount(app, application, language=language)
    return app
