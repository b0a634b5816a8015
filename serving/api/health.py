"""Routes for whoever keeps the service running. They need no token and tell no secrets."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from serving.answers import Ready
from serving.api.asking import Here
from serving.api.problems import MEDIA_TYPE, problem
from serving.metrics import MEDIA_TYPE as MEDIA_TYPE_OF_METRICS
from serving.metrics import exposed
from serving.wire import Wire

router = APIRouter(tags=["health"])
NOT_READY: dict[str, Any] = {
    "description": "Something is missing. Beside the problem stands what `Ready` tells.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Alive(Wire):
    """The process answers."""

    alive: bool = True


@router.get("/healthz")
def healthz() -> Alive:
    """Whether the process answers."""
    return Alive()


@router.get("/readyz", response_model=Ready, responses={503: NOT_READY})
def readyz(application: Here) -> Ready | Response:
    """Whether requests can be answered: 503 says what is missing."""
    state = application.ready()
    if state.ready:
        return state
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Something that answers depend on is not there yet.",
        more=state.model_dump(mode="json", by_alias=True),
        Retry_After="5",
    )


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(application: Here) -> Response:
    """Figures for Prometheus, of all workers. Nothing in them is about anybody."""
    application.measure()
    return Response(exposed(), media_type=MEDIA_TYPE_OF_METRICS)
