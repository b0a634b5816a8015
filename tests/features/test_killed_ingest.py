"""An ingest that is killed at any moment, and run again, gives the lake of an undisturbed run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from features.lake import Lake
from features.tables import TABLES
from tests.features.silos import bsn

REPOSITORY = Path(__file__).resolve().parents[2]

SCRIPT = """
import json, os, signal, sys
from pathlib import Path
from deltalake import DeltaTable
from deltalake.table import TableMerger
from features.ingest import ingest
from features.lake import Lake
from features.sources import delimited
from tests.features.silos import NOW, PSEUDONYMS, town

data, folder, left, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
delimited.BLOCK_BYTES = 12_000  # many chunks out of small files

def mortal(commit):
    def committing(*given, **named):
        global left
        left -= 1
        if left == 0 and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = commit(*given, **named)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome
    return committing

def keep(identities):  # a vault: it keeps what it was handed, also when the ingest then dies
    with open(folder + ".people", "a") as vault:
        for row in identities.iter_rows():
            print(json.dumps(row, default=str), file=vault)

DeltaTable.create_write_transaction = mortal(DeltaTable.create_write_transaction)
TableMerger.execute = mortal(TableMerger.execute)
print("ready", flush=True)
ingest(town(), Lake(folder, buckets=4), PSEUDONYMS, data, now=NOW, identities=keep)
"""
"""Ingests; dies right before or after its given commit (0: it lives)."""


def _write_silos(folder: Path) -> None:
    """Steps with doubles, conflicts and faults; notices that are corrected and withdrawn; links
    that come with a later delivery."""
    header = "id;client;step;at;entered;case;channel;amount;note\n"
    lines = [
        f"{i % 900};C-{i % 70:04d};{'work' if i % 50 else 'dance'};2024-03-0{1 + i % 9}T09:00:00;"
        f"2024-03-10T10:00:00;K{i % 90};web;{i % 7};n{i % 450}\n"
        for i in range(1200)
    ]
    for name in ("cases", "later/cases", "register", "notices"):
        (folder / name).mkdir(parents=True)
    (folder / "cases/steps-1.csv").write_text(header + "".join(lines[:700]))
    (folder / "cases/steps-2.csv").write_text(header + "".join(lines[500:]))
    people = "".join(
        f"{bsn(10_000_000 + 37 * i)},N{i},A{i},1980-01-01,2020-01-0{1 + i % 9},{i},R,here,"
        f"{bsn(10_000_000 + 37 * (i + 1)) if i % 2 else ''}\n"
        for i in range(300)
    )
    kinds = ("event", "fact", "known-by", "protected", "relation")
    notices = "".join(
        f"{kinds[i % 5]},n{i % 45},C-{i % 70:04d},2024-02-{1 + i % 28:02d},"
        f"{'gone' if i % 9 == 4 else ''},2024-01-0{1 + i % 3},{i % 4}\n"
        for i in range(1000)
    )
    (folder / "notices/notices.csv").write_text("kind,id,client,said,state,day,value\n" + notices)
    header = "bsn,name,address,born,entered,income,tenure,origin,partner\n"
    (folder / "register/people.csv").write_text(header + people)
    links = "".join(f"C-{i:04d},{bsn(10_000_000 + 37 * i)}\n" for i in range(60))
    (folder / "later/cases/clients.csv").write_text("client,bsn\n" + links)


def _start(
    silos: Path, lake: Path, commits: int = 0, moment: str = "after"
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(silos), str(lake), str(commits), moment]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _finish(silos: Path, lake: Path) -> float:
    process = _start(silos, lake)
    begun = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    return time.monotonic() - begun


def _people(lake: Path) -> set[str]:
    """What the vault was handed."""
    return set(lake.with_name(f"{lake.name}.people").read_text().splitlines())


def _rows(folder: Path) -> dict[str, pl.DataFrame]:
    lake = Lake(str(folder), buckets=4)
    return {table: lake.scan(table).collect().sort(pl.all()) for table in TABLES}


def _differing(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> list[str]:
    return [table for table in TABLES if not one[table].equals(other[table])]


@pytest.fixture(scope="module")
def silos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silos")
    _write_silos(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(silos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    lake = tmp_path_factory.mktemp("undisturbed") / "lake"
    seconds = _finish(silos, lake)
    return lake, seconds + _finish(silos / "later", lake)


@pytest.mark.slow("starts Python again for every kill")
def test_an_ingest_killed_at_any_time_is_made_whole(
    silos: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    whole, seconds = undisturbed
    draw = random.Random(1)
    lake = tmp_path / "lake"
    for delivery in (silos, silos / "later"):
        for _ in range(2):
            process = _start(delivery, lake)
            time.sleep(draw.random() * seconds * 0.6)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        _finish(delivery, lake)
    assert _differing(_rows(whole), _rows(lake)) == []
    assert _people(lake) == _people(whole)


@pytest.mark.slow("starts Python again for every kill")
def test_an_ingest_killed_at_commit_upon_commit_is_made_whole(
    silos: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    """Every run dies a few commits further on than the last: also in links, moves, compaction."""
    whole, lake = undisturbed[0], tmp_path / "lake"
    draw, kills = random.Random(1), 0
    for delivery in (silos, silos / "later"):
        while True:
            moment = draw.choice(["before", "after"])
            process = _start(delivery, lake, draw.randint(2, 5), moment)
            process.communicate()
            if process.returncode == 0:
                break
            assert process.returncode == -signal.SIGKILL
            kills += 1
            assert kills < 100, "no run gets any further"
    assert kills > 5
    assert _differing(_rows(whole), _rows(lake)) == []
    assert _people(lake) == _people(whole)


def test_the_undisturbed_lake_holds_what_it_should(undisturbed: tuple[Path, float]) -> None:
    rows = _rows(undisturbed[0])
    # Per id, the first content wins: 900 ids, of which i % 50 == 0 is an unknown step.
    cases = rows["events"].filter(pl.col("source") == "cases")
    assert cases.height == 882
    assert rows["links"].height == 60
    assert rows["relations"].filter(pl.col("source") == "register").height == 150
    assert set(rows["quarantine"]["reason"]) == {"conflicting-duplicate", "unknown-event-type"}
    # Every notice comes in a few versions, and one in nine takes its record back.
    revised = rows["revisions"].group_by("table", "withdrawn").len()
    assert revised.height == 8
    assert revised["len"].min() > 20
