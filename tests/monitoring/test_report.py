"""The report: it holds what it should, and its tests can fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.domain import Domain
from features.pack import Pack
from monitoring.drift import drift
from monitoring.measured import Measured
from monitoring.report import MonitoringReport, build

N = 1_200


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """A pack that watches one grouping."""
    domain = Domain.model_validate(
        {
            "id": "town",
            "title": {"en": "Town"},
            "organisation": {"en": "Town"},
            "languages": ["en"],
            "time_zone": "UTC",
            "purposes": {"help": {"title": {"en": "Help"}, "legal_basis": "law"}},
            "sources": {
                "register": {
                    "title": {"en": "Register"},
                    "legal_basis": "law",
                    "purposes": ["help"],
                    "retention_days": 10,
                }
            },
            "fairness": {"origin": {"title": {"en": "Origin"}, "fact": "origin"}},
        }
    )
    return Pack(tmp_path, domain, {})


def measured(seed: int, *, shift: float = 0.0, unfair: bool = False) -> Measured:
    """A made-up population: two signals, one service, two groups."""
    rng = np.random.default_rng(seed)
    citizens = pl.Series("citizen", np.arange(N, dtype=np.int64))
    south = np.arange(N) % 3 == 0
    shown = rng.random(N) < np.where(south & unfair, 0.3, 0.8)
    unaided = rng.uniform(0.0, 0.4, N)
    return Measured(
        datetime(2026, 1, 1, tzinfo=UTC),
        pl.DataFrame(
            {"citizen": citizens, "steady": rng.normal(size=N), "moving": rng.normal(shift, 1, N)}
        ),
        pl.DataFrame(
            {
                "citizen": citizens,
                "service": pl.Series(["aio"] * N),
                "unaided": unaided,
                "need": 1 - unaided,
                "rank": pl.Series(np.ones(N, np.int32)),
                "shown": shown,
            }
        ),
        pl.DataFrame({"citizen": citizens, "origin": np.where(south, "south", "north").tolist()}),
    )


def taken(population: Measured, seed: int) -> pl.DataFrame:
    """Everyone takes up the service with the chance that was foreseen."""
    rng = np.random.default_rng(seed)
    rows = population.candidates
    return rows.filter(pl.Series(rng.random(N)) < rows["unaided"]).select("citizen", "service")


def report(pack: Pack, folder: Path, **current: float) -> MonitoringReport:
    reference = measured(1)
    nobody = pl.DataFrame(schema={"citizen": pl.Int64})
    return build(
        pack,
        reference,
        measured(2, **current),
        taken(reference, 3),
        nobody,
        folder,
        heads=["aio"],
    )


def test_a_steady_population_passes(pack: Pack, tmp_path: Path) -> None:
    found = report(pack, tmp_path / "out")
    assert found.passed, found.summary
    assert found.html.stat().st_size > 100_000
    content = json.loads(found.json.read_text())
    assert content["passed"] is True
    assert [one["service"] for one in content["heads"]] == ["aio"]
    assert {one["group"] for one in content["groups"]["recalled"]} == {"north", "south"}


def test_signals_that_moved_fail_the_test_and_are_named(pack: Pack, tmp_path: Path) -> None:
    found = report(pack, tmp_path / "out", shift=1.0)
    assert not found.passed
    assert "moving" in found.summary


def test_a_group_that_was_passed_over_fails_the_test(pack: Pack, tmp_path: Path) -> None:
    reference = measured(1, unfair=True)
    found = build(
        pack,
        reference,
        measured(2),
        taken(reference, 3),
        pl.DataFrame(schema={"citizen": pl.Int64}),
        tmp_path / "out",
        heads=["aio"],
    )
    assert not found.passed
    assert "south" in found.summary


def test_heads_that_expect_too_much_fail_the_test(pack: Pack, tmp_path: Path) -> None:
    reference = measured(1)
    nobody = pl.DataFrame(schema={"citizen": pl.Int64})
    found = build(
        pack,
        reference,
        measured(2),
        taken(reference, 3).head(10),
        nobody,
        tmp_path / "out",
        heads=["aio"],
    )
    assert not found.passed


def test_drift_is_an_effect_size() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=20_000)
    assert drift("same", base, rng.normal(size=20_000)).distance < 0.05
    assert drift("moved", base, base + 0.5).distance == pytest.approx(0.5, abs=0.05)
    assert drift("few", base, base[:20] + 0.3).distance == 0.0
    gone = base.copy()
    gone[:10_000] = np.nan
    assert drift("missing", base, gone).distance == pytest.approx(0.5, abs=0.05)
