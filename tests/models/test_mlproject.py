"""``mlflow run`` trains: the project of the folder mlflow/, in the environment that is active."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY

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
    from serving.cli.app import app

    known = {command.name for command in app.registered_commands}
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
