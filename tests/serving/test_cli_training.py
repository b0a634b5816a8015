"""Training on the command line, from the search for settings to the same model again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from models.bundle import Bundle
from serving.cli.app import app_of
from serving.cli.train import compared_with
from serving.workspace import Workspace
from tests.serving.branch import branch
from tests.serving.office import PACK
from tests.serving.test_cli import last_json, run

TITLES = ("need reached", "NDCG", "novelty (bits)", "not found unaided", "of catalogue")


slow = pytest.mark.slow("trains, and MLflow makes its database")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Any]]:
    """The branch after ``voorzet train --search 2``, and what that printed."""
    workspace = branch(tmp_path_factory.mktemp("branch") / "workspace")
    folder = str(workspace.folder)
    told = CliRunner().invoke(app_of(), ["train", "-w", folder, "--search", "2", "--json"])
    assert told.exit_code == 0, told.output
    return workspace, last_json(told.stdout)


def _client(workspace: Workspace) -> MlflowClient:
    return MlflowClient(tracking_uri=workspace.mlflow)


def _artifacts(client: MlflowClient, run_id: str) -> set[str]:
    return {one.path for one in client.list_artifacts(run_id, "plots")}


@slow
def test_train_with_a_search_leaves_a_bundle_that_says_all(
    trained: tuple[Workspace, dict[str, Any]],
) -> None:
    workspace, told = trained
    bundle = Bundle.load(workspace.bundles / told["version"])
    assert bundle.training["settings"]["seed"] == workspace.seed
    found = told["evaluation"]
    assert found["heads"]["bus-pass"]["basis"] == "model"
    assert {"take_up", "logistic"} <= set(found["heads"]["bus-pass"]["baselines"])
    assert found["cohort"]["people_in_lake"] == 450
    assert found["maturity"]["periods"][-1] == "too young"
    client = _client(workspace)
    (run_,) = client.search_runs(["1"])
    assert "plots/reliability.png" in _artifacts(client, run_.info.run_id)


@slow
def test_evaluate_tells_who_reaches_the_need(
    trained: tuple[Workspace, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(["evaluate", "-w", str(trained[0].folder)], capsys)
    assert status == 0
    assert all(title in out for title in TITLES)
    assert re.search(r"^need +\d\.\d{3} ", out, re.MULTILINE)


@slow
def test_reproduce_finds_the_same_model_and_writes_nothing(
    trained: tuple[Workspace, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its settings were searched for; they stand in the bundle, and no search is made again."""
    workspace, told = trained
    before = sorted(workspace.bundles.iterdir())
    status, out, _ = run(["reproduce", "-w", str(workspace.folder), "--json"], capsys)
    assert status == 0
    again = last_json(out)
    assert (again["same_data"], again["same_model"]) == (True, True)
    assert again["version"] == again["again"] == told["version"]
    assert sorted(workspace.bundles.iterdir()) == before


@slow
def test_over_time_trains_at_past_dates_and_draws_them(
    trained: tuple[Workspace, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = trained
    folder = str(workspace.folder)
    status, out, _ = run(["evaluate", "--over-time", "2", "--json", "-w", folder], capsys)
    assert status == 0
    told = last_json(out)
    rounds: Any = told["rounds"]
    assert [one["tested_from"] for one in rounds] == sorted(one["tested_from"] for one in rounds)
    # the champion of the second round is the model of the first
    assert "auc_champion" not in {k for k, v in rounds[0]["summary"].items() if v is not None}
    assert rounds[1]["summary"]["auc_champion"] is not None
    client = _client(workspace)
    assert _artifacts(client, str(told["run"])) == {"plots/over_time.png"}
    history = client.get_metric_history(str(told["run"]), "auc")
    assert [one.step for one in history] == [0, 1]


def test_a_damaged_champion_is_told_and_does_not_stop_a_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.init(tmp_path / "workspace", PACK)
    assert compared_with(workspace) is None
    assert capsys.readouterr().err == ""
    damaged = workspace.bundles / "20260101-0"
    damaged.mkdir(parents=True)
    workspace.champion.symlink_to(damaged.name)
    assert compared_with(workspace) is None
    assert "not compared with" in capsys.readouterr().err
