"""The pages in which an API of VNG lists its resources: ``{count, next, previous, results}``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from features.quarantine import Reason
from features.sources.json_files import Json, NoMessage


def every_item(found: Iterable[Json | NoMessage]) -> Iterator[Json | NoMessage]:
    """The resources of pages one by one; what is no page is handed on as it is."""
    for message in found:
        items = None if isinstance(message, NoMessage) else message.get("results")
        if not isinstance(items, list):
            yield message
            continue
        for item in items:
            yield item if isinstance(item, dict) else NoMessage(Reason.MALFORMED_ROW)
