"""Organisations at work for a citizen at once: sources with an open case, or with an application
that waits for its decision."""

from __future__ import annotations

import numpy as np

from features.columns import Floats, tally
from features.friction.case_work import CaseWork
from features.friction.clocks import Clocks
from features.friction.ordering import Places
from features.pack import Pack
from features.past_events import past_events
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
    pending = _pending(records, pack)
    source = course.events.places("source", tuple(pack.domain.sources))[opened]
    of, n = len(pack.domain.sources), len(records.citizens)
    at_work = np.zeros(n * of, dtype=bool)
    at_work[course.events.row[opened] * of + source] = True
    at_work[pending] = True
    return tally(np.flatnonzero(at_work) // of, n)


def _pending(records: Records, pack: Pack) -> Places:
    """Citizen and source, in one number, of each service of which the last word is an application
    of less than a year old."""
    events = past_events(records, pack, pack.event_types_in(*SERVICE_ROLES))
    words, service = _services(pack)
    about = service[events.places("case_type", words)]
    of = len(pack.services)
    last = np.full(len(records.citizens) * of, -1)
    about_one = np.flatnonzero(about >= 0)
    last[events.row[about_one] * of + about[about_one]] = about_one
    ends = last[last >= 0]
    kinds = pack.event_types_in(*SERVICE_ROLES)
    applying = np.array([pack.domain.event_types[kind].role == "applied" for kind in kinds], bool)
    ends = ends[applying[events.kind[ends]] & (events.age[ends] < PENDING_DAYS)]
    source = events.places("source", tuple(pack.domain.sources))[ends]
    pending: Places = events.row[ends] * len(pack.domain.sources) + source
    return pending


@remembered(8)
def _services(pack: Pack) -> tuple[tuple[str, ...], Places]:
    """The case types of services, and the place of the service of each; -1 at the end for none."""
    of = {
        case_type: place
        for place, (name, service) in enumerate(pack.services.items())
        for case_type in case_types_of(name, service)
    }
    return tuple(of), np.array([*of.values(), -1], dtype=np.int64)
