"""The packs of public data, from the raw file to an evaluation, by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from serving.cli.app import app_of

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
pytestmark = pytest.mark.real_data


def run(*words: str) -> Any:
    """The last line that a command prints, as JSON."""
    result = CliRunner().invoke(app_of(), [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture
def evaluated(real_data, tmp_path):
    """From raw file to evaluation: what was ingested, what was evaluated, the workspace."""

    def work(pack: str, file: str) -> tuple[Any, Any, str]:
        folder = str(tmp_path / pack)
        run("init", "--pack", str(EXAMPLES / pack), "--workspace", folder)
        landed = run("ingest", "--workspace", folder, "--data", str(real_data / file))
        run("train", "--workspace", folder)
        return landed, run("evaluate", "--workspace", folder), folder

    return work


@pytest.mark.slow("trains on a real log of 68 weeks")
def test_permit_requests(evaluated):
    landed, evaluation, _ = evaluated("receipt", "wabo_receipt.csv.gz")
    assert landed["events"] == 8_577
    assert landed["quarantined"] == {"permits": {}}
    head = evaluation["heads"]["contact-applicant"]
    assert head["basis"] == "model"
    assert head["auc"]["low"] > 0.5


@pytest.mark.slow("trains on 712 people over six years of months")
def test_school_leavers(evaluated):
    landed, evaluation, _ = evaluated("mvad", "traminer_mvad.csv")
    assert landed["events"] == 712 * 72
    assert evaluation["split"]["test_citizens"] == "unseen"
    assert {"heads", "popularity", "last_state"} <= set(evaluation["lists"])
    for lists in evaluation["lists"].values():
        assert 0 <= lists["first_hit"] <= 1


@pytest.mark.slow("fits ten times on real take-up")
def test_take_up_of_unemployment_benefit(evaluated):
    landed, evaluation, folder = evaluated("benefits", "ecdat_benefits.csv")
    assert landed["events"] == 4_877 + 3_335
    assert evaluation["heads"]["unemployment-benefit"]["basis"] == "model"
    again = run("evaluate", "--workspace", folder, "--repeats", "10")
    head = again["heads"]["unemployment-benefit"]
    gain = head["gain_over_logistic"]
    # as good as logistic regression, which is about all that these columns tell
    assert gain["low"] < 0 < gain["high"]
    assert gain["mean"] > -0.005
    assert head["auc"]["mean"] > 0.63
