"""An event and the life event that it makes are one line of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from features.domain import EventTrigger
from features.pack import Pack

Row = dict[str, Any]
"""A row of :data:`features.timeline.TIMELINE`."""


def without_echoes(rows: Iterable[Row], pack: Pack) -> tuple[Row, ...]:
    """The rows in their order; an event that makes a life event is told as that life event.

    The line has the title of the life event, and the channel, case and value of the event. It
    says the service or kind of case too, unless the life event is of that one alone. Adds
    ``event``: the event type that a row tells of, or None.
    """
    held = list(rows)
    life_events = {_place(row, row["type"]): row for row in held if row["kind"] == "life-event"}
    told, echoed = [], set()
    for row in held:
        line = row | {"event": row["type"] if row["kind"] == "event" else None}
        for name, trigger in _triggers(row, pack):
            found = life_events.get(_place(row, name))
            if found is not None:
                line |= {key: found[key] for key in ("kind", "type", "title")}
                line["case_type"] = None if trigger.case_type else row["case_type"]
                echoed.add(_place(found, name))
                break
        told.append(line)
    return tuple(line for line in told if line["event"] or _place(line, line["type"]) not in echoed)


def _triggers(row: Row, pack: Pack) -> list[tuple[str, EventTrigger]]:
    """The life events that the event of a row makes."""
    if row["kind"] != "event":
        return []
    return [
        (name, trigger)
        for name, life_event in pack.life_events.items()
        for trigger in life_event.triggers
        if isinstance(trigger, EventTrigger)
        and trigger.event == row["type"]
        and trigger.case_type in (None, row["case_type"])
    ]


def _place(row: Row, life_event: str) -> tuple[datetime, str, str]:
    """When it happened, the source that says so, and what it is."""
    return row["occurred_at"], row["source"], life_event
