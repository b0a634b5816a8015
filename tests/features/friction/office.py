"""An office that suspends cases and hands them over, for friction worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from features.domain import EventType, WorkingCalendar
from features.pack import Pack
from features.sources.mapping import SourceMapping
from tests.contracts.small_pack import MAPPINGS
from tests.features.told import PACK, Row, event

WORK = {"case-suspended": "Suspended", "case-handover": "Handed over"}


def _type(role: str) -> EventType:
    return EventType.model_validate({"title": {"en": WORK[role], "nl": WORK[role]}, "role": role})


def _office() -> Pack:
    """The small pack, with cases that are suspended, a holiday, norms and terms."""
    allowance = PACK.services["allowance"].model_copy(update={"norm_days": 20, "term_days": 40})
    card = PACK.services["card"].model_copy(update={"term_days": 30, "repeatable": True})
    domain = PACK.domain.model_copy(
        update={
            "event_types": {**PACK.domain.event_types, "suspended": _type("case-suspended")},
            "calendar": WorkingCalendar(holidays=(date(2025, 5, 29),)),
        }
    )
    services = {**PACK.services, "allowance": allowance, "card": card}
    return replace(PACK, domain=domain, services=services)


def _that_hands_over() -> Pack:
    """The office, where the case system records handovers as events of their own."""
    mapping: dict[str, Any] = MAPPINGS["cases"]
    told = {"type": {"const": "handed-over"}, "occurred_at": {"column": "at"}}
    (file,) = mapping["files"]
    cases = {**mapping, "files": [{**file, "events": [*file["events"], told]}]}
    types = {**OFFICE.domain.event_types, "handed-over": _type("case-handover")}
    return replace(
        OFFICE,
        domain=OFFICE.domain.model_copy(update={"event_types": types}),
        mappings={**OFFICE.mappings, "cases": SourceMapping.model_validate(cases)},
    )


OFFICE = _office()
HANDING_OVER = _that_hands_over()


def step(day: str, actor: str | None = None, *, name: str | None = None, **more: Any) -> Row:
    """A step in case Z1, unless another is named."""
    attributes = f'{{"step": "{name}"}}' if name else None
    return event(
        "case-step", day, **{"actor": actor, "case_id": "Z1", "attributes": attributes, **more}
    )


def steps(actors: str, **more: Any) -> list[Row]:
    """Steps on the days of May, an employee a letter; ``.`` is one of whom nothing is told."""
    return [
        step(f"2025-05-{day:02}", None if actor == "." else actor, **more)
        for day, actor in enumerate(actors, start=1)
    ]
