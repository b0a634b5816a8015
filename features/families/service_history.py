"""Services: what the citizen has, and how long ago the last step was."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, ages_at, nothing, snake, tally
from features.facts_at import services_held
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import past_events
from features.provenance import case_types_of, is_known, provenance
from features.records import Records
from features.service_steps import NEVER, services_at

CONCEPT = "history"
"""The concept of these signals, where the domain has it."""

_HAS = {"en": "Has “{title}”", "nl": "Heeft “{title}”"}
_HAD = {"en": "Was ever granted “{title}”", "nl": "Kreeg ooit “{title}”"}
_REFUSED = {
    "en": "How often “{title}” was refused",
    "nl": "Hoe vaak “{title}” werd afgewezen",
}
_HELD = {"en": "Number of services the citizen has", "nl": "Aantal voorzieningen dat loopt"}
_STEPS = {
    "applied": {
        "en": "Days since the last application for any service",
        "nl": "Dagen sinds de laatste aanvraag van een voorziening",
    },
    "granted": {
        "en": "Days since any service was last granted",
        "nl": "Dagen sinds de laatste toekenning van een voorziening",
    },
    "refused": {
        "en": "Days since any service was last refused",
        "nl": "Dagen sinds de laatste afwijzing van een voorziening",
    },
    "ended": {
        "en": "Days since any service last ended",
        "nl": "Dagen sinds de laatste beëindiging van een voorziening",
    },
}
_STEPS_OF_SERVICE = {
    "applied": {
        "en": "Days since the last application for “{title}”",
        "nl": "Dagen sinds de laatste aanvraag van “{title}”",
    },
    "granted": {
        "en": "Days since “{title}” was last granted",
        "nl": "Dagen sinds de laatste toekenning van “{title}”",
    },
    "refused": {
        "en": "Days since “{title}” was last refused",
        "nl": "Dagen sinds de laatste afwijzing van “{title}”",
    },
    "ended": {
        "en": "Days since “{title}” last ended",
        "nl": "Dagen sinds de laatste beëindiging van “{title}”",
    },
}


class ServiceHistory(Family):
    """``service_has_<id>``, ``service_had_<id>``, ``service_refused_<id>``,
    ``service_days_since_<step>_<id>``, and over all services how many are held and each step."""

    name = "service_history"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Overall signals first, then those of each service that some source delivers."""
        behind = provenance(pack).services
        everyone = frozenset().union(*behind.values())
        taken = steps_taken(pack)
        concept = CONCEPT if CONCEPT in pack.domain.concepts else "other"

        def signal(name: str, unit: str, meant: dict[str, str], service: str | None) -> Signal:
            sources = everyone if service is None else behind[service]
            return Signal(name, unit, meant, concept, self.name, sources)

        overall = [signal("service_held", "services", meaning(pack, _HELD), None)]
        overall += [
            signal(f"service_days_since_{step}", "days", meaning(pack, sentence), None)
            for step, sentence in _STEPS.items()
            if step in taken
        ]
        for service in delivered_services(pack):
            title = pack.services[service].title
            overall += [
                signal(
                    f"service_{state}_{snake(service)}",
                    unit,
                    meaning(pack, said, title=title),
                    service,
                )
                for state, (unit, said) in _states(pack).items()
            ]
            overall += [
                signal(
                    f"service_days_since_{step}_{snake(service)}",
                    "days",
                    meaning(pack, sentence, title=title),
                    service,
                )
                for step, sentence in _STEPS_OF_SERVICE.items()
                if step in taken
            ]
        return tuple(overall)

    def compute(self, records: Records, pack: Pack) -> Columns:
        """From :mod:`features.service_steps`, the one place that decides."""
        held = dict(services_held(records, pack))
        since = {step: _days_since(step, records, pack) for step in steps_taken(pack)}
        n = len(records.citizens)
        columns: dict[str, Floats] = {"service_held": _sum_known(list(held.values()), n)}
        for step, by_service in since.items():
            latest = np.fmin.reduce(list(by_service.values()), initial=np.nan)
            columns[f"service_days_since_{step}"] = np.broadcast_to(latest, (n,))
        refused = _refusals(records, pack) if "refused" in since else {}
        for service in delivered_services(pack):
            columns[f"service_has_{snake(service)}"] = held[service]
            if "granted" in since:
                columns[f"service_had_{snake(service)}"] = _had(held, since, service)
            if service in refused:
                columns[f"service_refused_{snake(service)}"] = refused[service]
            for step in _STEPS_OF_SERVICE:
                if step in since:
                    columns[f"service_days_since_{step}_{snake(service)}"] = since[step][service]
        return columns


def steps_taken(pack: Pack) -> tuple[str, ...]:
    """The steps of which the pack has events."""
    return tuple(step for step in _STEPS if pack.event_types_in(step))


def delivered_services(pack: Pack) -> tuple[str, ...]:
    """The services whose events some source of the pack delivers."""
    behind = provenance(pack).services
    return tuple(service for service in pack.services if behind[service])


def _states(pack: Pack) -> dict[str, tuple[str, dict[str, str]]]:
    """What is told of each service, where the pack has events of that step."""
    states = {"has": ("yes/no", _HAS)}
    if "granted" in steps_taken(pack):
        states["had"] = ("yes/no", _HAD)
    if "refused" in steps_taken(pack):
        states["refused"] = ("times", _REFUSED)
    return states


def _had(held: dict[str, Floats], since: dict[str, dict[str, Floats]], service: str) -> Floats:
    """Granted at any time; unknown where having it is."""
    granted = ~np.isnan(since["granted"][service])
    return np.where(np.isnan(held[service]), np.nan, granted)


def _refusals(records: Records, pack: Pack) -> dict[str, Floats]:
    """How often each delivered service was refused; unknown when none of its sources is there."""
    n, behind = len(records.citizens), provenance(pack).services
    names = sorted({one for item in pack.services.items() for one in case_types_of(*item)})
    events = past_events(records, pack, pack.event_types_in("refused"))
    about = events.places("case_type", names)
    cell = about[about >= 0] * n + events.row[about >= 0]
    counted = tally(cell, len(names) * n).reshape(len(names), n)
    by_case_type = dict(zip(names, counted, strict=True))
    found: dict[str, Floats] = {}
    for service in delivered_services(pack):
        parts = [by_case_type[one] for one in case_types_of(service, pack.services[service])]
        known = is_known(behind[service], records.sources)
        found[service] = np.sum(parts, axis=0) if known else nothing(n)
    return found


def _sum_known(held: list[Floats], n: int) -> Floats:
    """How many are held; unknown when nothing is known of any."""
    if not held:
        return np.full(n, np.nan)
    stack = np.stack(held)
    return np.where(np.isnan(stack).all(axis=0), np.nan, np.nansum(stack, axis=0))


def _days_since(step: str, records: Records, pack: Pack) -> dict[str, Floats]:
    """The days since ``step`` per service; NaN where it was never seen."""
    last = services_at(records, pack).last[step]
    found = np.full(last.shape, np.nan)
    taken = last != NEVER
    found[taken] = ages_at(last[taken], records, pack)
    return dict(zip(pack.services, found, strict=True))
