"""A domain pack in hand: vocabulary, catalogue and parameters, checked and immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.catalogue import Service
from features.domain import (
    Domain,
    Fact,
    LifeEvent,
    Name,
    Parameter,
    Sensitivity,
    Text,
)
from features.sources.mapping import SourceMapping

if TYPE_CHECKING:
    from features.families.base import Family


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a domain pack says. Made by :func:`features.loading.load_pack`.

    Parameters
    ----------
    folder
        Where the pack was read from.
    checksum
        SHA-256 over the pack's files, so that a model can say which rules it was trained under.
    own_families
        The signal families of its folder ``families/``, in the order of their names.
    """

    folder: Path
    domain: Domain
    services: dict[str, Service]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    life_events: dict[str, LifeEvent] = field(default_factory=dict)
    mappings: dict[str, SourceMapping] = field(default_factory=dict)
    checksum: str = ""
    own_families: tuple[Family, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages every text of the pack is given in; the first is the default."""
        return self.domain.languages

    def parameters_at(self, day: date) -> dict[Name, float]:
        """The dated parameters that hold on ``day``; those not yet in force are left out."""
        held = {name: parameter.at(day) for name, parameter in self.parameters.items()}
        return {name: value for name, value in held.items() if value is not None}

    def facts(self, *allowed: Sensitivity) -> dict[Name, Fact]:
        """The declared facts of the given sensitivities."""
        return {
            name: fact for name, fact in self.domain.facts.items() if fact.sensitivity in allowed
        }

    def sources_for(self, purpose: str) -> frozenset[str]:
        """The sources that may be used for ``purpose``."""
        declared = self.domain.sources.items()
        return frozenset(name for name, source in declared if purpose in source.purposes)

    def event_types_in(self, *roles: str) -> tuple[str, ...]:
        """The event types that play one of ``roles``."""
        return tuple(name for name, kind in self.domain.event_types.items() if kind.role in roles)

    def say(self, text: Text, language: str) -> str:
        """``text`` in ``language``, or in the pack's first language where it is not given."""
        return text.get(language) or text[self.languages[0]]


def has_column(service: str) -> str:
    """The name under which a criterion asks whether a citizen has ``service``."""
    return f"has_{service.replace('-', '_')}"


def life_event_column(life_event: str) -> str:
    """The name under which a criterion asks the days since ``life_event``."""
    return f"days_since_{life_event.replace('-', '_')}"
