"""A timeline in pages. It grows in between as well, so a cursor is a day and a count."""

from __future__ import annotations

from serving.answers import Timeline
from serving.api.paging import NO_CURSOR, read_cursor, write_cursor
from serving.errors import InvalidRequestError


def timeline_page(timeline: Timeline, *, limit: int | None, cursor: str | None) -> Timeline:
    """The entries after ``cursor``, ``limit`` at most; what is upcoming stands on each page.

    Raises
    ------
    InvalidRequestError
        For a cursor that is none.
    """
    days = [one.at.isoformat() for one in timeline.entries]
    start = 0
    if cursor is not None:
        day, _, given = read_cursor(cursor).partition("/")
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise InvalidRequestError(NO_CURSOR)
        start = sum(one > day for one in days) + int(given)
    end = len(days) if limit is None else start + limit
    following = None
    if end < len(days):
        last = days[end - 1]
        following = write_cursor(f"{last}/{end - sum(one > last for one in days)}")
    return timeline.model_copy(update={"entries": timeline.entries[start:end], "next": following})
