"""Random checks: whether citizens drawn by chance are entitled, applied or not.

Who applies is not the population. A small number of citizens drawn at random, of whom somebody
finds out whether a service would be granted, says of everybody what applications cannot. A pack has
event types with the roles ``found-entitled`` and ``found-not-entitled`` for it; the case type says
the service.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from features.events import INSTANT
from features.pack import Pack
from features.provenance import case_types_of

FOUND, NOT_FOUND = "found-entitled", "found-not-entitled"
CHECK_ROLES = (FOUND, NOT_FOUND)

CHECKS = pl.Schema({"citizen": pl.Int64, "service": pl.String, "at": INSTANT, "entitled": pl.Int8})


def random_checks(events: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The checks among ``events``: :data:`CHECKS`, in order of time."""
    services = [
        (case_type, name)
        for name, service in pack.services.items()
        for case_type in case_types_of(name, service)
    ]
    of_case = pl.DataFrame(
        services, schema={"case_type": pl.String, "service": pl.String}, orient="row"
    )
    found = pl.col("type").is_in(pack.event_types_in(FOUND)).cast(pl.Int8).alias("entitled")
    return (
        events.filter(pl.col("type").is_in(pack.event_types_in(*CHECK_ROLES)))
        .join(of_case, on="case_type", how="inner")
        .sort("occurred_at", "citizen", "service", "event_id")
        .select("citizen", "service", pl.col("occurred_at").alias("at"), found)
    )


def checked(
    checks: pl.DataFrame, service: str, as_of: datetime, horizon: timedelta
) -> pl.DataFrame:
    """``citizen, checked``: what the first check of ``service`` within the horizon found."""
    return (
        checks.filter(
            pl.col("service") == service,
            pl.col("at") > as_of,
            pl.col("at") <= as_of + horizon,
        )
        .group_by("citizen", maintain_order=True)
        .agg(pl.col("entitled").first().alias("checked"))
    )
