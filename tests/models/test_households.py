"""Households: partners and their young children, as known at a date."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from features.lake import Lake
from features.relations import RELATIONS
from models.households import households
from models.metrics import cluster_draws

AT = datetime(2025, 1, 1, tzinfo=UTC)


def _lake(folder: Path, *ties: tuple[int, str, int, date | None, datetime]) -> Lake:
    rows = [
        {
            "relation_id": f"r{place}",
            "citizen": citizen,
            "kind": kind,
            "relative": relative,
            "relative_birth_date": born,
            "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
            "known_at": known,
            "source": "register",
            "order": place,
        }
        for place, (citizen, kind, relative, born, known) in enumerate(ties)
    ]
    lake = Lake(str(folder), buckets=2)
    frame = pl.DataFrame(rows, schema_overrides=dict(RELATIONS))
    missing = [pl.lit(None, dtype).alias(n) for n, dtype in RELATIONS.items() if n not in frame]
    lake.append("relations", frame.with_columns(missing).select(RELATIONS.names()))
    return lake


def test_partners_and_young_children_are_one_household(tmp_path: Path) -> None:
    early, late = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    lake = _lake(
        tmp_path,
        (1, "partner", 2, None, early),
        (2, "child", 3, date(2015, 1, 1), early),
        (1, "child", 4, date(1990, 1, 1), early),  # has left home
        (5, "partner", 6, None, late),  # not known yet
        (7, "representative", 5, None, early),
        (8, "partner", 99, None, early),  # the partner is not among those asked for
    )
    asked = np.array([1, 2, 3, 4, 5, 6, 7, 8, 1], dtype=np.int64)
    found = households(lake, AT, asked)
    assert found[0] == found[1] == found[2] == found[8]
    assert len(set(found[[0, 3, 4, 5, 6, 7]].tolist())) == 6


def test_one_household_is_drawn_together(tmp_path: Path) -> None:
    lake = _lake(tmp_path, (1, "partner", 2, None, datetime(2024, 1, 1, tzinfo=UTC)))
    drawn = cluster_draws(households(lake, AT, np.array([1, 2, 3])), seed=1)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 0] != drawn[:, 2]).any()


def test_without_relations_everybody_is_alone(tmp_path: Path) -> None:
    lake = _lake(tmp_path, (1, "parent", 2, None, datetime(2024, 1, 1, tzinfo=UTC)))
    assert len(set(households(lake, AT, np.arange(5)).tolist())) == 5
