"""Whom a campaign reaches and misses, by group. Groups of fewer than ten are never shown."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from features.pack import Pack
from monitoring.fairness import GroupRate, group_rates


@dataclass(frozen=True, slots=True)
class Reach:
    """Among everyone who could be approached, the share of each group that the pool holds."""

    candidates: int
    pool: int
    groups: tuple[GroupRate, ...]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "candidates": self.candidates,
            "pool": self.pool,
            "groups": [group.as_dict() for group in self.groups],
        }


def reach(ranked: pl.DataFrame, pool: int, groups: pl.DataFrame, pack: Pack) -> Reach:
    """The reach of the first ``pool`` people of ``ranked``.

    Parameters
    ----------
    ranked
        citizen, most needed first.
    groups
        :func:`monitoring.fairness.groups`, of at least these citizens.
    """
    chosen = ranked.select("citizen").with_columns(hit=pl.int_range(pl.len()) < pool)
    frame = chosen.join(groups, on="citizen", how="left", maintain_order="left")
    found = group_rates(frame, list(pack.domain.fairness))
    return Reach(ranked.height, min(pool, ranked.height), tuple(found))
