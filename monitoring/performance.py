"""How well heads foresaw what followed, where enough time has passed to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nan

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing
from features.service_history import service_events
from monitoring.intervals import Estimate, wilson

BINS = 10
LEAST = 50
"""Fewer people than this with a score say nothing about a head."""


@dataclass(frozen=True, slots=True)
class Performance:
    """One head against what followed, among people who were not helped.

    Parameters
    ----------
    n, hits
        People with a score who were not approached, and how many of them took the service up.
    expected
        The mean of what the head foresaw for them.
    observed
        The share that did, with Wilson's 95% interval.
    auc
        The chance that somebody who did was ranked above somebody who did not; NaN when all or
        none did.
    bins
        Bins of equal size by score: n, expected, value, low, high.
    """

    service: str
    n: int
    hits: int
    expected: float
    observed: Estimate
    auc: float
    bins: tuple[dict[str, float], ...]

    def as_dict(self) -> dict[str, object]:
        """For JSON; NaN becomes null."""
        return {
            "service": self.service,
            "n": self.n,
            "hits": self.hits,
            "expected": self.expected,
            "observed": self.observed.as_dict(),
            "auc": None if np.isnan(self.auc) else self.auc,
        }


def uptake(lake: Lake, pack: Pack, since: datetime, now: datetime) -> pl.DataFrame:
    """Who took what up after ``since``, within the service's horizon, as known at ``now``.

    Returns
    -------
    citizen, service, at: the first time, one row per citizen and service.
    """
    outcomes = pl.DataFrame(
        [
            (name, one.outcome, timedelta(days=one.horizon_days))
            for name, one in pack.services.items()
        ],
        schema={"service": pl.String, "role": pl.String, "horizon": pl.Duration("us")},
        orient="row",
    )
    events = everyone_standing(lake, "events", now).filter(pl.col("occurred_at") > since).collect()
    return (
        service_events(events, pack, now)
        .join(outcomes, on=["service", "role"])
        .filter(pl.col("occurred_at") <= since + pl.col("horizon"))
        .group_by("citizen", "service")
        .agg(pl.col("occurred_at").min().alias("at"))
        .sort("citizen", "service")
    )


def approached(lake: Lake, pack: Pack, since: datetime, now: datetime) -> pl.DataFrame:
    """The citizens whom outreach reached after ``since``: their outcome is no longer unaided."""
    types = pack.event_types_in("outreach")
    return (
        everyone_standing(lake, "events", now)
        .filter(pl.col("type").is_in(types), pl.col("occurred_at") > since)
        .select(pl.col("citizen").unique())
        .collect()
    )


def performance(
    candidates: pl.DataFrame, taken: pl.DataFrame, helped: pl.DataFrame, services: list[str]
) -> list[Performance]:
    """Every head in ``services`` with enough people, in that order.

    Parameters
    ----------
    candidates
        citizen, service, unaided: what was foreseen at the start.
    taken
        :func:`uptake` from the start.
    helped
        :func:`approached` from the start; left out.
    """
    joined = (
        candidates.filter(pl.col("unaided").is_not_null())
        .join(helped, on="citizen", how="anti")
        .join(
            taken.select("citizen", "service", hit=pl.lit(value=True)),
            on=["citizen", "service"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("hit").fill_null(value=False))
    )
    parts = joined.partition_by("service", as_dict=True)
    return [
        _of(name, parts[(name,)])
        for name in services
        if (name,) in parts and parts[(name,)].height >= LEAST
    ]


def _of(service: str, rows: pl.DataFrame) -> Performance:
    score = rows["unaided"].cast(pl.Float64).to_numpy()
    hit = rows["hit"].to_numpy()
    order = np.argsort(score, kind="stable")
    bins = tuple(_bin(score[part], hit[part]) for part in np.array_split(order, BINS) if part.size)
    hits = int(hit.sum())
    return Performance(
        service,
        rows.height,
        hits,
        float(score.mean()),
        wilson(hits, rows.height),
        _auc(score, hit),
        bins,
    )


def _bin(score: NDArray[np.float64], hit: NDArray[np.bool_]) -> dict[str, float]:
    observed = wilson(int(hit.sum()), hit.size)
    return {
        "n": hit.size,
        "expected": float(score.mean()),
        "value": observed.value,
        "low": observed.low,
        "high": observed.high,
    }


def _auc(score: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """Mann and Whitney's statistic; equal scores count half."""
    positives = int(hit.sum())
    negatives = hit.size - positives
    if not positives or not negatives:
        return nan
    ranks = pl.Series(score).rank("average").to_numpy()
    return float((ranks[hit].sum() - positives * (positives + 1) / 2) / (positives * negatives))
