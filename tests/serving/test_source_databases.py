"""``voorzet ingest --from-database``: a source's own database, by a URL that nobody gets to see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from features.lake import Lake
from serving.cli import main
from serving.workspace import Workspace, WorkspaceError
from tests.features.sources.services_town import ANN, BOB, write_pack

SECRET = "hunter2hunter2"


@pytest.fixture
def debts(tmp_path: Path) -> str:
    """The URL of a database of debts."""
    url = f"sqlite:///{tmp_path / 'debts.db'}"
    add(url, 1, ANN)
    return url


def add(url: str, number: int, bsn: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS arrears (id, bsn TEXT, since TEXT, amount, changed TEXT)"
        )
        row = (number, bsn, f"2026-01-0{number}", 5, f"2026-01-0{number}T10:00:00")
        connection.exec_driver_sql("INSERT INTO arrears VALUES (?, ?, ?, ?, ?)", row)
    engine.dispose()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    Workspace.init(tmp_path / "w", write_pack(tmp_path / "pack"))
    return tmp_path / "w"


def configure(workspace: Path, url: str) -> None:
    with (workspace / "voorzet.toml").open("a") as file:
        file.write(f"[databases]\ndebts = {json.dumps(url)}\n")


def ingest(workspace: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "-w", str(workspace), *more])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_database_is_read_and_read_on(
    workspace: Path, debts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(workspace, debts)
    status, out, _ = ingest(workspace, capsys, "--from-database", "debts", "--json")
    assert (status, json.loads(out)["events"]) == (0, 1)
    add(debts, 2, BOB)
    status, out, _ = ingest(workspace, capsys, "--from-database", "debts")
    assert status == 0
    assert "1 events" in out
    assert Lake(str(workspace / "lake")).rows("events") == 2


def test_the_environment_may_hold_the_url(
    workspace: Path, debts: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOORZET_DATABASES", json.dumps({"debts": debts}))
    assert ingest(workspace, capsys, "--from-database", "debts")[0] == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"nosuch://user:{SECRET}@host/name", "no URL that can be used"),
        (f"user:{SECRET}@host", "no URL that can be used"),
        (f"sqlite:////no/such/{SECRET}/folder.db", "cannot be reached"),
        ("sqlite:///:memory:", "did not answer the query"),
    ],
)
def test_a_password_is_in_no_message_and_no_log(
    workspace: Path, capsys: pytest.CaptureFixture[str], url: str, told: str
) -> None:
    configure(workspace, url)
    status, out, err = ingest(workspace, capsys, "--from-database", "debts")
    log = (workspace / "logs" / "voorzet.log").read_text()
    assert status == 1
    assert told in err
    assert SECRET not in out + err + log
    assert SECRET not in repr(Workspace.open(workspace))


def test_a_database_that_the_workspace_does_not_have_is_told(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = ingest(workspace, capsys, "--from-database", "debts")
    assert status == 1
    assert "VOORZET_DATABASES" in err


@pytest.mark.parametrize("more", [(), ("--data", ".", "--from-database", "debts")])
def test_files_or_a_database_and_not_both(
    workspace: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    status, _, err = ingest(workspace, capsys, *more)
    assert status == 1
    assert "--from-database, not both" in err


def test_settings_that_are_no_urls_are_refused_without_being_shown(workspace: Path) -> None:
    with (workspace / "voorzet.toml").open("a") as file:
        file.write(f'databases = ["{SECRET}"]\n')
    with pytest.raises(WorkspaceError) as refused:
        Workspace.open(workspace)
    assert SECRET not in str(refused.value)
