"""``voorzet ingest --from-database``: a source's own database, by a URL that nobody gets to see."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from features.lake import Lake
from features.revisions import everyone_standing
from serving.cli import main
from serving.workspace import Workspace, WorkspaceError
from tests.features.sources.services_town import ANN, BOB, DEBTS, write_pack

SECRET = "hunter2hunter2"


@pytest.fixture
def debts(tmp_path: Path) -> str:
    """The URL of a database of debts."""
    url = f"sqlite:///{tmp_path / 'debts.db'}"
    add(url, 1, ANN)
    return url


def add(url: str, number: int, bsn: str) -> None:
    day = f"2026-01-0{number}"
    run(
        url,
        "CREATE TABLE IF NOT EXISTS arrears"
        " (id INTEGER, bsn TEXT, since TEXT, amount INTEGER, changed TEXT)",
    )
    row = f"({number}, '{bsn}', '{day}', 5, '{day}T10:00:00')"
    run(url, f"INSERT INTO arrears VALUES {row}")  # noqa: S608 our own


def run(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    Workspace.init(tmp_path / "w", write_pack(tmp_path / "pack"))
    return tmp_path / "w"


@pytest.fixture
def cleared(tmp_path: Path) -> Path:
    """A workspace on a pack in which a deleted row takes its record back."""
    Workspace.init(
        tmp_path / "cleared", write_pack(tmp_path / "p", debts=DEBTS | {"may_vanish": 0.4})
    )
    return tmp_path / "cleared"


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


def test_a_row_that_was_deleted_takes_its_record_back(
    cleared: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, bsn in enumerate([ANN, BOB, ANN], start=1):
        add(address, number, bsn)
    configure(cleared, address)
    asked = ("--from-database", "debts", "--reconcile")
    status, out, _ = ingest(cleared, capsys, *asked)
    assert (status, "0 of 3 events are gone" in out) == (0, True)
    run(address, "DELETE FROM arrears WHERE id = 2")
    status, out, _ = ingest(cleared, capsys, *asked, "--json")
    (told,) = json.loads(out.splitlines()[-1])["reconciled"]
    assert (status, told["records"], told["gone"], told["problem"]) == (0, 3, 1, None)
    now = datetime.now(UTC)
    lake = Lake(str(cleared / "lake"))
    assert everyone_standing(lake, "events", now).collect()["event_id"].sort().to_list() == [
        "1",
        "3",
    ]
    run(address, "DELETE FROM arrears")
    status, _, err = ingest(cleared, capsys, *asked)
    assert (status, "2 of 2 records are no longer" in " ".join(err.split())) == (1, True)
    assert Lake(str(cleared / "lake")).rows("revisions") == lake.rows("revisions")
    status, out, _ = ingest(cleared, capsys, *asked, "--may-vanish", "1")
    assert (status, "2 of 2 events are gone: taken back" in out) == (0, True)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--data", ".", "--reconcile"), "goes with --from-database"),
        (("--from-database", "debts", "--reconcile"), "says what a deleted row means"),
    ],
)
def test_reconciling_is_asked_of_a_database_whose_pack_says_what_it_means(
    workspace: Path,
    debts: str,
    capsys: pytest.CaptureFixture[str],
    asked: tuple[str, ...],
    told: str,
) -> None:
    configure(workspace, debts)
    status, _, err = ingest(workspace, capsys, *asked)
    assert (status, told in " ".join(err.split())) == (1, True)


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
