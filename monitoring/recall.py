"""Who had been suggested what they later took up."""

from __future__ import annotations

import polars as pl

from features.pack import Pack
from models.worst_off import GROUPS
from monitoring.fairness import UNKNOWN
from monitoring.measured import Measured


def recalled(measured: Measured, taken: pl.DataFrame) -> pl.DataFrame:
    """One row per citizen who took something up that they were a candidate for.

    Returns
    -------
    citizen, hit (any of it had been among the suggestions), and the fairness groupings.
    """
    shown = measured.candidates.select("citizen", "service", "shown")
    hits = (
        taken.join(shown, on=["citizen", "service"], how="inner")
        .group_by("citizen")
        .agg(hit=pl.col("shown").any())
    )
    return hits.join(measured.groups, on="citizen", how="inner")


def recall_counts(measured: Measured, taken: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The counts that a promotion is judged by: :data:`models.worst_off.GROUPS`.

    They stay inside the gate; what is published goes through :mod:`monitoring.fairness`.
    """
    rows = recalled(measured, taken)
    parts = [
        rows.group_by(pl.col(grouping).replace(UNKNOWN, None).alias("group"))
        .agg(
            pl.len().cast(pl.Int64).alias("positives"),
            pl.col("hit").sum().cast(pl.Int64).alias("reached"),
        )
        .select(pl.lit(grouping).alias("grouping"), "group", "positives", "reached")
        for grouping in pack.domain.fairness
    ]
    return pl.concat([GROUPS.to_frame(), *parts]).sort("grouping", "group")
