"""Whether any group is certainly left behind: its recall beside everybody's, with an interval.

A group's recall over everybody's is worked out from its ratio to all others in its grouping, which
is made of other people, so that the two parts are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import polars as pl

from models.intervals import Estimate, ratio

GROUPS = pl.Schema(
    {
        "grouping": pl.String,
        "group": pl.String,  # null: whom no source places in one
        "positives": pl.Int64,  # people who took something up
        "reached": pl.Int64,  # of these, with that service among their suggestions
    }
)


@dataclass(frozen=True, slots=True)
class GroupRecall:
    """The recall of one group over that of everybody in its grouping."""

    grouping: str
    group: str
    ratio: Estimate


def worst_off(
    groups: pl.DataFrame, smallest: int, *, confidence: float = 0.95
) -> GroupRecall | None:
    """The group that is certainly furthest behind: the lowest upper limit of the ratio.

    Limits are widened (Bonferroni) for the number of groups that are compared.

    Parameters
    ----------
    groups
        :data:`GROUPS`.
    smallest
        Groups with fewer positives are not judged; they do count among everybody, and so do people
        without a group.

    Returns
    -------
    None when no group can be judged: all are too small, or alone in their grouping, or nobody was
    reached.
    """
    counted = groups.with_columns(
        pl.col("positives", "reached").sum().over("grouping").name.prefix("all_")
    ).filter(
        pl.col("group").is_not_null(),
        pl.col("positives") >= smallest,
        pl.col("positives") < pl.col("all_positives"),
    )
    found = [
        GroupRecall(
            row["grouping"],
            row["group"],
            _over_all(
                ratio(
                    row["reached"],
                    row["positives"],
                    row["all_reached"] - row["reached"],
                    row["all_positives"] - row["positives"],
                    confidence=confidence,
                    comparisons=counted.height,
                ),
                row["positives"] / row["all_positives"],
            ),
        )
        for row in counted.iter_rows(named=True)
    ]
    known = [one for one in found if one.ratio.known]
    return min(known, key=lambda one: one.ratio.high, default=None)


def _over_all(beside: Estimate, share: float) -> Estimate:
    """The ratio to everybody, of a group with ``share`` of them, out of its ratio to the others."""

    def scaled(value: float) -> float:
        return 1 / share if value == inf else value / (share * value + 1 - share)

    if not beside.known:
        return beside
    return Estimate(scaled(beside.value), scaled(beside.low), scaled(beside.high))
