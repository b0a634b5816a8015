"""What becomes of what was accepted when something fails: a kill, a full disk, no database."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import polars as pl
import pytest
from starlette.testclient import TestClient

from features.lake import Lake
from serving.api.app import app_of
from serving.bootstrap import lander_of
from serving.security import Caller, Role
from serving.workspace import Workspace
from tests.serving.office import BAKKER, JANSEN, KIM, PURPOSE, Office
from tests.serving.postgres import Cluster

DESK = Caller("desk", "The desk's system", frozenset({Role.SOURCE}))
BATCH = "application/cloudevents-batch+json"


def events(name: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "specversion": "1.0",
            "id": f"{name}-{number}",
            "source": "urn:nld:desk",
            "type": "nl.office.desk.happened",
            "data": {
                "bsn": (JANSEN, BAKKER)[number % 2].number,
                "type": "called",
                "at": "2026-05-20T10:00:00Z",
                **more,
            },
        }
        for number in range(count)
    ]


def landed(workspace: Workspace, lake: Lake, prefix: str) -> list[str]:
    """The ids of the events in the lake that begin so, once for each row."""
    lander = lander_of(workspace)
    for _ in range(300):  # who held the lease died: it ends by itself
        try:
            lander.land()
            break
        except Exception:
            time.sleep(0.1)
    lander.close()
    lander.database.close()
    fresh = Lake(lake.uri, buckets=lake.buckets)
    rows = fresh.scan("events").filter(pl.col("event_id").str.starts_with(prefix)).collect()
    return sorted(rows["event_id"])


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def serve(workspace: Workspace, port: int) -> subprocess.Popen[bytes]:
    script = (
        "from pathlib import Path; from serving.cli import main; "
        f"main(['serve', '--workspace', {str(workspace.folder)!r}, '--port', '{port}'])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"VOORZET_LAND_EVERY_SECONDS": "0.05"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def post(port: int, token: str, told: list[dict[str, Any]]) -> int:
    """The status; 0 without an answer."""
    asked = Request(  # our own server
        f"http://127.0.0.1:{port}/v1/events",
        json.dumps(told).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": BATCH},
    )
    try:
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except (URLError, OSError):
        return 0


@pytest.mark.slow("starts a real server twice and kills it")
def test_what_was_accepted_by_a_server_that_was_killed_is_in_the_lake_once(
    office: Office, port: int
) -> None:
    token, draw = office.token(DESK), random.Random(4)
    accepted: list[str] = []
    for life in range(2):
        server = serve(office.workspace, port)
        deadline = time.monotonic() + 120
        while not post(port, token, []) and time.monotonic() < deadline:
            time.sleep(0.1)
        killer = threading.Timer(draw.uniform(0.5, 3.0), server.send_signal, [signal.SIGKILL])
        for number in range(10_000):
            told = events(f"killed-{life}-{number}", 20)
            if post(port, token, told) != 202:
                break
            accepted += [one["id"] for one in told]
            if number == 0:
                killer.start()  # on a busy machine the first may take its time
        killer.join()
        server.wait()
    assert accepted
    found = landed(office.workspace, office.lake, "killed-")
    assert len(found) == len(set(found))
    assert set(accepted) <= set(found)


def log_only_grows(reader: sqlite3.Connection, file: str) -> None:
    """Empty the write-ahead log and keep a reader on it: until the reader closes nothing can be
    written over its beginning, so every commit makes the file longer."""
    reader.execute("PRAGMA busy_timeout = 10000")
    emptied = reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert emptied[0] == 0, f"{Path(file).name}: the log was in use"
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def test_a_full_disk_loses_nothing_that_was_accepted(office: Office) -> None:
    with (
        TestClient(app_of(office.application), raise_server_exceptions=False) as client,
        closing(sqlite3.connect(office.workspace.database.removeprefix("sqlite:///"))) as reader,
    ):
        headers = {"Authorization": f"Bearer {office.token(DESK)}", "Content-Type": BATCH}

        def send(name: str) -> Any:
            body = json.dumps(events(name, 50, service="top-up" * 20))
            return client.post("/v1/events", content=body, headers=headers)

        file = office.workspace.database.removeprefix("sqlite:///")
        log_only_grows(reader, file)
        assert send("full-before").status_code == 202
        most = Path(f"{file}-wal").stat().st_size + 40_000
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            answers = [send(f"full-{number}") for number in range(8)]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)
        statuses = [answer.status_code for answer in answers]
        assert 503 in statuses
        assert set(statuses) <= {202, 503}
        assert answers[statuses.index(503)].headers["Retry-After"]
        assert send("full-after").status_code == 202
    accepted = {
        f"full-{number}-{place}"
        for number, status in enumerate(statuses)
        if status == 202
        for place in range(50)
    }
    accepted |= {f"full-{when}-{place}" for when in ("before", "after") for place in range(50)}
    assert landed(office.workspace, office.lake, "full-") == sorted(accepted)


@pytest.fixture(scope="module")
def away(
    tmp_path_factory: pytest.TempPathFactory, cluster: Cluster
) -> Iterator[tuple[Office, Cluster]]:
    """An office on a server that a test may stop."""
    made = Office(tmp_path_factory.mktemp("away"), crowd=20, database=cluster.database())
    yield made, cluster
    made.application.database.close()


def test_a_database_that_goes_away_and_comes_back(away: tuple[Office, Cluster]) -> None:
    office, cluster = away
    asked = {"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE, "language": "en"}
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:

        def suggest() -> Any:
            headers = {"Authorization": f"Bearer {office.token(KIM)}"}
            return client.post("/v1/suggestions/_search", json=asked, headers=headers)

        def send(name: str) -> Any:
            headers = {"Authorization": f"Bearer {office.token(DESK)}", "Content-Type": BATCH}
            told = json.dumps(events(name, 3))
            return client.post("/v1/events", content=told, headers=headers)

        cards = suggest().json()["cards"]
        assert send("away-before").status_code == 202
        cluster.stop()
        try:
            for answer in (suggest(), send("away-during")):
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
                assert "does not answer" in answer.json()["detail"]
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["database"]) == (503, "does not answer")
            assert client.get("/healthz").status_code == 200
        finally:
            cluster.start()
        assert [card["service"] for card in suggest().json()["cards"]] == [
            card["service"] for card in cards
        ]
        assert client.get("/readyz").status_code == 200
        assert send("away-after").status_code == 202
    found = landed(office.workspace, office.lake, "away-")
    assert found == sorted(f"away-{when}-{n}" for when in ("after", "before") for n in range(3))
