"""Which sources deliver what: read off a pack's source mappings.

Purposes follow from it (a signal may be used for a purpose when all its sources allow it), and so
does the difference between *none* and *not known* (no source that delivers it is present). A type
or fact that no mapping delivers has no known sources: its records come through the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from features.catalogue import Service
from features.pack import Pack
from features.remembered import remembered
from features.sources.mapping import Const, EventMapping, FileMapping, Mapped, Sql, Value

SERVICE_ROLES = ("applied", "granted", "refused", "ended", "withdrawn")
"""The roles of events whose case type is a service."""

Sources = frozenset[str]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The sources behind each word of a pack; a word that no mapping delivers has none."""

    event_types: Mapping[str, Sources]
    facts: Mapping[str, Sources]
    relations: Mapping[str, Sources]
    services: Mapping[str, Sources]
    valued: tuple[str, ...]
    """The event types that carry a value, in the domain's order."""


@remembered(8)
def provenance(pack: Pack) -> Provenance:
    """The provenance of everything ``pack`` speaks of."""
    types, facts, relations, services = (
        _empty(pack.domain.event_types),
        _empty(pack.domain.facts),
        _empty(pack.domain.relations),
        _empty(pack.services),
    )
    valued: set[str] = set()
    for source, file in _files(pack):
        for event in file.events:
            delivered = _possible(event.type, pack.domain.event_types)
            _add(types, delivered, source)
            _add(services, _services_of(event, delivered, pack), source)
            valued |= set(delivered) if event.value is not None else set()
        _add(facts, (fact.name for fact in file.facts), source)
        for relation in file.relations:
            _add(relations, _possible(relation.kind, pack.domain.relations), source)
    return Provenance(
        event_types=_frozen(types),
        facts=_frozen(facts),
        relations=_frozen(relations),
        services=_frozen(services),
        valued=tuple(name for name in pack.domain.event_types if name in valued),
    )


def sources_of_event_type(pack: Pack) -> Mapping[str, Sources]:
    """The sources that deliver each event type of the domain."""
    return provenance(pack).event_types


def sources_of_fact(pack: Pack) -> Mapping[str, Sources]:
    """The sources that deliver each declared fact."""
    return provenance(pack).facts


def is_known(sources: Sources, present: Sources) -> bool:
    """Whether something resting on ``sources`` can be told when ``present`` have delivered."""
    return not sources or bool(sources & present)


def _files(pack: Pack) -> Iterator[tuple[str, FileMapping]]:
    for mapping in pack.mappings.values():
        for file in mapping.files:
            yield mapping.source, file


def _possible(value: Value | None, words: Iterable[str]) -> tuple[str, ...]:
    """The words that ``value`` can take: those it names, or all of them where only the delivered
    column will tell."""
    match value:
        case None:
            return ()
        case Const():
            named = {str(value.const)}
        case Mapped():
            named = {*value.map.values(), value.otherwise or ""}
        case Sql():
            literals = {word for word in words if f"'{word}'" in value.sql}
            named = literals or set(words)
        case _:
            named = set(words)
    return tuple(word for word in words if word in named)


def _services_of(event: EventMapping, delivered: tuple[str, ...], pack: Pack) -> tuple[str, ...]:
    roles = {pack.domain.event_types[name].role for name in delivered}
    if not roles & set(SERVICE_ROLES):
        return ()
    case_types = [case_type for one in pack.services.items() for case_type in case_types_of(*one)]
    possible = set(_possible(event.case_type, case_types))
    return tuple(
        name
        for name, service in pack.services.items()
        if possible & set(case_types_of(name, service))
    )


def case_types_of(name: str, service: Service) -> tuple[str, ...]:
    """The case types under which events of ``service`` come in."""
    return service.case_types or (name,)


def _empty(words: Iterable[str]) -> dict[str, set[str]]:
    return {word: set() for word in words}


def _add(found: dict[str, set[str]], words: Iterable[str], source: str) -> None:
    for word in words:
        found.setdefault(word, set()).add(source)


def _frozen(found: dict[str, set[str]]) -> dict[str, Sources]:
    return {word: frozenset(sources) for word, sources in found.items()}
