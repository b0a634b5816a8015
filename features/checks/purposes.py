"""Purpose limitation: a service asks only what sources that may serve its purpose have told."""

from __future__ import annotations

from features.checks.draft import Draft
from features.checks.sql import expression
from features.derived import derived_sources
from features.domain import AgeTrigger, DateTrigger, EventTrigger, Trigger
from features.pack import Pack, life_event_column
from features.provenance import Sources, provenance


def check_purposes(draft: Draft) -> None:
    """Refuse a trigger, or a criterion over a fact or life event, that no source may deliver for
    the service's purpose.

    A fact of which no mapping is known (it comes through the API, or from the citizen) passes.
    """
    pack = draft.pack
    behind = {
        **provenance(pack).facts,
        **derived_sources(pack),
        **{life_event_column(name): _sources_of(pack, name) for name in pack.life_events},
    }
    for service, definition in pack.services.items():
        for index, trigger in enumerate(definition.triggers):
            sources = _sources_of(pack, trigger)
            if sources and not _may(draft, sources, definition.purpose):
                raise draft.service_fault(
                    service,
                    ("triggers", index),
                    f"{trigger} is known from {', '.join(sorted(sources))} alone, which may not "
                    f"be used for {definition.purpose}; expected a life event that a source with "
                    "that purpose tells",
                )
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


def _sources_of(pack: Pack, life_event: str) -> Sources:
    """The sources that can tell a life event; none known when any of its triggers has none."""
    found = [_of_trigger(pack, trigger) for trigger in pack.life_events[life_event].triggers]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_trigger(pack: Pack, trigger: Trigger) -> Sources:
    told = provenance(pack)
    if isinstance(trigger, EventTrigger):
        return told.event_types.get(trigger.event, frozenset())
    if isinstance(trigger, AgeTrigger):
        return frozenset()
    name = trigger.date_fact if isinstance(trigger, DateTrigger) else trigger.fact
    return told.facts.get(name, frozenset())


def _may(draft: Draft, sources: Sources, purpose: str) -> bool:
    declared = draft.pack.domain.sources
    return any(purpose in declared[source].purposes for source in sources)
