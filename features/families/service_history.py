"""Services: what the citizen has, and how long ago the last step was."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.columns import Floats, ages, last, matrix, rows_of, snake
from features.facts_at import services_held
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.provenance import provenance
from features.records import Records
from features.service_history import service_history

CONCEPT = "history"
"""The concept of these signals, where the domain has it."""

_HAS = {"en": "Has “{title}”", "nl": "Heeft “{title}”"}
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
    "ended": {
        "en": "Days since “{title}” last ended",
        "nl": "Dagen sinds de laatste beëindiging van “{title}”",
    },
}


class ServiceHistory(Family):
    """``service_has_<id>``, ``service_days_since_<step>_<id>`` and the same over all services."""

    name = "service_history"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """Overall signals first, then those of each service that some source delivers."""
        behind = provenance(pack).services
        everyone = frozenset().union(*behind.values())
        concept = CONCEPT if CONCEPT in pack.domain.concepts else "other"

        def signal(name: str, unit: str, meant: dict[str, str], service: str | None) -> Signal:
            sources = everyone if service is None else behind[service]
            return Signal(name, unit, meant, concept, self.name, sources)

        overall = [signal("service_held", "services", meaning(pack, _HELD), None)]
        overall += [
            signal(f"service_days_since_{step}", "days", meaning(pack, sentence), None)
            for step, sentence in _STEPS.items()
        ]
        for service in delivered_services(pack):
            title = pack.services[service].title
            overall.append(
                signal(
                    f"service_has_{snake(service)}",
                    "yes/no",
                    meaning(pack, _HAS, title=title),
                    service,
                )
            )
            overall += [
                signal(
                    f"service_days_since_{step}_{snake(service)}",
                    "days",
                    meaning(pack, sentence, title=title),
                    service,
                )
                for step, sentence in _STEPS_OF_SERVICE.items()
            ]
        return tuple(overall)

    def compute(self, records: Records, pack: Pack) -> pl.DataFrame:
        """From :func:`features.service_history.service_history`, the one place that decides."""
        history = service_history(records.events, pack, records.as_of)
        n = len(records.citizens)
        held = dict(services_held(records, pack, history))
        columns: dict[str, Floats] = {"service_held": _sum_known(list(held.values()), n)}
        for step in _STEPS:
            columns[f"service_days_since_{step}"] = _days_since(history, step, records, pack)
        by_service = history.partition_by("service", as_dict=True)
        for service in delivered_services(pack):
            columns[f"service_has_{snake(service)}"] = held[service]
            mine = by_service.get((service,), history.clear())
            for step in _STEPS_OF_SERVICE:
                columns[f"service_days_since_{step}_{snake(service)}"] = _days_since(
                    mine, step, records, pack
                )
        return matrix(columns)


def delivered_services(pack: Pack) -> tuple[str, ...]:
    """The services whose events some source of the pack delivers."""
    behind = provenance(pack).services
    return tuple(service for service in pack.services if behind[service])


def _sum_known(held: list[Floats], n: int) -> Floats:
    """How many are held; unknown when nothing is known of any."""
    if not held:
        return np.full(n, np.nan)
    stack = np.stack(held)
    return np.where(np.isnan(stack).all(axis=0), np.nan, np.nansum(stack, axis=0))


def _days_since(history: pl.DataFrame, step: str, records: Records, pack: Pack) -> Floats:
    steps = history.drop_nulls(f"{step}_at").sort("citizen", f"{step}_at")
    row = rows_of(steps["citizen"], records)
    return last(row, ages(steps[f"{step}_at"], records, pack), len(records.citizens))
