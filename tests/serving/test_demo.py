"""The demonstration, end to end, in a folder with a space."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

COMMAND = [sys.executable, "-c", "from serving.cli import main; main()", "demo", "--no-serve"]


def demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--folder", str(folder), "--json", *more],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )


@pytest.mark.slow("runs the whole demonstration in a process of its own")
def test_the_demonstration_runs_through_and_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "een demo"
    first = demo(folder, "--citizens", "1000")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout.strip().splitlines()[-1])
    assert told["citizens"] > 900
    assert told["events"] > 10_000
    assert told["heads_trained"] > 0
    assert told["signals"] >= 240
    assert told["promotion"]["promoted"]
    assert told["report"]["verdicts"]
    assert told["quarantined"]["register"]["bsn-11-test"] > 0
    assert all({"metrics", "baselines"} <= set(head) for head in told["heads"].values())
    assert "Traceback" not in first.stderr

    again = demo(folder)
    assert json.loads(again.stdout.strip().splitlines()[-1]) == told
    assert "used as it is" in again.stderr


def test_a_workspace_that_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "voorzet.toml").write_text('pack = "somewhere"\n')
    ran = demo(tmp_path)
    assert ran.returncode == 1
    assert "choose another" in ran.stderr
    assert (tmp_path / "voorzet.toml").read_text() == 'pack = "somewhere"\n'
