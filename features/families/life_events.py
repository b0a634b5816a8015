"""Life events: how long ago, and how soon."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, snake
from features.derived import derived_sources
from features.domain import (
    AgeTrigger,
    DateTrigger,
    DerivedFact,
    EventTrigger,
    EventType,
    Fact,
    FactChangeTrigger,
    LifeEvent,
    Trigger,
)
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.happenings import birth_fact
from features.life_events import life_event_days
from features.pack import Pack
from features.provenance import Sources, provenance
from features.records import Records

_SINCE = {
    "en": "Days since the life event “{title}”",
    "nl": "Dagen sinds de levensgebeurtenis “{title}”",
}
_UNTIL = {
    "en": "Days until the upcoming life event “{title}”",
    "nl": "Dagen tot de komende levensgebeurtenis “{title}”",
}


class LifeEvents(Family):
    """``life_event_days_since_<id>``, and ``life_event_days_until_<id>`` of those foreseen."""

    name = "life_events"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """One or two signals per life event."""
        return tuple(
            Signal(
                name=name,
                unit="days",
                meaning=meaning(pack, sentence, title=life_event.title),
                concept=_concept(pack, life_event.triggers[0]),
                family=self.name,
                sources=_sources(pack, life_event),
            )
            for life_event_id, life_event in pack.life_events.items()
            if life_event.signal
            for name, sentence in _names(life_event_id, life_event)
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """The last past and the next upcoming one; null when there is none."""
        columns: dict[str, Floats] = {}
        for life_event_id, since, until in life_event_days(records, pack):
            if not pack.life_events[life_event_id].signal:
                continue
            columns[f"life_event_days_since_{snake(life_event_id)}"] = _days(since)
            if pack.life_events[life_event_id].ahead_days:
                columns[f"life_event_days_until_{snake(life_event_id)}"] = _days(until)
        return columns


def _names(life_event_id: str, life_event: LifeEvent) -> list[tuple[str, dict[str, str]]]:
    names = [(f"life_event_days_since_{snake(life_event_id)}", _SINCE)]
    if life_event.ahead_days:
        names.append((f"life_event_days_until_{snake(life_event_id)}", _UNTIL))
    return names


def _days(days: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> Floats:
    return np.where(days >= 0, days.astype(np.float64), np.nan)


def _concept(pack: Pack, trigger: Trigger) -> str:
    """The concept of what triggers the life event."""
    told: dict[str, EventType | Fact | DerivedFact] = {
        **pack.domain.event_types,
        **pack.domain.facts,
        **pack.domain.derived,
    }
    match trigger:
        case EventTrigger():
            name = trigger.event
        case FactChangeTrigger():
            name = trigger.fact
        case DateTrigger():
            name = trigger.date_fact
        case AgeTrigger():
            name = birth_fact(pack)
    return told[name].concept if name in told else "other"


def _sources(pack: Pack, life_event: LifeEvent) -> Sources:
    known = provenance(pack)
    facts = {**known.facts, **derived_sources(pack)}
    found: set[str] = set()
    for trigger in life_event.triggers:
        match trigger:
            case EventTrigger():
                found |= known.event_types.get(trigger.event, frozenset())
            case FactChangeTrigger():
                found |= facts.get(trigger.fact, frozenset())
            case DateTrigger():
                found |= facts.get(trigger.date_fact, frozenset())
            case AgeTrigger(of="self"):
                found |= facts.get(birth_fact(pack), frozenset())
            case AgeTrigger():
                found |= known.relations.get(trigger.of, frozenset())
    return frozenset(found)
