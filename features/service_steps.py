"""The steps towards a service as arrays: applied, granted, refused, ended, withdrawn.

A step is an event with such a role whose case type is of a service. Of each citizen and service
the last of each step counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.pack import Pack
from features.past_events import PastEvents, past_events
from features.provenance import SERVICE_ROLES, case_types_of
from features.records import Records
from features.remembered import kept_with_records, remembered
from features.windows import day_number, local_days_at, today

NEVER = -1
"""The place of a step that was never seen."""


@dataclass(frozen=True, slots=True)
class ServiceSteps:
    """Steps in the order of the records.

    Parameters
    ----------
    events
        The event behind each step; ``events.at`` are places in the records' events.
    service
        The place of its service in the pack.
    role
        The place of its role in :data:`features.provenance.SERVICE_ROLES`.
    """

    events: PastEvents
    service: NDArray[np.int64]
    role: NDArray[np.int64]


@kept_with_records
def service_steps(records: Records, pack: Pack) -> ServiceSteps:
    """The steps that had been taken at ``records.as_of``."""
    types = pack.event_types_in(*SERVICE_ROLES)
    events = past_events(records, pack, types)
    words, services_of = _services_by_case_type(pack)
    spoken = events.places("case_type", words) if words else np.full(len(events), -1)
    parts = [(np.flatnonzero(of[spoken] >= 0), of) for of in services_of]
    at = np.concatenate([np.zeros(0, dtype=np.int64), *(found for found, _ in parts)])
    service = np.concatenate(
        [np.zeros(0, dtype=np.int64), *(of[spoken[found]] for found, of in parts)]
    )
    order = np.argsort(at, kind="stable")
    roles = [SERVICE_ROLES.index(pack.domain.event_types[kind].role or "") for kind in types]
    taken = events.take(at[order])
    role = np.array([*roles, 0], dtype=np.int64)[taken.kind]
    return ServiceSteps(taken, service[order], role)


@remembered(8)
def _services_by_case_type(pack: Pack) -> tuple[tuple[str, ...], tuple[NDArray[np.int64], ...]]:
    """The case types of services, and for each the place of its service; a case type of several
    services has its others in further arrays. -1 is none, as at the place -1."""
    by_word: dict[str, list[int]] = {}
    for place, (name, service) in enumerate(pack.services.items()):
        for case_type in case_types_of(name, service):
            by_word.setdefault(case_type, []).append(place)
    most = max((len(of) for of in by_word.values()), default=0)
    layers = [
        np.array([*(of[n] if n < len(of) else -1 for of in by_word.values()), -1], dtype=np.int64)
        for n in range(most)
    ]
    return tuple(by_word), tuple(layers)


@dataclass(frozen=True, slots=True)
class ServicesAt:
    """What each citizen has and had of each service; arrays of shape (services, citizens).

    Parameters
    ----------
    last
        By role: when that step was last taken, in microseconds since 1970 (UTC); :data:`NEVER`
        when it was not.
    seen
        Whether any step was taken.
    has
        Whether it was granted and neither ended nor outlived since.
    """

    last: Mapping[str, NDArray[np.int64]]
    seen: NDArray[np.bool_]
    has: NDArray[np.bool_]


@kept_with_records
def services_at(records: Records, pack: Pack) -> ServicesAt:
    """Each citizen's services at ``records.as_of``."""
    steps, shape = service_steps(records, pack), (len(pack.services), len(records.citizens))
    moments = steps.events.moments("occurred_at")
    cell = steps.service, steps.events.row
    last = {}
    placed = {}
    for number, role in enumerate(SERVICE_ROLES):
        mine = steps.role == number
        last[role], placed[role] = np.full(shape, NEVER), np.full(shape, NEVER)
        where = cell[0][mine], cell[1][mine]
        last[role][where] = moments[mine]
        placed[role][where] = np.flatnonzero(mine)
    seen = np.zeros(shape, dtype=np.bool_)
    seen[cell] = True
    granted = (placed["granted"] > NEVER) & (placed["granted"] > placed["ended"])
    return ServicesAt(last, seen, granted & ~_outlived(last["granted"], records, pack))


def _outlived(granted_at: NDArray[np.int64], records: Records, pack: Pack) -> NDArray[np.bool_]:
    """Which grants have lasted longer than their service does."""
    zone = pack.domain.time_zone
    lasts = np.array(
        [service.lasts_days or np.iinfo(np.int64).max for service in pack.services.values()],
        dtype=np.int64,
    )
    days = np.zeros(granted_at.shape, dtype=np.int64)
    some = granted_at > NEVER
    held = day_number(today(records.as_of, zone)) - local_days_at(granted_at[some], zone)
    days[some] = held
    outlived: NDArray[np.bool_] = days >= lasts[:, np.newaxis]
    return outlived
