"""Routes of the stop switch."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, status
from pydantic import Field, TypeAdapter

from serving.api.asking import By, Here
from serving.api.repeating import Once
from serving.stops import Scope, Stop
from serving.wire import Wire

router = APIRouter(tags=["accountability"])


class StopRequest(Wire):
    """What is to be switched off."""

    scope: Scope = Field(description="All suggestions, those for a service, or those of a model.")
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        description="The service, or the model's version; nothing for all.",
        examples=["huurtoeslag"],
    )
    reason: str = Field(
        min_length=1, max_length=255, description="Why. Name no person here.", examples=["A fault"]
    )


@router.post("/v1/stops", status_code=status.HTTP_201_CREATED)
def stop_suggestions(asked: StopRequest, application: Here, by: By, write: Once) -> Stop:
    """Switch suggestions off, at once and everywhere. *Why not* then says so."""
    return write.once(
        asked,
        TypeAdapter(Stop),
        lambda: application.stops.stop(asked.scope, asked.name, reason=asked.reason, by=by),
    )


@router.get("/v1/stops")
def list_stops(application: Here, by: By) -> list[Stop]:
    """Every time that suggestions were switched off, newest first."""
    return list(application.stops.every(by=by))


@router.post("/v1/stops/{stop}/_withdraw")
def lift_stop(
    stop: Annotated[UUID, Path(description="The stop.")], application: Here, by: By
) -> Stop:
    """Switch suggestions on again."""
    return application.stops.lift(stop, by=by)
