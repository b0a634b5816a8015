"""Whom suggestions reach and miss, by protected group, with intervals.

Group counts are sufficient, so every interval is closed-form (a bootstrap takes minutes for the
same). A group of fewer than :data:`SMALLEST` people is never shown: neither its rate nor its
size; nor is the one remaining group when it could be had by subtraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import polars as pl

from features.domain import FactType
from features.pack import Pack
from models.small_groups import SMALLEST as SMALLEST
from monitoring.intervals import NOTHING, Estimate, newcombe, wilson

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GroupRate:
    """One group of one grouping.

    Parameters
    ----------
    n, rate
        Its size and its rate; 0 and NaN when ``hidden``.
    gap
        Its rate minus the rate of everybody else.
    """

    grouping: str
    group: str
    n: int
    rate: Estimate
    gap: Estimate
    hidden: bool = False

    def as_dict(self) -> dict[str, object]:
        """For JSON; a hidden group tells nothing but its name."""
        if self.hidden:
            return {"grouping": self.grouping, "group": self.group, "hidden": True}
        return {
            "grouping": self.grouping,
            "group": self.group,
            "n": self.n,
            "rate": self.rate.as_dict(),
            "gap": self.gap.as_dict(),
        }


def groups(protected: pl.DataFrame, facts: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """Citizen and one text column per fairness grouping of the domain.

    Parameters
    ----------
    protected
        Long: citizen, name, value, number: the latest value of each protected fact.
    facts
        One row per citizen with the free and derived facts, for groupings over those.
    """
    frame = facts.select("citizen")
    for grouping, definition in pack.domain.fairness.items():
        column = _fact_column(definition.fact, protected, facts, pack)
        label = _banded("__value", definition.bands) if definition.bands else _text("__value")
        frame = frame.join(
            column.select("citizen", label.alias(grouping)),
            on="citizen",
            how="left",
            maintain_order="left",
        ).with_columns(pl.col(grouping).fill_null(UNKNOWN))
    return frame


def _fact_column(
    fact: str, protected: pl.DataFrame, facts: pl.DataFrame, pack: Pack
) -> pl.DataFrame:
    """Citizen and ``__value`` of one fact, from wherever it is held; dates as an age in years."""
    if fact in facts.columns:
        value = pl.col(fact)
        if facts.schema[fact] == pl.Date and "as_of" in facts.columns:
            value = (pl.col("as_of") - value).dt.total_days() / 365.25
        return facts.select("citizen", value.alias("__value"))
    declared = pack.domain.facts.get(fact)
    numeric = declared is not None and declared.type is FactType.NUMBER
    return protected.filter(pl.col("name") == fact).select(
        "citizen", pl.col("number" if numeric else "value").alias("__value")
    )


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String)


def _banded(column: str, cuts: Sequence[float]) -> pl.Expr:
    """The band that a number falls in, closed below; null stays null."""
    value = pl.col(column).cast(pl.Float64)
    bands = [f"{low:g} to {high:g}" for low, high in pairwise(cuts)]
    label = pl.when(value < cuts[0]).then(pl.lit(f"under {cuts[0]:g}"))
    return reduce(
        lambda chain, band: chain.when(value < band[0]).then(pl.lit(band[1])),
        zip(cuts[1:], bands, strict=True),
        label.when(value.is_null()).then(pl.lit(None)),
    ).otherwise(pl.lit(f"{cuts[-1]:g} and over"))


def group_rates(
    frame: pl.DataFrame, groupings: Sequence[str], *, confidence: float = 0.95
) -> list[GroupRate]:
    """The rate of ``hit`` in every group, and its gap to everybody else.

    Intervals of the gaps are widened for the number of groups that are compared.

    Parameters
    ----------
    frame
        One row per citizen: the groupings as text, ``hit`` Boolean.
    """
    counted = {grouping: _counts(frame, grouping) for grouping in groupings}
    comparisons = sum(not hidden for rows in counted.values() for *_, hidden in rows)
    hits, n = int(frame["hit"].sum()), frame.height
    return [
        _rate(grouping, row, hits, n, confidence, comparisons)
        for grouping, rows in counted.items()
        for row in rows
    ]


def _counts(frame: pl.DataFrame, grouping: str) -> list[tuple[str, int, int, bool]]:
    """Group, size, hits, hidden; a second group is hidden when one alone could be inferred."""
    rows = (
        frame.group_by(grouping)
        .agg(pl.len().alias("n"), pl.col("hit").sum().alias("hits"))
        .sort("n", grouping)
        .rows()
    )
    small = sum(n < SMALLEST for _, n, _ in rows)
    hide = 2 if small == 1 else small
    return sorted(
        (str(name), int(n), int(hits), place < hide) for place, (name, n, hits) in enumerate(rows)
    )


def _rate(
    grouping: str,
    row: tuple[str, int, int, bool],
    all_hits: int,
    all_n: int,
    confidence: float,
    comparisons: int,
) -> GroupRate:
    name, n, hits, hidden = row
    if hidden:
        return GroupRate(grouping, name, 0, NOTHING, NOTHING, hidden=True)
    return GroupRate(
        grouping,
        name,
        n,
        wilson(hits, n, confidence=confidence),
        newcombe(
            hits, n, all_hits - hits, all_n - n, confidence=confidence, comparisons=comparisons
        ),
    )


def worst_gap(rates: Sequence[GroupRate]) -> GroupRate | None:
    """The group that certainly stays behind most: the lowest upper limit of the gap.

    Those of whom the sources do not say to which group they belong are no group of their own:
    see :func:`unplaced_gap`.
    """
    return _worst([rate for rate in rates if rate.group != UNKNOWN])


def unplaced_gap(rates: Sequence[GroupRate]) -> GroupRate | None:
    """The same of those whom the sources do not place: often people a silo could not link."""
    return _worst([rate for rate in rates if rate.group == UNKNOWN])


def _worst(rates: Sequence[GroupRate]) -> GroupRate | None:
    known = [rate for rate in rates if not rate.hidden and rate.gap.known]
    return min(known, key=lambda rate: rate.gap.high, default=None)
