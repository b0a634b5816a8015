"""Purpose limitation: a service asks only facts from sources that may serve its purpose."""

from __future__ import annotations

from features.checks.draft import Draft
from features.checks.sql import expression
from features.derived import derived_sources
from features.provenance import Sources, provenance


def check_purposes(draft: Draft) -> None:
    """Refuse a criterion over a fact that no source may deliver for the service's purpose.

    A fact of which no mapping is known (it comes through the API, or from the citizen) passes.
    """
    pack = draft.pack
    behind = {**provenance(pack).facts, **derived_sources(pack)}
    for service, definition in pack.services.items():
        for index, criterion in enumerate(definition.criteria):
            for name in expression(criterion.sql).names:
                sources = behind.get(name, frozenset())
                if sources and not _may(draft, sources, definition.purpose):
                    raise draft.service_fault(
                        service,
                        ("criteria", index, "sql"),
                        f"{name} comes from {', '.join(sorted(sources))}, which may not be used "
                        f"for {definition.purpose}; expected that purpose among those of the "
                        "source in domain.yaml, or a criterion without this fact",
                    )


def _may(draft: Draft, sources: Sources, purpose: str) -> bool:
    declared = draft.pack.domain.sources
    return any(purpose in declared[source].purposes for source in sources)
