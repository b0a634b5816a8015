"""What a pack tells of relatives: named relations and signals, free facts, and a lawful purpose."""

from __future__ import annotations

from features.checks.draft import Draft, expected
from features.checks.sql import expression
from features.domain import HouseholdSignal, Sensitivity
from features.families import families_of
from features.families.household import relatives_signals
from features.pack_files import Key
from features.provenance import provenance


def check_household(draft: Draft) -> None:
    """Refuse an unknown relation, signal or purpose, a protected fact, a code, and a purpose that
    a source of the relative's signal or of the relation does not allow."""
    asked = draft.pack.domain.household
    for index, one in enumerate(asked):
        _known(draft, ("household", index), one)
        _lawful(draft, ("household", index), one)
        if one in asked[:index]:
            raise draft.domain.fault(("household", index), "is asked twice; keep one")


def _known(draft: Draft, key: Key, one: HouseholdSignal) -> None:
    domain = draft.pack.domain
    if one.relation not in domain.relations:
        problem = expected("relation", one.relation, domain.relations)
        raise draft.domain.fault((*key, "relation"), problem)
    if one.purpose not in domain.purposes:
        problem = expected("purpose", one.purpose, domain.purposes)
        raise draft.domain.fault((*key, "purpose"), problem)
    for name in (one.signal, one.signal.removeprefix("fact_")):
        fact = domain.facts.get(name)
        if fact is not None and fact.sensitivity is not Sensitivity.FREE:
            problem = f"{name} is {fact.sensitivity.value}; of a relative only free facts are told"
            raise draft.domain.fault((*key, "signal"), problem)
    told = relatives_signals(draft.pack)
    if one.signal not in told:
        problem = expected("signal of a relative's own", one.signal, told)
        raise draft.domain.fault((*key, "signal"), problem)
    if told[one.signal].kind == "category":
        problem = f"{one.signal} is a code, which cannot be {one.of_more}; expected a number"
        raise draft.domain.fault((*key, "signal"), problem)


def _lawful(draft: Draft, key: Key, one: HouseholdSignal) -> None:
    of_relation = provenance(draft.pack).relations.get(one.relation, frozenset())
    for source in sorted(relatives_signals(draft.pack)[one.signal].sources | of_relation):
        if one.purpose not in draft.pack.domain.sources[source].purposes:
            problem = (
                f"{source} may not be used for {one.purpose}, of a relative no more than of the "
                "citizen; expected a purpose that every source behind it allows"
            )
            raise draft.domain.fault((*key, "purpose"), problem)


def check_criteria_on_relatives(draft: Draft) -> None:
    """Refuse a criterion that asks what is told of a relative for another purpose."""
    pack = draft.pack
    only = {
        signal.name: signal.may_serve(pack)
        for family in families_of(pack)
        for signal in family.signals(pack)
        if signal.purposes is not None
    }
    for service, definition in pack.services.items():
        for index, criterion in enumerate(definition.criteria):
            for name in expression(criterion.sql).names:
                if definition.purpose not in only.get(name, {definition.purpose}):
                    problem = (
                        f"{name} tells of a relative and serves "
                        f"{', '.join(sorted(only[name])) or 'nothing'} alone, not "
                        f"{definition.purpose}"
                    )
                    raise draft.service_fault(service, ("criteria", index, "sql"), problem)
