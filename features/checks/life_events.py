"""Life events rest on words of the domain that signals may rest on too."""

from __future__ import annotations

from features.checks.draft import Draft, expected
from features.domain import (
    AgeTrigger,
    DateTrigger,
    EventTrigger,
    Fact,
    FactChangeTrigger,
    FactType,
    Sensitivity,
    Trigger,
)
from features.errors import PackError
from features.happenings import birth_fact
from features.pack_files import Key
from features.provenance import case_types_of


def check_life_events(draft: Draft) -> None:
    """Refuse a trigger that names what is not there, or a protected fact."""
    for name, life_event in draft.pack.life_events.items():
        for index, trigger in enumerate(life_event.triggers):
            _trigger(draft, ("life_events", name, "triggers", index), trigger)


def _trigger(draft: Draft, key: Key, trigger: Trigger) -> None:
    match trigger:
        case EventTrigger():
            _event(draft, key, trigger)
        case FactChangeTrigger():
            _change(draft, key, trigger)
        case AgeTrigger():
            _age(draft, key, trigger)
        case DateTrigger():
            fact = _free_fact(draft, (*key, "date_fact"), trigger.date_fact)
            if fact.type is not FactType.DATE:
                raise _fault(draft, (*key, "date_fact"), f"expected a date, not a {fact.type}")


def _event(draft: Draft, key: Key, trigger: EventTrigger) -> None:
    types = draft.pack.domain.event_types
    if trigger.event not in types:
        raise _fault(draft, (*key, "event"), expected("event type", trigger.event, types))
    known = case_types(draft)
    if trigger.case_type is not None and trigger.case_type not in known:
        problem = expected("service or case type", trigger.case_type, known)
        raise _fault(draft, (*key, "case_type"), problem)


def _change(draft: Draft, key: Key, trigger: FactChangeTrigger) -> None:
    fact = _free_fact(draft, (*key, "fact"), trigger.fact)
    values = allowed_values(fact)
    if trigger.to is not None and values is not None and trigger.to not in values:
        raise _fault(draft, (*key, "to"), expected("value", trigger.to, values))


def _age(draft: Draft, key: Key, trigger: AgeTrigger) -> None:
    parameters = draft.pack.parameters
    age = trigger.reaches_age
    if isinstance(age, str) and age not in parameters:
        raise _fault(draft, (*key, "reaches_age"), expected("parameter", age, parameters))
    relations = ("self", *draft.pack.domain.relations)
    if trigger.of not in relations:
        raise _fault(draft, (*key, "of"), expected("relation", trigger.of, relations))
    if trigger.of == "self":
        _free_fact(draft, (*key, "of"), birth_fact(draft.pack))


def _free_fact(draft: Draft, key: Key, name: str) -> Fact:
    facts = draft.pack.domain.facts
    if name not in facts:
        raise _fault(draft, key, expected("fact", name, facts))
    if facts[name].sensitivity is not Sensitivity.FREE:
        problem = f"{name} is {facts[name].sensitivity}; a life event rests on free facts only"
        raise _fault(draft, key, problem)
    return facts[name]


def allowed_values(fact: Fact) -> tuple[str, ...] | None:
    """The texts a category or boolean can be; None for numbers and dates."""
    if fact.type is FactType.BOOLEAN:
        return ("true", "false")
    return fact.categories or None


def case_types(draft: Draft) -> set[str]:
    """Every case type that an event may have."""
    services = draft.pack.services.items()
    of_services = {case_type for one in services for case_type in case_types_of(*one)}
    return of_services | draft.pack.domain.case_types.keys()


def _fault(draft: Draft, key: Key, problem: str) -> PackError:
    return draft.life_events.fault(key, problem)
