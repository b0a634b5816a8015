"""``Idempotency-Key``: a write that is sent again is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel, TypeAdapter

from serving.api.asking import By, Here
from serving.repeats import Asked, Repeats

T = TypeVar("T")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description=(
            "A name of your own for this write, such as a UUID. Sent again within a day with the "
            "same body, the same is answered and nothing is done twice; with another body it is "
            "a 409."
        ),
        examples=["0b9f6c0e-3d0c-4b43-9d6f-6a4f3b6f1a55"],
    ),
]


@dataclass(frozen=True)
class Write:
    """One write of one caller."""

    repeats: Repeats
    by: str
    operation: str
    address: str
    key: str | None

    def once(
        self,
        asked: BaseModel | None,
        kind: TypeAdapter[T],
        do: Callable[[], T],
        *,
        citizen: int | None = None,
    ) -> T:
        """What ``do`` answers, a ``kind``; or what it answered before to the same key."""
        if self.key is None:
            return do()
        text = self.address + ("" if asked is None else asked.model_dump_json())
        answer = self.repeats.once(
            Asked(self.by, self.operation, self.key, text),
            lambda: kind.dump_json(do(), by_alias=True).decode(),
            citizen=citizen,
        )
        return kind.validate_json(answer)


def _write(application: Here, by: By, request: Request, key: IdempotencyKey = None) -> Write:
    operation = str(request.scope["route"].path)[:63]
    return Write(application.repeats, by.subject, operation, request.url.path, key)


Once = Annotated[Write, Depends(_write)]
"""Lets a write be sent again."""
