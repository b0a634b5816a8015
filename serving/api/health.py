"""Routes for whoever keeps the service running. They need no token and tell no secrets."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response

from serving.answers import Ready
from serving.api.asking import Here
from serving.wire import Wire

router = APIRouter(tags=["health"])


class Alive(Wire):
    """The process answers."""

    alive: bool = True


@router.get("/healthz")
def healthz() -> Alive:
    """Whether the process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(application: Here, response: Response) -> Ready:
    """Whether requests can be answered: 503 says what is missing."""
    state = application.ready()
    if not state.ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return state
