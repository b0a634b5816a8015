"""Labels: what became of a citizen and a service after a date.

A label may use what became known after ``as_of``, for it is the outcome; never what became known
after the training's own cut ``until``. So a model for an old date can be trained again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue import Failing, Objective, Sign
from features.events import INSTANT
from features.lake import Lake
from features.pack import Pack
from features.provenance import case_types_of
from features.revisions import everyone_standing
from features.service_history import service_events
from models.censoring import censoring_weights
from models.failing_process import (
    Failings,
    failings,
    first_failing,
    foretells_failing,
    hardly_told,
)
from models.matrix import Vector
from models.random_checks import CHECK_ROLES, CHECKS, checked, random_checks

HELP = pl.Schema({"citizen": pl.Int64, "service": pl.String, "at": INSTANT})
"""Moments at which someone was helped: service null means with anything."""

LONGEST_LAG = timedelta(days=92)


@dataclass(frozen=True)
class Outcomes:
    """Everything that can become a label, as known at ``until``.

    Parameters
    ----------
    steps
        By service: citizen, role, occurred_at, known_at of its events.
    help
        :data:`HELP`: outreach events and suggestions shown.
    lag
        How long it takes until nearly every outcome is known (95%).
    checks
        :data:`models.random_checks.CHECKS`: random checks of who is entitled.
    failings
        When the standard process failed someone; None where no service foretells that.
    """

    steps: dict[str, pl.DataFrame]
    help: pl.DataFrame
    until: datetime
    lag: timedelta
    checks: pl.DataFrame = field(default_factory=CHECKS.to_frame)
    failings: Failings | None = None


@dataclass(frozen=True)
class Labels:
    """One entry per citizen asked for, in that order.

    Parameters
    ----------
    taken
        U: takes the service up within the horizon, without help before it. With the objective
        *failing-process*: the standard process fails within the horizon, before the intervention.
    weight
        Inverse probability of having been seen without help; 0 where help came first, or where
        the sources tell too little to say that nothing failed.
    decided
        1 granted, 0 refused, -1 no decision within the horizon: what E is learned from.
    checked
        1 found entitled by a random check within the horizon, 0 found not to be, -1 not checked.
    """

    taken: NDArray[np.int8]
    weight: Vector
    decided: NDArray[np.int8]
    checked: NDArray[np.int8]


def outcomes(
    lake: Lake, pack: Pack, until: datetime, shown: pl.DataFrame | None = None
) -> Outcomes:
    """Read the outcomes from the lake.

    Parameters
    ----------
    until
        The knowledge cut.
    shown
        :data:`HELP` of suggestions that were shown, from the ledger.
    """
    types = pack.event_types_in(
        "applied", "granted", "refused", "ended", "withdrawn", "outreach", *CHECK_ROLES
    )
    events = everyone_standing(lake, "events", until).filter(pl.col("type").is_in(types)).collect()
    steps = service_events(events, pack, until)
    help_given = pl.concat([_outreach(events, pack), _shown(shown, until)])
    return Outcomes(
        steps={name: steps.filter(pl.col("service") == name) for name in pack.services},
        help=help_given,
        until=until,
        lag=_lag(steps),
        checks=random_checks(events.filter(pl.col("occurred_at") <= until), pack),
        failings=failings(lake, pack, until) if foretells_failing(pack) else None,
    )


def labels(
    outcomes: Outcomes,
    pack: Pack,
    service: str,
    as_of: datetime,
    citizens: pl.Series,
    known: NDArray[np.bool_] | None = None,
) -> Labels:
    """The labels of one service at one date for ``citizens`` who may be candidates.

    ``known`` tells whom the rules call eligible: help goes to them more often, so that others like
    them stand in for those who were helped.

    Someone who had been granted the service by ``as_of`` without its being known then counts as
    taken up: there was no need left to meet.
    """
    horizon = timedelta(days=pack.services[service].horizon_days)
    asked = citizens.to_frame("citizen")
    joined = (
        asked.join(
            _first(outcomes, pack, service, as_of, horizon),
            on="citizen",
            how="left",
            maintain_order="left",
        )
        .join(
            _helped(_help_for(outcomes, pack, service), service, as_of, horizon),
            on="citizen",
            how="left",
            maintain_order="left",
        )
        .join(
            _decision(outcomes.steps[service], as_of, horizon),
            on="citizen",
            how="left",
            maintain_order="left",
        )
        .join(
            checked(outcomes.checks, service, as_of, horizon),
            on="citizen",
            how="left",
            maintain_order="left",
        )
    )
    first = joined["first"].fill_null(np.inf).to_numpy()
    help_after = joined["help_after"].fill_null(np.inf).to_numpy()
    aided = joined["aided"].fill_null(value=False).to_numpy()
    helped = (help_after < first) & np.isfinite(help_after)
    taken = np.isfinite(first) & ~helped
    days = np.minimum(np.minimum(first, help_after), float(horizon.days))
    weight = np.zeros(len(days))
    eligible = np.zeros(len(days), dtype=bool) if known is None else known
    for part in (eligible & ~aided, ~eligible & ~aided):
        weight[part] = censoring_weights(days[part], taken[part], helped[part])
    weight[_untold(outcomes, pack, service, as_of, citizens) & ~taken] = 0.0
    return Labels(
        taken=taken.astype(np.int8),
        weight=weight,
        decided=joined["decided"].fill_null(-1).cast(pl.Int8).to_numpy(),
        checked=joined["checked"].fill_null(-1).cast(pl.Int8).to_numpy(),
    )


def _first(
    outcomes: Outcomes, pack: Pack, service: str, as_of: datetime, horizon: timedelta
) -> pl.DataFrame:
    """citizen, first (days from ``as_of`` to the first outcome; 0 when not yet known then)."""
    found = _foretold(outcomes, pack, service)
    if found is not None:
        return first_failing(found, signs_of(pack, service), as_of, horizon)
    steps = outcomes.steps[service].filter(
        pl.col("role") == pack.services[service].outcome,
        pl.col("occurred_at") <= as_of + horizon,
    )
    later = steps.filter(pl.col("occurred_at") > as_of)
    unseen = steps.filter(pl.col("occurred_at") <= as_of, pl.col("known_at") > as_of)
    return (
        pl.concat([later, unseen])
        .group_by("citizen")
        .agg(pl.max_horizontal(_days(as_of, "occurred_at").min(), 0.0).alias("first"))
    )


def signs_of(pack: Pack, service: str) -> tuple[Sign, ...]:
    """What counts as failing for an intervention."""
    return (pack.services[service].failing or Failing()).signs


def _foretold(outcomes: Outcomes, pack: Pack, service: str) -> Failings | None:
    """What the head of ``service`` foretells, where that is a failing process."""
    if pack.services[service].objective is not Objective.FAILING_PROCESS:
        return None
    return outcomes.failings


def _help_for(outcomes: Outcomes, pack: Pack, service: str) -> pl.DataFrame:
    """What ends the sight of unaided events: outreach; and of the standard process, the start of
    the intervention itself."""
    if _foretold(outcomes, pack, service) is None:
        return outcomes.help
    started = outcomes.steps[service].filter(pl.col("role") == "granted")
    begun = started.select("citizen", "service", pl.col("occurred_at").alias("at"))
    return pl.concat([outcomes.help, begun])


def _untold(
    outcomes: Outcomes, pack: Pack, service: str, as_of: datetime, citizens: pl.Series
) -> NDArray[np.bool_]:
    """Of whom the sources tell too little to say that nothing failed."""
    found = _foretold(outcomes, pack, service)
    if found is None:
        return np.zeros(len(citizens), dtype=bool)
    horizon = timedelta(days=pack.services[service].horizon_days)
    return citizens.is_in(hardly_told(found, as_of, horizon).implode()).to_numpy()


def _helped(
    help_given: pl.DataFrame, service: str, as_of: datetime, horizon: timedelta
) -> pl.DataFrame:
    """citizen, help_after (days to the first help within the horizon), aided (within one horizon
    before)."""
    about = help_given.filter(
        (pl.col("service") == service) | pl.col("service").is_null(),
        pl.col("at") > as_of - horizon,
        pl.col("at") <= as_of + horizon,
    )
    day = _days(as_of, "at")
    return about.group_by("citizen").agg(
        day.filter(day > 0).min().alias("help_after"), (day <= 0).any().alias("aided")
    )


def _decision(steps: pl.DataFrame, as_of: datetime, horizon: timedelta) -> pl.DataFrame:
    """citizen, decided: the first decision within the horizon."""
    return (
        steps.filter(
            pl.col("role").is_in(["granted", "refused"]),
            pl.col("occurred_at") > as_of,
            pl.col("occurred_at") <= as_of + horizon,
        )
        .sort("citizen", "occurred_at", "role")
        .group_by("citizen", maintain_order=True)
        .agg((pl.col("role").first() == "granted").cast(pl.Int8).alias("decided"))
    )


def _days(as_of: datetime, column: str) -> pl.Expr:
    return (pl.col(column) - pl.lit(as_of, INSTANT)).dt.total_seconds() / 86_400.0


def _outreach(events: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """Outreach by service; about anything where its case type is no service's."""
    case_types = pl.DataFrame(
        [
            (case_type, name)
            for name, service in pack.services.items()
            for case_type in case_types_of(name, service)
        ],
        schema={"case_type": pl.String, "service": pl.String},
        orient="row",
    )
    return (
        events.filter(pl.col("type").is_in(pack.event_types_in("outreach")))
        .join(case_types, on="case_type", how="left")
        .select("citizen", "service", pl.col("occurred_at").alias("at"))
    )


def _shown(shown: pl.DataFrame | None, until: datetime) -> pl.DataFrame:
    if shown is None:
        return HELP.to_frame()
    return shown.select(HELP.names()).filter(pl.col("at") <= until)


def _lag(steps: pl.DataFrame) -> timedelta:
    delay = (steps["known_at"] - steps["occurred_at"]).dt.total_days()
    usual = delay.quantile(0.95, interpolation="higher") if steps.height else None
    return min(timedelta(days=int(max(usual or 0, 0))), LONGEST_LAG)
