"""Dates from the command line, as moments."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(asked: datetime) -> datetime:
    """A date without a time zone is taken as UTC."""
    return asked.replace(tzinfo=UTC) if asked.tzinfo is None else asked.astimezone(UTC)
