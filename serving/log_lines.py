"""Lines of the log: for people, or one JSON object each. Neither holds a citizen's number."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from serving.trace_context import under_way

IDENTIFIER = re.compile(r"(?<!\d)\d{8,9}(?!\d)")
_BLOT = "[number]"


class TextLines(logging.Formatter):
    """Lines for people, without anything that could be a citizen service number."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return IDENTIFIER.sub(_BLOT, super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, ``trace``, and what the
    record adds under ``fields``; ``exception`` holds a stack trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        fields = getattr(record, "fields", None)
        told |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if (trace := under_way()) is not None:
            told["trace"] = trace.trace
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: _blotted(one) for name, one in told.items()}, ensure_ascii=False)


def _blotted(told: Any) -> Any:
    return IDENTIFIER.sub(_BLOT, told) if isinstance(told, str) else told
