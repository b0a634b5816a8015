"""Routes for whoever keeps the service running. They need no token and tell no secrets."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from serving.answers import Ready
from serving.api.asking import Here
from serving.api.problems import MEDIA_TYPE, problem
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
