"""Labels by hand: take-up, help that censors, decisions, and what was not yet known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.events import EVENTS
from features.lake import Lake
from models.censoring import censoring_weights
from models.labels import HELP, Outcomes, labels, outcomes
from tests.models.town import town_pack

PACK = town_pack()
AS_OF = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = AS_OF + timedelta(days=200)


def _lake(folder: Path, rows: list[tuple[int, str, int, int]]) -> Lake:
    """Rows of citizen, event type, day it occurred, day it was known (from ``AS_OF``)."""
    lake = Lake(str(folder / "lake"), buckets=2)
    told = pl.DataFrame(
        {
            "event_id": [str(place) for place in range(len(rows))],
            "citizen": [row[0] for row in rows],
            "type": [row[1] for row in rows],
            "occurred_at": [AS_OF + timedelta(days=row[2]) for row in rows],
            "known_at": [AS_OF + timedelta(days=row[3]) for row in rows],
            "source": ["hall"] * len(rows),
            "case_type": ["allowance"] * len(rows),
            "order": list(range(len(rows))),
        }
    )
    missing = [name for name in EVENTS if name not in told.columns]
    full = told.with_columns(pl.lit(None, dtype=EVENTS[name]).alias(name) for name in missing)
    lake.append("events", full.select(EVENTS.names()).cast(dict(EVENTS)))
    return lake


def _labels(
    tmp_path: Path, rows: list[tuple[int, str, int, int]], citizens: list[int]
) -> tuple[list[int], list[float], list[int]]:
    found = outcomes(_lake(tmp_path, rows), PACK, UNTIL)
    one = labels(found, PACK, "allowance", AS_OF, pl.Series(citizens, dtype=pl.Int64))
    return one.taken.tolist(), one.weight.tolist(), one.decided.tolist()


def test_take_up_counts_within_the_horizon_only(tmp_path: Path) -> None:
    rows = [(1, "granted", 30, 31), (2, "granted", 91, 92), (3, "granted", 90, 90)]
    assert _labels(tmp_path, rows, [3, 1, 2, 4]) == ([1, 1, 0, 0], [1.0] * 4, [1, 1, -1, -1])


def test_what_became_known_after_the_cut_is_no_label(tmp_path: Path) -> None:
    assert _labels(tmp_path, [(1, "granted", 30, 201)], [1])[0] == [0]


def test_a_grant_not_yet_known_leaves_no_need(tmp_path: Path) -> None:
    assert _labels(tmp_path, [(1, "granted", -5, 3), (2, "granted", -5, -4)], [1, 2])[0] == [1, 0]


def test_help_censors_from_its_moment(tmp_path: Path) -> None:
    rows = [
        (1, "letter", 10, 10),
        (1, "granted", 30, 30),
        (2, "granted", 30, 30),
        (2, "letter", 40, 40),
        (3, "letter", -10, -10),
    ]
    taken, weight, decided = _labels(tmp_path, rows, [1, 2, 3, 4])
    assert taken == [0, 1, 0, 0]
    assert weight[0] == 0  # helped before anything happened
    assert weight[2] == 0  # already helped: not a person without help
    assert weight[1] == weight[3] == pytest.approx(1.5)  # one in three was helped before day 30
    assert decided == [1, 1, -1, -1]


def test_the_weights_make_up_for_those_who_were_helped() -> None:
    random = np.random.default_rng(3)
    start, help_at = random.exponential(60, 40_000), random.exponential(90, 40_000)
    days = np.minimum(np.minimum(start, help_at), 90)
    helped = (help_at < start) & (help_at < 90)
    taken = (start <= 90) & ~helped
    weight = censoring_weights(days, taken, helped)
    truth = 1 - np.exp(-90 / 60)
    assert (weight * taken).sum() / weight.sum() == pytest.approx(truth, abs=0.01)
    assert taken.mean() < truth - 0.1


def test_refusals_are_decisions(tmp_path: Path) -> None:
    rows = [(1, "refused", 5, 5), (1, "granted", 50, 50), (2, "refused", 100, 100)]
    taken, _, decided = _labels(tmp_path, rows, [1, 2])
    assert taken == [1, 0]
    assert decided == [0, -1]


def test_suggestions_shown_are_help_too(tmp_path: Path) -> None:
    shown = pl.DataFrame(
        {"citizen": [1], "service": ["allowance"], "at": [AS_OF + timedelta(days=1)]}
    ).cast(dict(HELP))
    lake = _lake(tmp_path, [(1, "granted", 30, 30)])
    found: Outcomes = outcomes(lake, PACK, UNTIL, shown)
    one = labels(found, PACK, "allowance", AS_OF, pl.Series([1], dtype=pl.Int64))
    assert one.weight.tolist() == [0.0]


def test_those_with_the_same_verdict_stand_in_for_whom_help_came_to(tmp_path: Path) -> None:
    """Letters go to half of the eligible; the others lose nobody."""
    found = outcomes(_lake(tmp_path, [(1, "letter", 10, 10), (9, "visit", 0, 0)]), PACK, UNTIL)
    people = pl.Series([1, 2, 3, 4], dtype=pl.Int64)
    known = np.array([True, True, False, False])
    told = labels(found, PACK, "allowance", AS_OF, people, known)
    assert told.weight.tolist() == pytest.approx([0.0, 2.0, 1.0, 1.0])
