"""Friction in two real logs, as told of them and as counted in the raw files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.friction.report import FrictionReport, friction_in
from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.pseudonyms import Pseudonyms

RECEIPT = Path(__file__).resolve().parents[3] / "examples" / "receipt"
AS_OF = datetime(2012, 1, 31, tzinfo=UTC)

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def receipt(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FrictionReport:
    pack, lake = load_pack(RECEIPT), Lake(str(tmp_path_factory.mktemp("lake")), buckets=4)
    file = real_data / "wabo_receipt.csv.gz"
    ingest(pack, lake, Pseudonyms(bytes(range(32))), file, now=datetime(2026, 1, 1, tzinfo=UTC))
    return friction_in(lake, pack, AS_OF)


def test_handovers_and_bounces_of_the_receipt_of_permits(receipt: FrictionReport) -> None:
    cases = receipt.cases
    assert cases.height == 1_434
    assert cases["handovers"].sum() == 1_208
    assert round(100 * cases.filter(pl.col("bounces") > 0).height / cases.height, 1) == 6.7
    assert cases.filter(pl.col("spirals") > 0).height > cases.filter(pl.col("bounces") > 0).height


def test_teams_and_steps_add_up_to_the_cases(receipt: FrictionReport) -> None:
    for frame in (receipt.teams, receipt.steps):
        for measure in ("events", "handovers", "redos", "worked_days", "idle_days"):
            assert frame[measure].sum() == receipt.cases[measure].sum()


def test_the_log_tells_everybody_and_records_a_completion_for_most(receipt: FrictionReport) -> None:
    told = receipt.sources.row(0, named=True)
    assert told["employee_told"] == told["step_told"] == told["case_told"] == 1
    assert told["work"] == 8_577
    assert told["waiting"] + told["ended"] == 1_434
    assert told["gaps"] == 0
