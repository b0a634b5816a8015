"""Erasing a citizen from a real workspace: nothing is left in any file, and it can be seen."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from features.lake import Lake
from features.tables import TABLES
from serving.answers import Outcome
from serving.bootstrap import bootstrap
from serving.cli import main
from serving.cli.asking import operator
from serving.cli.erase import open_eraser
from serving.cli.retention import note_beyond_retention, open_retaining
from serving.erased_rows import citizen_columns
from serving.erasing import Theirs
from serving.removals import Kind, Removals
from serving.schema import audit, decisions, inbox, removals, slates, tables
from serving.sealing import Sealing
from serving.security import Caller, Role
from serving.workspace import Workspace
from tests.serving.office import BAKKER, JANSEN, KIM, PURPOSE, VISSER, Office, Somebody

ADMIN = operator(Role.ADMIN)


@dataclass
class Used:
    """The office after a day's work: slates, a decision, an objection, files of commands."""

    office: Office
    folder: Path

    @property
    def workspace(self) -> Workspace:
        return self.office.workspace

    def citizen(self, one: Somebody) -> int:
        return self.office.citizen(one)

    def run(
        self, capsys: pytest.CaptureFixture[str], *arguments: str
    ) -> tuple[int, dict[str, Any], str]:
        command = ["erase", "-w", str(self.folder), "--yes", "--json", "--grace", "0", *arguments]
        with pytest.raises(SystemExit) as ended:
            main(command)
        said = capsys.readouterr()
        told = json.loads(said.out.splitlines()[-1]) if said.out.strip() else {}
        return int(ended.value.code or 0), told, said.err

    def numbers(self, *people: Somebody) -> str:
        """A file with their numbers, outside the workspace."""
        path = self.folder.parent / "numbers.txt"
        path.write_text("".join(f"{one.number}\n" for one in people), encoding="utf-8")
        return str(path)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("erasing"), crowd=20)
    ask = {"language": "en", "purpose": PURPOSE, "by": KIM}
    for one in (JANSEN, BAKKER, VISSER):
        found = office.application.suggest(office.citizen(one), **ask)  # type: ignore[arg-type]
        office.application.person(office.citizen(one), **ask)  # type: ignore[arg-type]
        office.application.object(office.citizen(one), purpose=PURPOSE, by=KIM)
        for card in found.cards[:1]:
            office.application.decide(
                card.id, Outcome.ACCEPTED, by=KIM, language="en", comment=f"{one.name} called"
            )
    office.application.database.close()
    return office


@pytest.fixture
def used(worked: Office, tmp_path: Path) -> Used:
    """A copy of the workspace, as a test may change it."""
    folder = tmp_path / "workspace"
    shutil.copytree(worked.workspace.folder, folder, symlinks=True)
    copied = object.__new__(Office)
    copied.__dict__.update(worked.__dict__)
    copied.workspace = Workspace.open(folder)
    citizens = [copied.citizen(one) for one in worked.people]
    for name, kind in (("signals", pl.Int64), ("scores", pl.String)):
        (folder / name).mkdir()
        frame = pl.DataFrame({"citizen": citizens}).with_columns(
            pl.col("citizen").cast(kind), need=pl.int_range(pl.len())
        )
        frame.write_parquet(folder / name / "2026-06-01.parquet")
    (folder / "logs").mkdir(exist_ok=True)
    log = f"12:00 ERROR suggest {copied.citizen(JANSEN)} failed\n12:01 INFO done\n"
    (folder / "logs" / "voorzet.log").write_text(log, encoding="utf-8")
    return Used(copied, folder)


def rows_of(database: Path) -> dict[str, set[tuple[object, ...]]]:
    connection = sqlite3.connect(database)
    names = [table.name for table in tables.sorted_tables if table.name not in {"removals"}]
    found = {
        name: set(connection.execute(f"select * from {name}"))  # noqa: S608  # our own names
        for name in names
    }
    connection.close()
    return found


def test_an_erased_citizen_is_nowhere(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    status, told, err = used.run(capsys, "--numbers", used.numbers(JANSEN), "--delete-deliveries")
    assert (status, told["found"], told["unread"]) == (0, [], []), err
    assert told["citizens"] == 1
    assert told["deliveries"]["found"] == []
    touched = set(told["removed"])
    assert {"events", "facts", "slates", "suggestions", "objections", "vault"} <= touched
    assert {"vault_keys", "vault_index", "audit", "files", "logs"} <= touched
    assert told["files"] > 50
    assert told["tables"] > 15


def test_everything_of_everybody_else_stays(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    citizen, lake = used.citizen(JANSEN), Lake(used.workspace.lake)
    theirs = pl.any_horizontal(pl.col("^citizen|alias|relative$") == citizen).fill_null(False)
    before = {
        table: rows.filter(~theirs) if "citizen" in rows.columns else rows
        for table in TABLES
        if table != "tombstones"
        for rows in [lake.scan(table).collect()]
    }
    in_database = rows_of(used.folder / "voorzet.db")
    used.run(capsys, "--numbers", used.numbers(JANSEN))
    lake.refresh()
    for table, rows in before.items():
        assert set(lake.scan(table).collect().rows()) == set(rows.rows()), table
    after = rows_of(used.folder / "voorzet.db")
    for name, rows in in_database.items():
        if name not in {"audit", "audit_head"}:
            others = {row for row in rows if citizen not in row}
            assert after[name] == others, name
    for name in ("signals", "scores"):
        left = pl.read_parquet(used.folder / name / "2026-06-01.parquet")
        assert left.height == len(used.office.people) - 1
    log = (used.folder / "logs" / "voorzet.log").read_text(encoding="utf-8")
    assert "ERROR suggest" in log
    assert "12:01 INFO done" in log


def test_the_audit_stays_whole_and_says_that_somebody_was_erased(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    used.run(capsys, "--numbers", used.numbers(JANSEN))
    eraser = open_eraser(used.workspace, used.workspace.load_pack(), 0)
    assert eraser._audit.check() is None
    with eraser._database.read() as connection:
        actions = connection.execute(select(audit.c.action, audit.c.by, audit.c.citizen)).all()
        told = connection.execute(select(removals)).one()
    assert ("erase 1 citizens", ADMIN.subject, None) in [tuple(row) for row in actions]
    assert any(row.action == "suggest" and row.citizen is None for row in actions)
    assert (told.kind, told.by, told.citizens, told.pending) == (
        "erasure", ADMIN.subject, 1, None,
    )  # fmt: skip


def test_deliveries_are_told_apart_and_left_to_their_source(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, err = used.run(capsys, "--numbers", used.numbers(JANSEN))
    assert status == 1
    assert told["found"] == []
    found = told["deliveries"]["found"]
    assert sorted(found) == ["silos/desk/events.csv", "silos/register/people.csv"]
    assert JANSEN.number not in err + json.dumps(told)


@pytest.mark.parametrize("what", ["text", "parquet", "old file", "database", "name", "damaged"])
def test_a_leftover_is_found(what: str, used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    """What the erasure cannot mend, the looking tells: file and column, and nothing of it."""
    citizen = used.citizen(JANSEN)
    place = _plant(what, used, citizen)
    status, told, _ = used.run(capsys, "--numbers", used.numbers(JANSEN), "--delete-deliveries")
    assert status == 1
    assert place in told["found"] + told["unread"]
    assert not {str(citizen), JANSEN.number, JANSEN.name} & set(json.dumps(told).split('"'))


def _plant(what: str, used: Used, citizen: int) -> str:
    """Something of a citizen where no command leaves it; returns how it should be told."""
    folder = used.folder
    if what == "text":
        (folder / "reports").mkdir(exist_ok=True)
        (folder / "reports" / "note.json").write_text(f'{{"who": "{citizen}"}}')
        return "reports/note.json"
    if what == "parquet":
        frame = pl.DataFrame({"who": [{"number": citizen}]})
        frame.write_parquet(folder / "bundles" / "kept.parquet")
        return "bundles/kept.parquet, column who"
    if what == "old file":
        (folder / "lake" / "copy.bin").write_bytes(
            b"\1" + citizen.to_bytes(8, "little", signed=True)
        )
        return "lake/copy.bin"
    if what == "database":
        other = sqlite3.connect(folder / "other.db")
        other.execute("create table notes (said text)")
        other.execute("insert into notes values (?)", (f"about {JANSEN.number}",))
        other.commit()
        other.close()
        return "other.db: notes, column said"
    if what == "name":
        (folder / "export.csv").write_text(f'1,"{JANSEN.name.upper()}",letter\n')
        return "export.csv"
    whole = pl.DataFrame({"citizen": [1]})
    whole.write_parquet(folder / "cut.parquet")
    (folder / "cut.parquet").write_bytes((folder / "cut.parquet").read_bytes()[:-20])
    return "cut.parquet"


@pytest.mark.parametrize("step", ["bury", "erase", "forget_history", "clean_parquet", "erase_rows"])
def test_an_erasure_that_was_cut_off_is_finished_later(
    step: str, used: Used, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = used.citizen(JANSEN)
    eraser = open_eraser(used.workspace, used.workspace.load_pack(), 0)

    def cut_off(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"serving.erasing.{step}", cut_off)
        with pytest.raises(KeyboardInterrupt):
            eraser.erase(Theirs(frozenset({citizen}), frozenset({JANSEN.number})), by=ADMIN)
    eraser._database.close()
    status, told, err = used.run(capsys, "--unfinished", "--delete-deliveries")
    assert (status, told["found"], told["citizens"]) == (0, [], 1), err
    again = open_eraser(used.workspace, used.workspace.load_pack(), 0)
    assert again._removals.unfinished(Kind.ERASURE) == {}


def test_erasing_again_finds_nothing_to_do(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    used.run(capsys, "--numbers", used.numbers(JANSEN), "--delete-deliveries")
    status, told, _ = used.run(capsys, f"--citizen={used.citizen(JANSEN)}")
    assert status == 0
    assert told["removed"] == {}


def test_who_is_not_known_is_not_buried(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = used.folder.parent / "nobody.txt"
    nobody.write_text("999999990\n")
    status, _, err = used.run(capsys, "--numbers", str(nobody))
    assert status == 1
    assert "not known here, so nobody was erased" in err
    assert not Lake(used.workspace.lake).exists("tombstones")


def test_a_wrong_number_stops_everything_and_is_not_repeated(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    path = used.folder.parent / "wrong.txt"
    path.write_text(f"{JANSEN.number}\n123456789\n")
    status, _, err = used.run(capsys, "--numbers", str(path))
    assert status == 1
    assert "line 2: not a BSN" in err
    assert "123456789" not in err
    assert not Lake(used.workspace.lake).exists("tombstones")


def test_a_model_says_that_records_it_saw_are_gone(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = Lake(used.workspace.lake).versions()
    used.run(capsys, "--numbers", used.numbers(JANSEN))
    eraser = open_eraser(used.workspace, used.workspace.load_pack(), 0)
    register = Removals(eraser._database, Sealing(used.workspace.secret("vault")))
    assert [one.kind for one in register.since(seen)] == [Kind.ERASURE]
    assert register.since(Lake(used.workspace.lake).versions()) == ()


def test_every_table_with_citizens_is_erased_from() -> None:
    """A table that is added later has its pseudonyms in 64-bit columns, and is found by these."""
    named = {
        table.name
        for table in tables.sorted_tables
        if {"citizen", "alias", "relative"} & set(table.c.keys())
    }
    assert named <= {table.name for table in citizen_columns()}
    assert {slates.name, decisions.name} <= named


def test_the_moment_of_an_erasure_is_kept(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC)
    used.run(capsys, "--numbers", used.numbers(BAKKER, VISSER))
    eraser = open_eraser(used.workspace, used.workspace.load_pack(), 0)
    (one,) = Removals(eraser._database, Sealing(used.workspace.secret("vault"))).all()
    assert one.citizens == 2
    assert one.finished_at is not None
    assert before <= one.at <= one.finished_at


def test_retention_takes_out_of_lake_and_database_what_is_over(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    retaining = open_retaining(used.workspace, 0)
    retaining._days = 30
    later = datetime.now(UTC) + timedelta(days=3700)
    before = {name: len(rows) for name, rows in rows_of(used.folder / "voorzet.db").items()}
    counted = retaining.count(later)
    assert {name: len(rows) for name, rows in rows_of(used.folder / "voorzet.db").items()} == before
    done = retaining.retire(later, by=ADMIN)
    assert (done.lake, done.database) == (counted.lake, counted.database)
    lake = Lake(used.workspace.lake)
    assert set(counted.lake) == {("events", "desk"), ("relations", "register")}
    assert counted.lake["relations", "register"] == 1  # the guardianship that ended
    assert counted.lake["events", "desk"] == before_events(used)
    assert lake.scan("events").collect().is_empty()
    assert not lake.scan("facts").collect().is_empty()
    after = rows_of(used.folder / "voorzet.db")
    for name in ("slates", "suggestions", "decisions"):
        assert before[name] == done.database[name] > 0
        assert after[name] == set()
    assert len(after["objections"]) == before["objections"]  # they stand
    assert retaining._audit.check() is None
    again = retaining.retire(later, by=ADMIN)
    assert (again.lake, again.database) == ({}, {})


def before_events(used: Used) -> int:
    """How many events the desk delivered."""
    return used.office.report.events


def test_what_retention_passed_is_said(used: Used, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["retention", "-w", str(used.folder), "--grace", "0", "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert ended.value.code in (0, None)
    assert told["lake"] == []
    cut = datetime.fromisoformat(told["cutoffs"]["desk"])
    note_beyond_retention(used.workspace, cut + timedelta(days=1))
    assert capsys.readouterr().err == ""
    note_beyond_retention(used.workspace, cut - timedelta(days=1))
    assert f"desk {cut:%Y-%m-%d}" in capsys.readouterr().err


def test_a_citizen_who_is_delivered_again_stays_away(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    used.run(capsys, "--numbers", used.numbers(JANSEN))
    for path in (used.folder / "silos").rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["ingest", "-w", str(used.folder), "--data", str(used.folder / "silos"), "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["erased"] == 2  # the register's row and the event at the desk
    assert told["events"] == told["facts"] == 0
    status, looked, _ = used.run(capsys, "--unfinished")
    assert (status, looked["removed"]) == (0, {})


def test_messages_that_wait_to_land_go_as_well(
    used: Used, capsys: pytest.CaptureFixture[str]
) -> None:
    application = bootstrap(used.workspace)
    desk = Caller("desk", "The desk", frozenset({Role.SOURCE}))
    told = [
        {
            "specversion": "1.0",
            "id": f"waits-{one.number == JANSEN.number}",
            "source": "urn:nld:desk",
            "type": "nl.office.desk.happened",
            "data": {"bsn": one.number, "type": "called", "at": "2026-05-20T10:00:00Z"},
        }
        for one in (JANSEN, BAKKER)
    ]
    assert application.receive("cloudevents", told, b"", by=desk).accepted == 2
    application.database.close()
    _, erased, _ = used.run(capsys, "--numbers", used.numbers(JANSEN))
    assert erased["found"] == []
    with application.database.read() as connection:
        assert connection.execute(select(inbox)).all() == []
    landed = used.workspace.open_lake().scan("events").collect()
    assert landed.filter(pl.col("event_id").str.starts_with("waits"))["citizen"].to_list() == [
        used.citizen(BAKKER)
    ]
