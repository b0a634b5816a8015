"""A service refers to life events, channels, purposes and case types that are there."""

from __future__ import annotations

from collections.abc import Iterable

from features.catalogue import Kind, Objective, Service, Sign
from features.checks.draft import Draft, expected
from features.pack_files import Key

ROLES_OF_SIGN: dict[Sign, tuple[str, ...]] = {
    Sign.OVERDUE: ("case-opened", "case-reopened"),
    Sign.OBJECTION: ("objection-filed",),
    Sign.COMPLAINT: ("complaint",),
    Sign.REPEAT_CONTACT: ("contact", "contact-failed"),
    Sign.DROP_OUT: ("withdrawn",),
}
"""The roles of events without which a sign cannot be seen."""


def check_services(draft: Draft) -> None:
    """Refuse an unknown reference, an id used twice, and an outcome that nothing can record."""
    for name, service in draft.pack.services.items():
        _references(draft, name, service)
        _once(draft, name, "criteria", [criterion.id for criterion in service.criteria])
        _reasons(draft, name, service)
        _outcome(draft, name, service)
        _rate(draft, name, service)
        _failing(draft, name, service)


def _references(draft: Draft, name: str, service: Service) -> None:
    pack = draft.pack
    if name in pack.domain.case_types:
        problem = f"{name} is a case type in domain.yaml too; keep the service"
        raise draft.service_fault(name, (), problem)
    _known(draft, name, ("purpose",), "purpose", service.purpose, pack.domain.purposes)
    for index, trigger in enumerate(service.triggers):
        _known(draft, name, ("triggers", index), "life event", trigger, pack.life_events)
    for index, channel in enumerate(service.channels):
        _known(draft, name, ("channels", index), "channel", channel, pack.domain.channels)
    for index, one in enumerate(service.case_types):
        _known(draft, name, ("case_types", index), "case type", one, pack.domain.case_types)
    if service.next_step is not None and service.next_step.channel is not None:
        channel = service.next_step.channel
        _known(draft, name, ("next_step", "channel"), "channel", channel, pack.domain.channels)


def _known(
    draft: Draft, service: str, key: Key, what: str, given: str, known: Iterable[str]
) -> None:
    if given not in known:
        raise draft.service_fault(service, key, expected(what, given, known))


def _once(draft: Draft, service: str, key: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise draft.service_fault(service, (key, index), f"{name!r} is used twice")


def _reasons(draft: Draft, name: str, service: Service) -> None:
    """A service's own reasons do not repeat each other or the domain's."""
    taken = {reason.code for reason in draft.pack.domain.override_reasons}
    for index, reason in enumerate(service.override_reasons):
        if reason.code in taken:
            problem = f"{reason.code!r} is used twice, here or in domain.yaml"
            raise draft.service_fault(name, ("override_reasons", index, "code"), problem)
        taken.add(reason.code)


def _outcome(draft: Draft, name: str, service: Service) -> None:
    if not draft.pack.event_types_in(service.outcome):
        problem = f"no event type of domain.yaml has the role {service.outcome}; declare one"
        raise draft.service_fault(name, ("outcome",), problem)


def _rate(draft: Draft, name: str, service: Service) -> None:
    rate = service.non_take_up
    if rate is not None and rate.low > rate.high:
        raise draft.service_fault(name, ("non_take_up", "low"), "is higher than high")


def _failing(draft: Draft, name: str, service: Service) -> None:
    """Only an intervention can answer a failing process; a sign that is named can be seen."""
    foretells = service.objective is Objective.FAILING_PROCESS
    if foretells and service.kind is not Kind.INTERVENTION:
        problem = "failing-process is for interventions; set kind: intervention"
        raise draft.service_fault(name, ("objective",), problem)
    if service.failing is None:
        return
    if not foretells:
        problem = "is read with objective: failing-process alone; set that, or leave this out"
        raise draft.service_fault(name, ("failing",), problem)
    for index, sign in enumerate(service.failing.signs):
        if not draft.pack.event_types_in(*ROLES_OF_SIGN[sign]):
            roles = " or ".join(ROLES_OF_SIGN[sign])
            problem = f"no event type of domain.yaml has the role {roles}; declare one"
            raise draft.service_fault(name, ("failing", "signs", index), problem)
