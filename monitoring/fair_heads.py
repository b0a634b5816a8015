"""Heads by group on the test period: unmet need reached, take-up expected beside take-up seen, and
coverage, each with its interval; and the same for two groupings at once.

*Unmet need* is what the rules and time showed: eligible by the rules, and not taken up unaided
within the horizon. It is *reached* when the citizen stands among the tenth with the highest need of
that service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from models.examples import Examples
from models.heads import Head
from models.intervals import Estimate, wilson
from models.splits import Role
from monitoring.fairness import GroupRate, group_rates, worst_gap

CAPACITY = 0.1
CANDIDATES = pl.Schema(
    {
        "citizen": pl.Int64,
        "service": pl.String,
        "need_unmet": pl.Boolean,
        "reached": pl.Boolean,
        "taken": pl.Float64,
        "expected": pl.Float64,
    }
)


@dataclass(frozen=True, slots=True)
class GroupCalibration:
    """Take-up that heads expected of a group, beside the share seen; NaN when hidden."""

    grouping: str
    group: str
    expected: float
    seen: Estimate
    hidden: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON; a hidden group tells nothing but its name."""
        if self.hidden:
            return {"grouping": self.grouping, "group": self.group, "hidden": True}
        return {
            "grouping": self.grouping,
            "group": self.group,
            "expected": self.expected,
            "seen": self.seen.as_dict(),
            "as_expected": self.seen.low <= self.expected <= self.seen.high,
        }


@dataclass(frozen=True, slots=True)
class FairHeads:
    """All heads together, by group.

    Parameters
    ----------
    recall
        Of citizens with an unmet need, the share that was reached for one.
    coverage
        Of citizens who are a candidate for anything, the share among the tenth of any service.
    intersections
        Recall by two groupings at once.
    """

    recall: list[GroupRate]
    coverage: list[GroupRate]
    calibration: list[GroupCalibration]
    intersections: list[GroupRate]

    @property
    def worst(self) -> GroupRate | None:
        """The group that certainly stays behind most in recall."""
        return worst_gap(self.recall)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "recall": [one.as_dict() for one in self.recall],
            "coverage": [one.as_dict() for one in self.coverage],
            "calibration": [one.as_dict() for one in self.calibration],
            "intersections": [one.as_dict() for one in self.intersections],
            "worst": self.worst.as_dict() if self.worst else None,
        }


def fair_heads(
    examples: Examples, heads: dict[str, Head], groups: pl.DataFrame, *, threads: int = 1
) -> FairHeads:
    """Measure ``heads`` by group on the last date of the test period.

    Parameters
    ----------
    groups
        :func:`monitoring.fairness.groups` at that date.
    """
    rows = candidates(examples, heads, threads=threads)
    groupings = [name for name in groups.columns if name != "citizen"]
    need = _by_citizen(rows.filter("need_unmet"), "reached").join(groups, on="citizen")
    covered = _by_citizen(rows, "reached").join(groups, on="citizen")
    pairs, together = _intersections(need, groupings)
    recall = group_rates(need, groupings)
    return FairHeads(
        recall=recall,
        coverage=group_rates(covered, groupings),
        calibration=_calibration(rows.join(groups, on="citizen"), groupings),
        intersections=group_rates(pairs, together),
    )


def candidates(examples: Examples, heads: dict[str, Head], *, threads: int = 1) -> pl.DataFrame:
    """:data:`CANDIDATES` of the last test date, those seen without help."""
    last = int(examples.moment[examples.role == Role.TEST].max(initial=-1))
    parts = [CANDIDATES.to_frame()]
    for service, head in heads.items():
        task = examples.task(service, Role.TEST)
        task = task.where((examples.moment[task.rows] == last) & (task.weight > 0))
        if not len(task.rows):
            continue
        _, expected, need = head.score(examples.matrix[task.rows], task.known, threads=threads)
        first = np.argsort(-need, kind="stable")[: max(1, round(CAPACITY * len(need)))]
        reached = np.zeros(len(need), dtype=bool)
        reached[first] = True
        parts.append(
            pl.DataFrame(
                {
                    "citizen": examples.citizen[task.rows],
                    "service": [service] * len(need),
                    "need_unmet": task.known & (task.taken == 0),
                    "reached": reached,
                    "taken": task.taken.astype(np.float64),
                    "expected": expected,
                },
                schema=CANDIDATES,
            )
        )
    return pl.concat(parts)


def _by_citizen(rows: pl.DataFrame, hit: str) -> pl.DataFrame:
    return rows.group_by("citizen").agg(hit=pl.col(hit).any()).sort("citizen")


def _intersections(need: pl.DataFrame, groupings: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    named = {f"{one} and {other}": (one, other) for one, other in combinations(groupings, 2)}
    both = need.with_columns(
        pl.concat_str(list(pair), separator=", ").alias(name) for name, pair in named.items()
    )
    return both, list(named)


def _calibration(rows: pl.DataFrame, groupings: Sequence[str]) -> list[GroupCalibration]:
    """Hidden as recall is: by how many citizens a group has. Of each citizen one candidate is
    looked at, for those of one citizen are no witnesses of their own."""
    one_each = rows.sort(pl.struct("citizen", "service").hash(seed=1)).unique(
        "citizen", keep="first", maintain_order=True
    )
    found = []
    for grouping in groupings:
        rates = group_rates(one_each.with_columns(hit=pl.col("taken") > 0), [grouping])
        means = dict(one_each.group_by(grouping).agg(pl.col("expected").mean()).iter_rows())
        found += [
            GroupCalibration(
                grouping,
                rate.group,
                float("nan") if rate.hidden else float(means[rate.group]),
                rate.rate if rate.hidden else wilson(round(rate.rate.value * rate.n), rate.n),
                rate.hidden,
            )
            for rate in rates
        ]
    return found
