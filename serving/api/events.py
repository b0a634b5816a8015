"""Routes for sources: what they send is on the disk before they hear that it was accepted.

CloudEvents after the NL GOV profile, in the three modes of its HTTP binding, and notifications of
ZGW. A body is read here and not by the framework: each event of a batch is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from features.received import Form
from features.sources.cloudevents import BATCH, LARGEST_EVENT, STRUCTURED, media_type, requested
from features.sources.json_files import Json, NoMessage, message
from serving.answers import Receipt
from serving.api.asking import By, Here
from serving.api.problems import Fault, problem
from serving.application import Application
from serving.security import Caller, Role

LARGEST_BODY = 16 << 20
"""Bytes of one request; some thousands of events."""

router = APIRouter(tags=["events"])

_EVENT = {
    "specversion": "1.0",
    "id": "f3dce042-cd6e-4977-844d-05be8dce7cea",
    "source": "urn:nld:oin:00000001823288444000:systeem:BRP-component",
    "type": "nl.brp.verhuisd.intergemeentelijk",
    "time": "2026-11-23T17:31:00Z",
    "datacontenttype": "application/json",
    "data": {"burgerservicenummer": "999993653", "datum": "2026-11-20"},
}
_NOTIFICATION = {
    "kanaal": "zaken",
    "hoofdObject": "https://zaken.example.org/api/v1/zaken/d7a22",
    "resource": "status",
    "resourceUrl": "https://zaken.example.org/api/v1/statussen/d7a721",
    "actie": "create",
    "aanmaakdatum": "2026-11-23T17:31:00Z",
    "kenmerken": {"bron": "082096752011"},
}
_OBJECT = {"type": "object", "additionalProperties": True}
_EVENT_SCHEMA = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "specversion": {"type": "string", "enum": ["1.0"]},
        "type": {"type": "string", "minLength": 1},
    },
    "additionalProperties": True,
}
_EVENTS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": _EVENT_SCHEMA, "example": _EVENT},
            BATCH: {"schema": {"type": "array", "items": _EVENT_SCHEMA}, "example": [_EVENT]},
            "application/json": {
                "schema": {**_OBJECT, "description": "The data; attributes are `ce-` headers."},
                "example": _EVENT["data"],
            },
        },
    }
}
_NOTIFICATION_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _OBJECT, "example": _NOTIFICATION}},
    }
}
_TOO_LARGE: dict[int | str, dict[str, Any]] = {
    413: {"description": f"The body has more than {LARGEST_BODY >> 20} MB."}
}
_NO_EVENT: dict[int | str, dict[str, Any]] = {
    415: {"description": "The body is not said to hold CloudEvents."}
}


async def _body(request: Request) -> bytes | None:
    """The body; None when it is too large, and then the rest of it is not read."""
    told, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST_BODY:
            return None
        told.append(piece)
    return b"".join(told)


Body = Annotated[bytes | None, Depends(_body)]


@router.post(
    "/v1/events",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Receipt,
    responses={**_TOO_LARGE, **_NO_EVENT},
    openapi_extra=_EVENTS_BODY,
)
async def take_events(request: Request, application: Here, by: By, body: Body) -> Any:
    """One CloudEvent (`application/cloudevents+json`), a batch of them
    (`application/cloudevents-batch+json`), or one in binary mode (`ce-` headers).

    The same `source` and `id` again change nothing. When something of every event is wrong and
    nothing was accepted the answer is a 400; either way what is wrong has been set aside.
    """
    by.require(Role.SOURCE)
    if body is None:
        return _too_large()
    kind = media_type(request.headers.get("content-type", ""))
    if kind not in (STRUCTURED, BATCH) and "ce-specversion" not in request.headers:
        return problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Send {STRUCTURED}, {BATCH}, or an event in binary mode, with ce- headers.",
        )
    events = requested(request.headers, body)
    return await run_in_threadpool(_receive, application, "cloudevents", events, body, by)


@router.post(
    "/v1/notifications",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=_TOO_LARGE,
    openapi_extra=_NOTIFICATION_BODY,
)
async def take_notification(request: Request, application: Here, by: By, body: Body) -> Response:
    """A notification of a ZGW notification service, which asks for an answer without content.

    What it sends on the channel `test`, to see whether anybody listens, is not kept.
    """
    by.require(Role.SOURCE)
    if body is None:
        return _too_large()
    try:
        told: Json | NoMessage = message(body, LARGEST_EVENT)
    except NoMessage as fault:
        told = fault
    if isinstance(told, dict) and told.get("kanaal") == "test":
        return Response(status_code=HTTPStatus.NO_CONTENT)
    answer = await run_in_threadpool(_receive, application, "zgw-notifications", [told], body, by)
    return answer if isinstance(answer, Response) else Response(status_code=HTTPStatus.NO_CONTENT)


def _receive(
    application: Application,
    form: Form,
    messages: Iterable[Json | NoMessage],
    body: bytes,
    by: Caller,
) -> Receipt | Response:
    receipt = application.receive(form, messages, body, by=by)
    if receipt.accepted or receipt.known or not receipt.refused:
        return receipt
    faults = [
        Fault(location=f"body.{fault.message}.{fault.at or ''}".rstrip("."), detail=fault.detail)
        for fault in receipt.faults
    ]
    return problem(HTTPStatus.BAD_REQUEST, "Nothing could be accepted; see errors.", faults)


def _too_large() -> Response:
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"A request has {LARGEST_BODY >> 20} MB at most. Send fewer at once.",
    )
