"""``mlflow run`` trains: the project of the folder mlflow/, in the environment that is active."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from models.bundle import Bundle
from models.registry import CHALLENGER, Registry
from serving.cli.bundles import bundle_folders
from tests.conftest import REPOSITORY
from tests.serving.branch import branch

PROJECT = REPOSITORY / "mlflow"


def _run(entry: str, workspace: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """The project's entry point, with a command ``voorzet`` on the path as installing makes one."""
    commands = home / "bin"
    commands.mkdir(exist_ok=True)
    code = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from serving.cli import main; main()"
    )
    (commands / "voorzet").write_text(f"#!{sys.executable}\n{code}\n")
    (commands / "voorzet").chmod(0o755)
    here = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "mlflow", "run", str(PROJECT), "-e", entry, "--env-manager", "local",
         "-P", f"workspace={workspace}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env=os.environ | {"PATH": here, "MLFLOW_TRACKING_URI": f"sqlite:///{home}/runs.db"},
    )  # fmt: skip


def test_every_entry_point_is_a_command_of_ours() -> None:
    from serving.cli.app import app_of

    known = {command.name for command in app_of().registered_commands}
    told = yaml.safe_load((PROJECT / "MLproject").read_text())["entry_points"]
    assert {one["command"].split()[1] for one in told.values()} <= known
    assert "train" in told


@pytest.mark.slow("MLflow makes its database and starts the command line")
def test_train_runs_and_fails_with_our_own_words(tmp_path: Path) -> None:
    """A folder that is no workspace: the run gets as far as our command, and says what it said."""
    (tmp_path / "empty").mkdir()
    ran = _run("train", tmp_path / "empty", tmp_path)
    assert ran.returncode != 0
    assert "is not a workspace" in ran.stderr


@pytest.mark.slow("trains in a process of its own, which MLflow starts")
def test_train_trains(tmp_path: Path) -> None:
    """The run that MLflow started, and the run that tracks the training, know of each other."""
    workspace = branch(tmp_path / "workspace")
    ran = _run("train", workspace.folder, tmp_path)
    assert ran.returncode == 0, ran.stderr
    (folder,) = bundle_folders(workspace)
    bundle = Bundle.load(folder)
    assert bundle.evaluation["heads"]["bus-pass"]["basis"] == "model"
    registry = Registry(workspace.mlflow, bundle.pack)
    assert registry.bundle_of(CHALLENGER) == bundle.version
    (tracked,) = MlflowClient(tracking_uri=workspace.mlflow).search_runs(["1"])
    started = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/runs.db")
    by = started.get_run(tracked.data.tags["started_by_run"])
    assert by.info.status == "FINISHED"
    assert by.data.params["workspace"] == str(workspace.folder)
