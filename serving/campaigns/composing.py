"""Composing: the people with unmet need for one service, and who is left out for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from models.population import ScoredBucket
from serving.campaigns.targeting import ByNeed, Order

RANKED = pl.Schema({"citizen": pl.Int64, "need": pl.Float64, "score": pl.Float64})
KNOWN_NOT = "no-signal-of-need"


@dataclass(frozen=True, slots=True)
class Composition:
    """Who could be approached for a service.

    Parameters
    ----------
    ranked
        citizen, need: everyone who passed the gates, in the order asked for; ties by need, then by
        pseudonym.
    withheld
        How many people each gate left out, by ``gate/reason``.
    population
        How many people were looked at.
    """

    ranked: pl.DataFrame
    withheld: dict[str, int] = field(default_factory=dict)
    population: int = 0

    def counts(self) -> dict[str, object]:
        """For the campaign's record."""
        return {
            "population": self.population,
            "candidates": self.ranked.height,
            "withheld": self.withheld,
        }


def compose(
    buckets: Iterable[ScoredBucket], service: str, order: Order | None = None
) -> Composition:
    """The composition for ``service`` out of a scored population; by need unless another order is
    given."""
    chosen = order or ByNeed()
    population = 0
    withheld: Counter[str] = Counter()
    passed: list[pl.DataFrame] = []
    for bucket in buckets:
        population += bucket.snapshot.records.citizens.len()
        rows = bucket.candidates.filter(pl.col("service") == service)
        held = rows.filter(pl.col("withheld_by").is_not_null())
        for gate, reason, count in (
            held.group_by("withheld_by", "withheld_reason").len().iter_rows()
        ):
            withheld[f"{gate}/{reason}"] += count
        open_to = rows.filter(pl.col("withheld_by").is_null(), pl.col("need") > 0).select(
            "citizen", pl.col("need").cast(pl.Float64)
        )
        passed.append(
            open_to.join(chosen.scores(bucket), on="citizen", how="left", maintain_order="left")
        )
    ranked = (
        pl.concat([RANKED.to_frame(), *passed])
        .sort("score", "need", "citizen", descending=[True, True, False])
        .drop("score")
    )
    return Composition(ranked, dict(sorted(withheld.items())), population)
