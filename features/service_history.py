"""What each citizen applied for, was granted or refused, and has: told in one place.

A citizen has a service at a date when it was granted without a later end, and the grant has not
outlived ``lasts_days`` where the service sets it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from features.events import INSTANT
from features.ordering import in_order
from features.pack import Pack
from features.provenance import SERVICE_ROLES, case_types_of
from features.records import Records
from features.remembered import remembered
from features.tables import EVENT_ORDER
from features.windows import local_date, today

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
    steps = service_events(events, pack, as_of).with_row_index("place")
    turning = pl.when(pl.col("role").is_in(["granted", "ended"])).then("place")
    history = steps.group_by("citizen", "service").agg(
        *(_last(role) for role in ("applied", "granted", "refused", "ended")),
        turning.max().alias("turned"),
        pl.when(pl.col("role") == "granted").then("place").max().alias("granted"),
    )
    return (
        history.join(_lasting(pack), on="service", how="left", maintain_order="left")
        .with_columns(_has(pack, as_of).alias("has"))
        .select(HISTORY.names())
        .cast(HISTORY)
        .sort("citizen", "service")
    )


@remembered(2)
def history_of(records: Records, pack: Pack) -> pl.DataFrame:
    """:func:`service_history` of ``records``."""
    return service_history(records.events, pack, records.as_of)


def awaiting(history: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """The rows of :data:`HISTORY` whose last application waits for its decision at ``as_of``."""
    applied = pl.col("applied_at")
    decided = pl.max_horizontal("granted_at", "refused_at", "ended_at")
    return history.filter(
        applied > as_of - DECIDED_WITHIN, (applied > decided).fill_null(value=True)
    )


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


def _last(role: str) -> pl.Expr:
    return pl.when(pl.col("role") == role).then("occurred_at").max().alias(f"{role}_at")


def _lasting(pack: Pack) -> pl.DataFrame:
    return pl.DataFrame(
        [(name, service.lasts_days) for name, service in pack.services.items()],
        schema={"service": pl.String, "lasts_days": pl.Int64},
        orient="row",
    )


def _has(pack: Pack, as_of: datetime) -> pl.Expr:
    zone = pack.domain.time_zone
    held = pl.lit(today(as_of, zone)) - local_date(pl.col("granted_at"), zone)
    outlived = held.dt.total_days() >= pl.col("lasts_days")
    granted = (pl.col("granted") == pl.col("turned")).fill_null(value=False)
    return granted & ~outlived.fill_null(value=False)
