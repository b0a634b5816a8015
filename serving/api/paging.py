"""Pages of lists that grow: so many at a time, and a cursor for the next."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from serving.errors import InvalidRequestError

T = TypeVar("T")
MOST = 500
LONGEST_NUMBER = 18
NO_CURSOR = "There is no such cursor here. Begin again without one."


def page(
    every: Sequence[T], *, limit: int, cursor: str | None, key: Callable[[T], str]
) -> tuple[tuple[T, ...], str | None]:
    """The items after ``cursor``, and the cursor for what comes after these.

    Raises
    ------
    InvalidRequestError
        When no item is the one the cursor stands at.
    """
    start = 0
    if cursor is not None:
        at = read_cursor(cursor)
        start = next((place + 1 for place, one in enumerate(every) if key(one) == at), -1)
        if start < 0:
            raise InvalidRequestError(NO_CURSOR)
    items = tuple(every[start : start + limit])
    more = start + limit < len(every)
    return items, write_cursor(key(items[-1])) if items and more else None


def write_cursor(place: str) -> str:
    """A cursor that stands at ``place``."""
    return base64.urlsafe_b64encode(place.encode()).rstrip(b"=").decode()


def read_cursor(cursor: str) -> str:
    """Where a cursor stands; raises InvalidRequestError for what is none."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise InvalidRequestError(NO_CURSOR) from None


def read_number(cursor: str) -> int:
    """The entry of the audit at which a cursor stands."""
    text = read_cursor(cursor)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise InvalidRequestError(NO_CURSOR)
    return int(text)
