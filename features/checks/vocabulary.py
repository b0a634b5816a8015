"""The words of the domain refer to each other, and no two columns have one name."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from features.checks.draft import Draft, expected
from features.domain import FactType, FamilyChoice
from features.families import every_family
from features.pack import has_column, life_event_column
from features.pack_files import Key

AS_OF = "as_of"
"""The day that a criterion is asked about."""


def check_vocabulary(draft: Draft) -> None:
    """Refuse an unknown time zone, purpose, concept or fact in ``domain.yaml``, and a column name
    that is taken twice."""
    _time_zone(draft)
    _purposes(draft)
    _concepts(draft)
    _fairness(draft)
    _windows(draft)
    _families(draft)
    _training(draft)
    _one_name_each(draft)


def _time_zone(draft: Draft) -> None:
    zone = draft.pack.domain.time_zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = f"there is no time zone {zone!r}; expected one such as Europe/Amsterdam"
        raise draft.domain.fault(("time_zone",), problem) from None


def _training(draft: Draft) -> None:
    rate = draft.pack.domain.training.non_take_up
    if rate is not None and rate.low > rate.high:
        raise draft.domain.fault(("training", "non_take_up", "low"), "is higher than high")


def _purposes(draft: Draft) -> None:
    domain = draft.pack.domain
    for name, source in domain.sources.items():
        for index, purpose in enumerate(source.purposes):
            if purpose not in domain.purposes:
                key: Key = ("sources", name, "purposes", index)
                raise draft.domain.fault(key, expected("purpose", purpose, domain.purposes))


def _concepts(draft: Draft) -> None:
    """``other`` is always there; any other concept is declared."""
    domain = draft.pack.domain
    told = [
        *(("event_types", name, one.concept) for name, one in domain.event_types.items()),
        *(("facts", name, one.concept) for name, one in domain.facts.items()),
        *(("derived", name, one.concept) for name, one in domain.derived.items()),
    ]
    for group, name, concept in told:
        if concept != "other" and concept not in domain.concepts:
            problem = expected("concept", concept, domain.concepts)
            raise draft.domain.fault((group, name, "concept"), problem)


def _fairness(draft: Draft) -> None:
    domain = draft.pack.domain
    for name, group in domain.fairness.items():
        key = ("fairness", name)
        fact = domain.facts.get(group.fact)
        if fact is None:
            problem = expected("fact", group.fact, domain.facts)
            raise draft.domain.fault((*key, "fact"), problem)
        measured = fact.type in (FactType.NUMBER, FactType.DATE)
        if measured != bool(group.bands):
            problem = f"{group.fact} is a {fact.type.value}; bands go with a number or date only"
            raise draft.domain.fault((*key, "bands"), problem)
        if any(low >= high for low, high in pairwise(group.bands)):
            raise draft.domain.fault((*key, "bands"), "expected cut points in rising order")


def _windows(draft: Draft) -> None:
    for name, days in draft.pack.domain.windows:
        _rising(draft, ("windows", name), days)


def _families(draft: Draft) -> None:
    """A family that is named is there, and one that is given windows counts over some."""
    known = {family.name: family for family in every_family(draft.pack)}
    chosen = draft.pack.domain.families
    places: dict[str, Key] = (
        {name: ("families", index) for index, name in enumerate(chosen)}
        if isinstance(chosen, tuple)
        else {name: ("families", name) for name in chosen}
    )
    for name, key in places.items():
        if name not in known:
            raise draft.domain.fault(key, expected("family", name, known))
    for name, choice in chosen.items() if isinstance(chosen, dict) else ():
        if isinstance(choice, FamilyChoice):
            if not known[name].windows:
                problem = f"{name} counts over no windows that are set here; expected on or off"
                raise draft.domain.fault((*places[name], "windows"), problem)
            _rising(draft, (*places[name], "windows"), choice.windows)


def _rising(draft: Draft, key: Key, days: tuple[int, ...]) -> None:
    if any(one <= 0 for one in days) or sorted(set(days)) != list(days):
        problem = f"expected days above 0 in rising order, got {list(days)}"
        raise draft.domain.fault(key, problem)


def _one_name_each(draft: Draft) -> None:
    """Facts, derived facts, parameters, ``has_…``, ``days_since_…`` and ``as_of`` share a frame."""
    pack = draft.pack
    taken = {AS_OF: "the day itself"}
    places = [
        *((name, draft.domain, ("facts", name)) for name in pack.domain.facts),
        *((name, draft.domain, ("derived", name)) for name in pack.domain.derived),
        *((name, draft.parameters, ("parameters", name)) for name in pack.parameters),
        *((life_event_column(n), draft.life_events, ("life_events", n)) for n in pack.life_events),
        *((has_column(n), draft.homes[f"services.{n}"], ("services", n)) for n in pack.services),
    ]
    for column, file, key in places:
        if column in taken:
            problem = f"the name {column} is taken already, by {taken[column]}; choose another"
            raise file.fault(key, problem)
        taken[column] = ".".join(key)
