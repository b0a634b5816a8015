"""What monitoring measures of a population at one date, reduced bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from models.population import ScoredBucket, score_population
from monitoring.fairness import groups
from monitoring.protected import audited_facts

SAMPLE = 20_000
"""At most so many citizens' signals are compared, the same ones at every date."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A population at a date.

    Parameters
    ----------
    signals
        citizen and every signal, of a sample.
    candidates
        citizen, service, unaided, need, rank, shown: every candidate of every citizen that passed
        the gates.
    groups
        citizen and its group in each fairness grouping.
    """

    as_of: datetime
    signals: pl.DataFrame
    candidates: pl.DataFrame
    groups: pl.DataFrame


def measure(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    as_of: datetime,
    *,
    sample: int = SAMPLE,
    threads: int = 1,
    progress: Callable[[int], None] = lambda buckets: None,
) -> Measured:
    """Scores the population at ``as_of`` and keeps what the report needs."""
    signals: list[pl.DataFrame] = []
    candidates: list[pl.DataFrame] = []
    grouped: list[pl.DataFrame] = []
    share = max(1, sample // lake.buckets)
    for bucket in score_population(lake, pack, bundle, as_of, threads=threads):
        signals.append(_sampled(bucket.snapshot.signals, share))
        candidates.append(_kept(bucket))
        grouped.append(_grouped(lake, pack, bucket))
        progress(len(signals))
    return Measured(as_of, pl.concat(signals), pl.concat(candidates), pl.concat(grouped))


def _sampled(signals: pl.DataFrame, share: int) -> pl.DataFrame:
    """The first so many by a hash of the pseudonym: the same people at every date."""
    return signals.sort(pl.col("citizen").hash(seed=0), "citizen").head(share)


def _kept(bucket: ScoredBucket) -> pl.DataFrame:
    return bucket.candidates.filter(pl.col("withheld_by").is_null()).select(
        "citizen", "service", "unaided", "need", "rank", "shown"
    )


def _grouped(lake: Lake, pack: Pack, bucket: ScoredBucket) -> pl.DataFrame:
    snapshot = bucket.snapshot
    audited = audited_facts(lake, pack, snapshot.records.citizens, snapshot.as_of)
    return groups(audited, snapshot.facts, pack)
