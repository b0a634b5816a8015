"""The demonstration, end to end, in a folder with a space."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Municipality
from tests.serving.process import voorzet


@pytest.mark.slow("the session's municipality is a whole demonstration")
def test_the_demonstration_runs_through(municipality: Municipality) -> None:
    told = municipality.told
    assert told["citizens"] > 1_400
    assert told["events"] > 10_000
    assert told["heads_trained"] > 0
    assert told["signals"] >= 240
    assert told["promotion"]["promoted"]
    assert told["report"]["verdicts"]
    assert told["quarantined"]["register"]["bsn-11-test"] > 0
    assert all({"metrics", "baselines"} <= set(head) for head in told["heads"].values())
    assert "Traceback" not in municipality.screen


def test_a_finished_demonstration_is_used_again(municipality: Municipality) -> None:
    again = voorzet("demo", "--no-serve", "--folder", str(municipality.workspace.folder), "--json")
    assert json.loads(again.stdout.strip().splitlines()[-1]) == municipality.told
    assert "used as it is" in again.stderr


def test_a_workspace_that_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "voorzet.toml").write_text('pack = "somewhere"\n')
    ran = voorzet("demo", "--no-serve", "--folder", str(tmp_path))
    assert ran.returncode == 1
    assert "choose another" in ran.stderr
    assert (tmp_path / "voorzet.toml").read_text() == 'pack = "somewhere"\n'
