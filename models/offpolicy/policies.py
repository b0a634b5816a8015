"""Policies: which service another way of choosing would have put in each explored slot.

A policy is ``rows`` of the slots in their own order, each with the chance of that service; what a
policy would choose beyond the candidates of a slot is a chance that is missing.
"""

from __future__ import annotations

import polars as pl

from models.matrix import Vector


def logged(rows: pl.DataFrame) -> Vector:
    """As it was drawn."""
    return rows["propensity"].to_numpy()


def uniform(rows: pl.DataFrame) -> Vector:
    """Any of them, with equal chances."""
    return rows.select(1 / pl.len().over("slot")).to_series().to_numpy()


def greedy(rows: pl.DataFrame) -> Vector:
    """Always the one that the logged model ranked first of them: no exploration."""
    return _first(rows.with_columns(score=-pl.col("rank").cast(pl.Float64)))


def by_score(rows: pl.DataFrame, scores: pl.DataFrame) -> Vector:
    """Always the one with the highest score.

    Parameters
    ----------
    scores
        slate, service, score: also of services that are no candidates of a slot. Where one of
        those is the highest, nothing that was logged tells what would follow: the slot's chances
        are all 0. A slot without any score has NaN.
    """
    best = (
        scores.sort("slate", "score", "service", descending=[False, True, False])
        .unique("slate", keep="first", maintain_order=True)
        .select("slate", best="service")
    )
    return (
        rows.join(best, on="slate", how="left", maintain_order="left")
        .select((pl.col("service") == pl.col("best")).cast(pl.Float64).fill_null(float("nan")))
        .to_series()
        .to_numpy()
    )


def _first(rows: pl.DataFrame) -> Vector:
    """1 for the highest ``score`` of each slot, ties by the service's name."""
    order = pl.struct(-pl.col("score"), "service").rank("ordinal").over("slot")
    return rows.select((order == 1).cast(pl.Float64)).to_series().to_numpy()
