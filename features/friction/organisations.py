"""Organisations at work for a citizen at once: sources with an open case, or with an application
that waits for its decision."""

from __future__ import annotations

import numpy as np

from features.columns import Floats
from features.friction.case_work import CaseWork
from features.friction.clocks import Clocks
from features.friction.ordering import Flags, Places
from features.kernels.organisations import pending_at
from features.pack import Pack
from features.past_events import event_table
from features.provenance import SERVICE_ROLES, case_types_of
from features.records import Records
from features.remembered import remembered

PENDING_DAYS = 365
"""How long an application without a recorded decision counts as pending."""


def concurrent_organisations(
    records: Records, pack: Pack, course: CaseWork, clock: Clocks
) -> Floats:
    """How many sources are at work for each citizen now."""
    opened = clock.opened[clock.waiting]
    source = course.events.places("source", tuple(pack.domain.sources))[opened]
    of, n = len(pack.domain.sources), len(records.citizens)
    at_work = _pending(records, pack)
    at_work[course.events.row[opened] * of + source] = True
    found: Floats = at_work.reshape(n, of).sum(axis=1).astype(np.float64)
    return found


def _pending(records: Records, pack: Pack) -> Flags:
    """Which sources have an application of less than a year old for each citizen that is the last
    word on its service; flat, source by source of each citizen."""
    events, sources = event_table(records, pack), tuple(pack.domain.sources)
    words, service = _services(pack)
    return pending_at(
        events.row,
        events.kind,
        events.age,
        events.places("case_type", words),
        events.places("source", sources),
        _applies(pack),
        service,
        len(pack.services),
        len(sources),
        PENDING_DAYS,
        len(records.citizens),
    )


@remembered(8)
def _applies(pack: Pack) -> Places:
    """Of each kind of event whether it is an application (1), another word on a service (0), or
    none (-1); none for what has no kind."""
    roles = [kind.role for kind in pack.domain.event_types.values()]
    words = [-1 if role not in SERVICE_ROLES else int(role == "applied") for role in roles]
    return np.array([*words, -1], dtype=np.int64)


@remembered(8)
def _services(pack: Pack) -> tuple[tuple[str, ...], Places]:
    """The case types of services, and the place of the service of each; -1 at the end for none."""
    of = {
        case_type: place
        for place, (name, service) in enumerate(pack.services.items())
        for case_type in case_types_of(name, service)
    }
    return tuple(of), np.array([*of.values(), -1], dtype=np.int64)
