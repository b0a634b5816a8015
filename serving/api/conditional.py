"""``ETag``: who has the answer already is told so, and sent nothing."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header, Request, Response
from starlette.exceptions import HTTPException

IfNoneMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        description="The `ETag` of the answer that the caller has; 304 when it still holds.",
    ),
]
REVALIDATE = "private, no-cache"
"""May be kept, and is asked for again each time."""
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What the caller has still holds."}
}


class NotModifiedError(HTTPException):
    """The caller has it already."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(HTTPStatus.NOT_MODIFIED, headers=headers)


def tagged(response: Response, asked: str | None, *parts: str) -> None:
    """Mark the answer with the tag of what it is made from.

    Raises
    ------
    NotModifiedError
        When ``asked`` names that tag.
    """
    tag = f'"{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    if asked is not None and tag in (one.strip().removeprefix("W/") for one in asked.split(",")):
        raise NotModifiedError(headers)
    response.headers.update(headers)


def not_modified(request: Request, fault: Exception) -> Response:
    """The answer without a body."""
    headers = fault.headers if isinstance(fault, NotModifiedError) else None
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
