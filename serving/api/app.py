"""The web application: routes, faults, headers and the OpenAPI document, in one factory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from serving.api import (
    accountability,
    campaigns,
    casework,
    catalogue,
    cds_hooks,
    citizens,
    decisions,
    embedding,
    events,
    health,
    insight,
    stops,
)
from serving.api.bodies import Bodies
from serving.api.conversation import API_VERSION, OPENAPI, Conversation
from serving.api.document import CONTACT, document
from serving.api.problems import add_problem_handlers
from serving.application import Application
from serving.background import BackgroundLanding, Every
from serving.bootstrap import bootstrap, fetcher_of, lander_of, settling_of
from serving.case_fetching import FETCH_EVERY_SECONDS
from serving.errors import InvalidRequestError
from serving.settling import EVERY_SECONDS
from serving.web import mount
from serving.workspace import Workspace

if TYPE_CHECKING:
    from serving.request_traces import RequestTraces


def create_app(workspace: Workspace) -> FastAPI:
    """The web application of a workspace: the API and the pages."""
    application = bootstrap(workspace)
    work = [
        Every(1.0, application.renew, "renewing"),
        Every(EVERY_SECONDS, settling_of(workspace).run, "settling"),
    ]
    if workspace.land_every_seconds:
        work.append(BackgroundLanding(lander_of(workspace), workspace.land_every_seconds))
    if workspace.zgw:
        work.append(Every(FETCH_EVERY_SECONDS, fetcher_of(workspace).run, "fetching"))
    return app_of(
        application,
        language=workspace.language,
        background=work,
        embed_origins=workspace.embed_origins,
        traces=_traces(workspace.traces_to),
    )


def _traces(address: str | None) -> RequestTraces | None:
    """What takes the traces of requests; nothing unless the workspace names a collector."""
    if address is None:
        return None
    try:
        from serving.request_traces import RequestTraces
    except ImportError:
        raise InvalidRequestError(
            "traces_to is set, and OpenTelemetry is not installed: install Voorzet with the extra "
            "`telemetry`"
        ) from None
    return RequestTraces(address)


def app_of(
    application: Application,
    *,
    language: str | None = None,
    background: Sequence[Every] = (),
    embed_origins: Sequence[str] = (),
    traces: RequestTraces | None = None,
) -> FastAPI:
    """The web application around ``application``; ``language`` is that of the pages, what is done
    in the ``background`` is done while it runs, pages of ``embed_origins`` may embed cards, and
    ``traces`` is told of every request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for work in background:
            work.start()
        yield
        for work in background:
            await run_in_threadpool(work.stop)
        if traces is not None:
            await run_in_threadpool(traces.close)
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
        accountability,
        casework,
        cds_hooks,
        embedding,
        decisions,
        events,
        campaigns,
        insight,
        catalogue,
        stops,
        health,
    ):
        app.include_router(routes.router)
    add_problem_handlers(app)
    app.add_middleware(Bodies)
    app.add_middleware(embedding.Embedding, origins=embed_origins)
    app.add_middleware(Conversation, traced=traces.ended if traces else None)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    mount(app, application, language=language)
    return app
