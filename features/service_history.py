"""What each citizen applied for, was granted or refused, and has: told in one place.

A citizen has a service at a date when it was granted without a later end, and the grant has not
outlived ``lasts_days`` where the service sets it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.codes import NO_MOMENT, instants, moments, words_at
from features.events import INSTANT
from features.facts import FACTS
from features.ordering import in_order
from features.pack import Pack
from features.provenance import SERVICE_ROLES, case_types_of
from features.records import Records, known_records
from features.relations import RELATIONS
from features.remembered import kept_with_records
from features.service_steps import NEVER, services_at
from features.tables import EVENT_ORDER
from features.windows import microseconds

HISTORY = pl.Schema(
    {
        "citizen": pl.Int64,
        "service": pl.String,
        "applied_at": INSTANT,  # the last application
        "granted_at": INSTANT,
        "refused_at": INSTANT,
        "ended_at": INSTANT,
        "has": pl.Boolean,
    }
)

DECIDED_WITHIN = timedelta(days=182)
"""After this long without a decision an application no longer counts as waiting for one."""


def service_history(events: pl.DataFrame, pack: Pack, as_of: datetime) -> pl.DataFrame:
    """The last of each step per citizen and service, and whether the citizen has it.

    Parameters
    ----------
    events
        :data:`features.events.EVENTS` in any order, each record once.
    as_of
        What occurred or became known later is left out.

    Returns
    -------
    :data:`HISTORY`, one row per citizen and service with any service event, sorted by both.
    Moments are null when that step was never seen.
    """
    known = (pl.col("known_at") <= as_of) & (pl.col("occurred_at") <= as_of)
    mine = events.filter(known, pl.col("type").is_in(pack.event_types_in(*SERVICE_ROLES)))
    records = known_records(
        as_of=as_of,
        citizens=mine["citizen"],
        events=mine,
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=frozenset(),
    )
    return history_of(records, pack)


@kept_with_records
def history_of(records: Records, pack: Pack) -> pl.DataFrame:
    """:func:`service_history` of ``records``."""
    found, services = services_at(records, pack), list(pack.services)
    row, place = np.nonzero(found.seen[_in_words(services)].T)
    service = _in_words(services)[place]
    steps = {
        f"{role}_at": instants(
            np.where(
                found.last[role][service, row] == NEVER, NO_MOMENT, found.last[role][service, row]
            )
        )
        for role in ("applied", "granted", "refused", "ended")
    }
    return pl.DataFrame(
        {
            "citizen": pl.Series(records.citizens.to_numpy()[row]),
            "service": words_at(services, service),
            **steps,
            "has": found.has[service, row],
        },
        schema=HISTORY,
    )


def _in_words(services: list[str]) -> NDArray[np.int64]:
    """The places of services in alphabetical order."""
    order = sorted(range(len(services)), key=services.__getitem__)
    return np.array(order, dtype=np.int64)


def awaiting(history: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The rows of :data:`HISTORY` whose last application waits for its decision at ``as_of``."""
    applied, *decisions = (
        moments(history[name]) for name in ("applied_at", "granted_at", "refused_at", "ended_at")
    )
    decided = np.maximum.reduce(decisions)  # what never was is before everything
    waits = (applied > microseconds(as_of - DECIDED_WITHIN)) & (applied > decided)
    return history[np.flatnonzero(waits)]


def service_events(events: pl.DataFrame, pack: Pack, as_of: datetime) -> pl.DataFrame:
    """The service events that had occurred and were known at ``as_of``: citizen, service, role,
    occurred_at, known_at, source, case_id; in order of time, ties broken by ``order``."""
    roles = {
        name: kind.role
        for name, kind in pack.domain.event_types.items()
        if kind.role in SERVICE_ROLES
    }
    case_types = pl.DataFrame(
        [
            (case_type, name)
            for name, service in pack.services.items()
            for case_type in case_types_of(name, service)
        ],
        schema={"case_type": pl.String, "service": pl.String},
        orient="row",
    )
    seen = events.filter(
        pl.col("type").is_in(list(roles)),
        pl.col("occurred_at") <= as_of,
        pl.col("known_at") <= as_of,
    )
    ordered = in_order(seen, [name for name in EVENT_ORDER if name in seen.columns])
    return ordered.join(
        case_types, on="case_type", how="inner", maintain_order="left_right"
    ).select(
        "citizen",
        "service",
        pl.col("type")
        .replace_strict(list(roles), list(roles.values()), return_dtype=pl.String)
        .alias("role"),
        "occurred_at",
        "known_at",
        "source",
        "case_id",
    )
