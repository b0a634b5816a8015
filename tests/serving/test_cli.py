"""The command line: one clear line when something is wrong, one JSON object for a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.events import EVENTS
from features.lake import Lake
from serving.campaigns.outreach import SOURCE
from serving.cli import main
from serving.cli.console import LOG, start_log
from serving.cli.train import last_delivery
from serving.log_lines import IDENTIFIER
from tests.conftest import REPOSITORY, Municipality

PACK = str(REPOSITORY / "examples" / "gemeente")


def run(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def last_json(out: str) -> dict[str, object]:
    found = json.loads(out.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_a_folder_that_is_no_workspace_is_one_red_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(["score", "-w", str(tmp_path)], capsys)
    assert status == 1
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "voorzet init" in err


def test_an_unforeseen_fault_shows_no_stack_trace_and_logs_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["init", "--pack", PACK, "-w", str(tmp_path / "w")], capsys)

    def broken(*arguments: object, **named: object) -> None:
        raise RuntimeError("the number 123456782 was in the way")

    monkeypatch.setattr("serving.cli.ingest.ingest_into", broken)
    status, _, err = run(["ingest", "--data", PACK, "-w", str(tmp_path / "w")], capsys)
    log = (tmp_path / "w" / "logs" / "voorzet.log").read_text()
    assert status == 1
    assert "Traceback" not in err
    assert "Traceback" in log
    assert "123456782" not in log + err


def test_a_faulty_pack_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "pack")
    domain = tmp_path / "pack" / "domain.yaml"
    domain.write_text(domain.read_text().replace("time_zone:", "time_zon:", 1))
    arguments = ["init", "--pack", str(tmp_path / "pack"), "-w", str(tmp_path / "w")]
    ran = subprocess.run(
        [sys.executable, "-c", "from serving.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert ran.returncode == 1
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "domain.yaml, line" in ran.stderr
    assert not (tmp_path / "w").exists()


def test_the_log_keeps_no_citizen_service_number(tmp_path: Path) -> None:
    start_log(tmp_path)
    LOG.info("read 123456782 and 99999990", extra={})
    for handler in LOG.handlers:
        handler.flush()
    text = (tmp_path / "voorzet.log").read_text()
    assert not IDENTIFIER.search(text.split("INFO")[1])
    for handler in list(LOG.handlers):
        LOG.removeHandler(handler)
        handler.close()


def test_init_prints_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "een map"
    status, out, _ = run(["init", "--pack", PACK, "-w", str(folder), "--json"], capsys)
    assert status == 0
    assert out.count("\n") == 1
    assert last_json(out)["workspace"] == str(folder)


def test_help_is_there_without_the_heavy_libraries() -> None:
    code = (
        "import sys, serving.cli; "
        "print(sorted({'mlflow', 'evidently', 'lightgbm', 'sqlalchemy'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ran.stdout.strip() == "[]"


@pytest.fixture
def young(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A workspace in which nothing has happened yet."""
    folder = str(tmp_path / "young")
    run(["init", "--pack", PACK, "-w", folder], capsys)
    return folder


def test_the_dictionary_is_told_by_family_with_grounds_and_within_the_page(
    young: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, _ = run(["features", "--describe", "-w", young], capsys)
    lines = told.splitlines()
    assert status == 0
    assert lines.index("facts") < lines.index("recency")
    assert max(map(len, lines)) <= 100
    at = lines.index("  count_arrears_reported_30d")
    assert lines[at + 1].strip().startswith("Hoe vaak “Betaalachterstand gemeld” voorkwam")
    ground = " ".join(line.strip() for line in lines[at : at + 30])
    assert "Wet gemeentelijke schuldhulpverlening art. 3" in ground
    assert "Doelen: Hulp bij schulden" in ground


def test_under_a_purpose_only_its_signals_are_described(
    young: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def described(*more: str) -> dict[str, dict[str, object]]:
        _, told, _ = run(["features", "--describe", "-w", young, "--json", *more], capsys)
        found = last_json(told)["signals"]
        assert isinstance(found, list)
        return {one["name"]: one for one in found}

    every, some = described(), described("--purpose", "civil-affairs")
    arrears = every["count_arrears_reported_30d"]
    assert arrears["purposes"] == ["debt-help"]
    assert "schuldhulpverlening" in str(arrears["legal_basis"])
    assert 0 < len(some) < len(every)
    assert all("civil-affairs" in one["purposes"] for one in some.values())  # type: ignore[operator]
    assert "count_arrears_reported_30d" not in some
    status, _, said = run(["features", "--describe", "-w", young, "--purpose", "debt"], capsys)
    assert status == 1
    assert "expected one of income-support" in said


def test_the_dictionary_is_a_page_for_who_guards_privacy(
    young: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "pages" / "signals.md"
    arguments = ["features", "--markdown", str(page), "-w", young, "--purpose", "debt-help"]
    status, _, _ = run(arguments, capsys)
    written = page.read_text()
    assert status == 0
    assert written.startswith("# Signalen van Gemeente (voorbeeld)")
    assert "Hulp bij schulden" in written
    assert "| Signalen van betaalachterstand (`creditors`) | Wet gemeentelijke" in written
    (row,) = (line for line in written.splitlines() if "`count_arrears_reported_30d`" in line)
    assert row.count("|") == 6


def test_every_signal_is_described(
    municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(municipality.workspace.folder)
    status, out, _ = run(["features", "--describe", "-w", folder, "--json"], capsys)
    described = last_json(out)["signals"]
    assert status == 0
    assert isinstance(described, list)
    assert len(described) == len(municipality.bundle.columns.names)
    assert all(one["meaning"]["nl"] and one["meaning"]["en"] for one in described)
    bills = next(one for one in described if one["name"] == "count_arrears_reported_30d")
    assert bills["purposes"] == ["debt-help"]
    assert "schuldhulpverlening" in bills["legal_basis"]["creditors"]


def test_the_population_is_scored_with_citizens_as_texts(
    municipality: Municipality, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder, file = str(municipality.workspace.folder), tmp_path / "scores.parquet"
    status, out, _ = run(["score", "-w", folder, "--out", str(file), "--json"], capsys)
    told, rows = last_json(out), pl.read_parquet(file)
    assert status == 0
    assert rows.height == told["candidates"]
    assert rows.schema["citizen"] == pl.String
    assert rows.filter(pl.col("shown"))["citizen"].n_unique() == told["suggested"]


@pytest.mark.parametrize("citizen", ["abc", "1.5", "9999999999999999999"])
def test_what_is_no_pseudonym_is_told(
    citizen: str, municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(municipality.workspace.folder)
    status, _, err = run(["suggest", "--citizen", citizen, "-w", folder], capsys)
    assert status == 1
    assert "--citizen is a pseudonym" in err


def test_a_citizen_gets_suggestions_with_reasons(
    municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = municipality.lake.scan("facts").select("citizen").head(1).collect()
    folder = str(municipality.workspace.folder)
    asked = ["suggest", f"--citizen={facts['citizen'][0]}", "-w", folder, "--json"]
    status, out, _ = run(asked, capsys)
    assert status == 0
    assert "cards" in last_json(out)


def test_a_token_has_the_role_that_was_asked(
    municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    from serving.security import Role
    from serving.security.tokens import Tokens

    folder = str(municipality.workspace.folder)
    status, out, _ = run(["token", "--role", "outreach", "-w", folder], capsys)
    caller = Tokens(municipality.workspace.secret("token")).read(out.strip())
    assert status == 0
    assert caller.roles == frozenset({Role.OUTREACH})


def test_monitor_writes_its_report_and_its_exit_status_is_its_verdict(
    municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(municipality.workspace.folder)
    status, out, _ = run(["monitor", "-w", folder, "--json"], capsys)
    told = last_json(out)
    assert status == (0 if told["passed"] else 2)
    assert Path(str(told["html"])).stat().st_size > 100_000
    content = json.loads(Path(str(told["json"])).read_text())
    assert all(
        "n" not in one or one["n"] >= 10 for rates in content["groups"].values() for one in rates
    )


def test_evaluate_stands_beside_the_baselines(
    municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(municipality.workspace.folder)
    status, out, _ = run(["evaluate", "-w", folder, "--json"], capsys)
    told = last_json(out)
    assert status == 0
    assert told["champion"] is True
    assert set(told["lists"]) == {
        "need", "rules_need", "heads", "take_up", "ranker", "logistic", "last_state", "rules",
        "popularity",
    }  # fmt: skip


def test_training_ends_at_the_last_delivery_of_a_silo(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"), buckets=1)
    assert last_delivery(lake) is None
    delivered, sent, ahead = (datetime(year, 3, 1, tzinfo=UTC) for year in (2024, 2025, 2999))
    row = dict.fromkeys(EVENTS.names()) | {"citizen": 1, "type": "moved", "order": 0}
    told = (("register", delivered), (SOURCE, sent), ("register", ahead))
    rows = [
        row | {"event_id": str(place), "source": source, "occurred_at": at, "known_at": at}
        for place, (source, at) in enumerate(told)
    ]
    lake.append("events", pl.DataFrame(rows, schema=EVENTS))
    assert last_delivery(lake) == delivered


def test_training_without_events_says_what_to_do_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["init", "--pack", PACK, "-w", str(tmp_path / "w")], capsys)
    status, _, err = run(["train", "-w", str(tmp_path / "w")], capsys)
    assert status == 1
    assert "the lake holds no events: run voorzet ingest" in err


def test_a_server_loads_neither_lightgbm_nor_what_it_brings() -> None:
    """One citizen's scores come from the trees as arrays: a server is ready seconds earlier."""
    script = (
        "import sys; import serving.api.app; "
        "print(sorted({'lightgbm', 'sklearn', 'pandas', 'numba', 'mlflow'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert told.stdout.strip() == "[]"
