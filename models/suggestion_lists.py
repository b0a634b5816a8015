"""The lists that contenders make of each citizen's candidates, measured alike on the same rows.

A list is a citizen at a date of the test period; its entries are the candidates seen without help.
Intervals draw whole households.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.contenders import LISTS, Contenders
from models.matrix import Vector
from models.metrics import Interval, cluster_mean
from models.metrics.coverage import coverage_interval, first_of
from models.metrics.first_hit import first_hit_by_list
from models.metrics.ndcg import ndcg_by_list
from models.metrics.novelty import novelty_by_list
from models.metrics.recall_at_capacity import reached_at_capacity
from models.metrics.unfound import unfound_by_list
from models.shown_need import ShownNeed

LIST_LENGTH = 5
A_SUGGESTION_FOR = 4
"""Outreach to one in so many citizens is the capacity at which unmet need is reached."""
NOT_COMPARED = ("ranker",)
"""Whose scores say nothing between one citizen's list and another's."""


@dataclass(frozen=True)
class Lists:
    """Every candidate of the test period with every contender's score.

    Parameters
    ----------
    entries
        list (the row), service, label, weight, unmet, and a score per contender.
    popularity
        By service, the share of candidates that took it up in the fit period.
    """

    entries: pl.DataFrame
    popularity: dict[str, float]

    @classmethod
    def of(
        cls, services: dict[str, Contenders], needs: dict[str, ShownNeed], popular: dict[str, float]
    ) -> Lists:
        """Put the candidates of all services under each other. Rules stand in for a contender that
        one service does not have, so that every list has all its entries."""
        there = [name for name in LISTS if any(name in one.order for one in services.values())]
        parts = [_long(name, one, needs[name], there) for name, one in services.items()]
        return cls(pl.concat(parts), popular)

    @property
    def names(self) -> list[str]:
        """The contenders."""
        return [name for name in LISTS if name in self.entries.columns]

    def measured(self, households: NDArray[np.int64], seed: int) -> dict[str, dict[str, Interval]]:
        """By contender, every metric with its interval.

        Parameters
        ----------
        households
            By row of the examples.
        """
        seen = self.entries.filter(pl.col("weight") > 0)
        return {name: self._of(name, seen, households, seed) for name in self.names}

    def _of(
        self, name: str, seen: pl.DataFrame, households: NDArray[np.int64], seed: int
    ) -> dict[str, Interval]:
        scored = seen.select("list", "service", "label", pl.col(name).alias("score"))
        first = first_of(scored, k=LIST_LENGTH)
        by_list = {
            f"ndcg_at_{LIST_LENGTH}": ndcg_by_list(scored, k=LIST_LENGTH),
            "first_hit": first_hit_by_list(scored),
            "novelty": novelty_by_list(first, self.popularity),
            "unfound": unfound_by_list(first),
        }
        found = {metric: _mean(values, households, seed) for metric, values in by_list.items()}
        whose = households[first["list"].to_numpy()]
        services = len(self.popularity)
        found["coverage"] = coverage_interval(first, whose, services=services, seed=seed)
        found["unmet_need_at_capacity"] = self._reached(name, seen, households, seed)
        return found

    def _reached(
        self, name: str, seen: pl.DataFrame, households: NDArray[np.int64], seed: int
    ) -> Interval:
        """Of the unmet needs that records show, the share among the best scores of all candidates
        of all services, one suggestion for every :data:`A_SUGGESTION_FOR` citizens."""
        if name in NOT_COMPARED or not seen["unmet"].any():
            return Interval(float("nan"), float("nan"), float("nan"))
        capacity = seen["list"].n_unique() / A_SUGGESTION_FOR / seen.height
        reached = reached_at_capacity(seen[name].to_numpy(), capacity)
        unmet = seen["unmet"].to_numpy()
        return cluster_mean(
            reached[unmet],
            seen["weight"].to_numpy()[unmet],
            households[seen["list"].to_numpy()[unmet]],
            seed=seed,
        )


def _mean(values: pl.DataFrame, households: NDArray[np.int64], seed: int) -> Interval:
    value: Vector = values["value"].to_numpy()
    return cluster_mean(
        value, np.ones(len(value)), households[values["list"].to_numpy()], seed=seed
    )


def _long(service: str, found: Contenders, need: ShownNeed, names: list[str]) -> pl.DataFrame:
    test = found.test
    return pl.DataFrame(
        {
            "list": test.rows,
            "service": pl.repeat(service, len(test.rows), eager=True, dtype=pl.String),
            "label": test.taken,
            "weight": test.weight,
            "unmet": need.unmet,
            **{name: found.order.get(name, found.order["rules"]) for name in names},
        }
    )
