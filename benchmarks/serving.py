"""Serving, by a real server over real HTTP: suggestions, events, and a server that is killed.

The made-up town (:mod:`benchmarks._town_workspace`) is served by ``voorzet serve``. Each suggestion
is five explained cards from signals worked out fresh, for a citizen drawn at random who was not
asked for before; ledger and audit are written. Beside it ``mlflow models serve`` answers one bare
row with one model of as many trees, in the same run. Then events are sent in batches of a hundred,
and the server is killed (SIGKILL) at random, again and again, while they are sent: what it had
accepted has to be in the lake once.

The load generator is this process, on the same cores as the server: what it takes is taken from it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, select

from benchmarks import _town_workspace as town
from benchmarks._measuring import Claim, note, tell
from models.bundle import Bundle
from models.heads import Trees
from serving.cli.token import make_token
from serving.database import Database
from serving.schema import audit, slates
from serving.security import Role
from serving.workspace import Workspace

CITIZENS, PER_BUCKET = 200_000, 12_500
ASKED, WARM = 600, 40
SECONDS = 20.0
CLIENTS = 4
KILLS = 10
AT_ONCE = 100
BATCH = "application/cloudevents-batch+json"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Client:
    """One connection that stays open."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """The status and the body."""
        self._connection.request(method, path, body, self._headers | {"Content-Type": kind})
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def wait(port: int, path: str, process: subprocess.Popen[bytes], seconds: float = 300) -> None:
    """Until an address answers 200."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        try:
            if Client(port).ask("GET", path)[0] == 200:
                return
        except (OSError, HTTPException):
            if process.poll() is not None:
                raise SystemExit("the server stopped by itself") from None
        time.sleep(0.02)
    raise SystemExit(f"{path} did not answer within {seconds:.0f} s")


@contextmanager
def served(
    workspace: Workspace, workers: int = 1
) -> Iterator[tuple[int, float, subprocess.Popen[bytes]]]:
    """The port of a server, the seconds until it was ready, and its process."""
    port, start = free_port(), time.perf_counter()
    script = (
        "from serving.cli import main; "
        f"main(['serve', '--workspace', {str(workspace.folder)!r}, '--port', '{port}', "
        f"'--workers', '{workers}'])"
    )
    root = str(Path(__file__).resolve().parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": root, "VOORZET_RATE_LIMIT": "100000/second"},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(port, "/readyz", process)
        yield port, time.perf_counter() - start, process
    finally:
        process.terminate()
        process.wait(60)


def body_of(citizen: int) -> bytes:
    """What is asked for one citizen."""
    asked = {"citizen": str(citizen), "purpose": "support", "language": "en", "slots": 5}
    return json.dumps(asked).encode()


def one_at_a_time(port: int, token: str, people: Sequence[int]) -> tuple[list[float], float]:
    """The milliseconds of each answer, and how many cards it had on average."""
    client, times, cards = Client(port, token), [], 0
    for place, citizen in enumerate(people):
        start = time.perf_counter()
        status, text = client.ask("POST", "/v1/suggestions/_search", body_of(citizen))
        took = (time.perf_counter() - start) * 1000
        assert status == 200, text
        if place >= WARM:
            times.append(took)
            cards += len(json.loads(text)["cards"])
    return times, cards / max(1, len(times))


def at_once(
    count: int, seconds: float, make: Callable[[int], Callable[[], int]]
) -> tuple[int, float]:
    """What ``count`` clients got done in so many seconds, and the seconds it took."""
    until = time.perf_counter() + seconds

    def work(number: int) -> int:
        ask, done = make(number), 0
        while time.perf_counter() < until:
            done += ask()
        return done

    start = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        total = sum(pool.map(work, range(count)))
    return total, time.perf_counter() - start


def throughput(port: int, token: str, people: Sequence[int], seconds: float) -> float:
    """Suggestions a second, with a few clients at once."""

    def make(number: int) -> Callable[[], int]:
        client, mine = Client(port, token), iter(people[number::CLIENTS])

        def ask() -> int:
            status, text = client.ask("POST", "/v1/suggestions/_search", body_of(next(mine)))
            assert status == 200, text
            return 1

        return ask

    done, took = at_once(CLIENTS, seconds, make)
    return done / took


# -- the peer ------------------------------------------------------------------------------------


def bare_row(folder: Path, bundle: Bundle, asked: int) -> float:
    """The p50 in milliseconds of ``mlflow models serve`` for one row."""
    import mlflow

    trees = next(iter(bundle.heads.values())).unaided
    assert isinstance(trees, Trees)
    mlflow.lightgbm.save_model(trees.booster, folder / "peer")
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder / "peer")),
            *("--env-manager", "local", "-p", str(port), "-w", "1"),
        ],
        # It starts its own server by name.
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait(port, "/ping", process)
        names = list(bundle.columns.names)
        row = np.random.default_rng(1).normal(size=len(names)).tolist()
        text = json.dumps({"dataframe_split": {"columns": names, "data": [row]}}).encode()
        client, times = Client(port), []
        for _ in range(asked):
            start = time.perf_counter()
            status, told = client.ask("POST", "/invocations", text)
            times.append((time.perf_counter() - start) * 1000)
            assert status == 200, told
        return float(np.percentile(times[WARM:], 50))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


# -- events --------------------------------------------------------------------------------------


def bsns(count: int) -> list[str]:
    """Numbers that pass the 11-test."""
    found, base = [], 10_000_000
    while len(found) < count:
        base += 1
        digits = f"{base:08d}"
        rest = sum(int(digit) * (9 - place) for place, digit in enumerate(digits)) % 11
        if rest < 10:
            found.append(digits + str(rest))
    return found


def batch(name: str, numbers: Sequence[str], draw: random.Random) -> list[dict[str, Any]]:
    """A hundred contacts of people drawn at random."""
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    return [
        {
            "specversion": "1.0",
            "id": f"{name}-{place}",
            "source": "urn:nld:contact",
            "type": "nl.town.contact",
            "time": at,
            "data": {"bsn": draw.choice(numbers), "type": "contact", "at": at, "channel": "phone"},
        }
        for place in range(AT_ONCE)
    ]


def sent(port: int, token: str, numbers: Sequence[str], seconds: float, name: str) -> float:
    """Durable events a second."""

    def make(number: int) -> Callable[[], int]:
        client, draw, count = Client(port, token), random.Random(number), iter(range(10**9))

        def send() -> int:
            told = json.dumps(batch(f"{name}-{number}-{next(count)}", numbers, draw)).encode()
            status, text = client.ask("POST", "/v1/events", told, BATCH)
            assert status == 202, text
            return int(json.loads(text)["accepted"])

        return send

    done, took = at_once(CLIENTS, seconds, make)
    return done / took


def until_killed(workspace: Workspace, token: str, numbers: Sequence[str], life: int) -> set[str]:
    """Sends to a server until it is killed; the events that it had accepted."""
    draw, accepted = random.Random(life), set[str]()
    with served(workspace) as (port, _, process):
        killer = threading.Timer(draw.uniform(0.5, 6.0), process.kill)
        killer.start()
        client = Client(port, token)
        for number in range(10**6):
            told = batch(f"kill-{life}-{number}", numbers, draw)
            try:
                status, _ = client.ask("POST", "/v1/events", json.dumps(told).encode(), BATCH)
            except (OSError, HTTPException):
                break
            if status == 202:
                accepted |= {one["id"] for one in told}
        killer.join()
    return accepted


def in_the_lake(workspace: Workspace, accepted: set[str]) -> tuple[int, int]:
    """How many of the accepted events are missing, and how many are there more than once."""
    time.sleep(16)  # the lease of the last one that was killed
    script = f"from serving.cli import main; main(['land', '-w', {str(workspace.folder)!r}])"
    root = str(Path(__file__).resolve().parents[1])
    subprocess.run(
        [sys.executable, "-c", script], check=True, env=os.environ | {"PYTHONPATH": root}
    )
    rows = workspace.open_lake().scan("events").filter(pl.col("event_id").str.starts_with("kill-"))
    found = rows.select("event_id").collect()["event_id"]
    return len(accepted - set(found)), len(found) - found.n_unique()


def written(workspace: Workspace) -> tuple[int, int]:
    """How many slates, and how many looks in the audit."""
    database = Database(workspace.database)
    with database.read() as connection:
        slate = connection.execute(select(func.count()).select_from(slates)).scalar_one()
        looks = select(func.count()).select_from(audit).where(audit.c.action == "suggest")
        look = connection.execute(looks).scalar_one()
    database.close()
    return int(slate), int(look)


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a town of 2,000")
    given = asked.parse_args()
    start = time.perf_counter()
    citizens = 2_000 if given.quick else CITIZENS
    seconds = 4.0 if given.quick else SECONDS
    count = 160 if given.quick else ASKED
    kills = 2 if given.quick else KILLS
    with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
        folder = Path(scratch)
        workspace = town.make_workspace(folder, citizens, buckets=max(1, citizens // PER_BUCKET))
        bundle = Bundle.load(workspace.champion)
        people = workspace.open_lake().scan("facts").select(pl.col("citizen").unique()).collect()
        drawn = people["citizen"].shuffle(seed=3).to_list()
        note(f"a town of {len(drawn):,} is there after {time.perf_counter() - start:.0f} s")
        kim = make_token(workspace, [Role.CASEWORKER], subject="kim", name="Kim")
        desk = make_token(workspace, [Role.SOURCE], subject=town.DELIVERING, name="Desk")
        with served(workspace) as (port, cold, _):
            times, cards = one_at_a_time(port, kim, drawn[:count])
        note(f"p50 {np.percentile(times, 50):.1f} ms, p99 {np.percentile(times, 99):.1f} ms")
        peer = bare_row(folder, bundle, count)
        note(f"mlflow models serve, one bare row: p50 {peer:.1f} ms")
        with served(workspace, workers=2) as (port, _, _):
            one_at_a_time(port, kim, drawn[: 2 * WARM])
            rate = throughput(port, kim, drawn[count:] * 20, seconds)
            note(f"{rate:.0f} suggestions a second on two workers")
            numbers = bsns(1_000)
            events = sent(port, desk, numbers, seconds, "rate")
            note(f"{events:,.0f} events a second")
        slate, looks = written(workspace)
        accepted = set[str]()
        for life in range(kills):
            accepted |= until_killed(workspace, desk, numbers, life)
        missing, twice = in_the_lake(workspace, accepted)
    p50, p99 = (float(np.percentile(times, part)) for part in (50, 99))
    claims = [
        Claim.at_least("cards a suggestion", cards, 4.5),
        Claim.at_most("one at a time, p50, ms", p50, 15),
        Claim.at_most("one at a time, p99, ms", p99, 40),
        Claim.at_most("p50 as a share of mlflow's for one bare row", p50 / peer, 1),
        Claim.at_least("suggestions a second on two workers", rate, 100),
        Claim.at_most("cold start to ready, s", cold, 5),
        Claim.at_most("suggestions without a look in the audit", slate - looks, 0),
        Claim.at_least("durable events a second, in batches of 100", events, 2_000),
        Claim.at_least(f"events accepted before {kills} kills", len(accepted), AT_ONCE * kills),
        Claim.at_most(f"accepted events missing after {kills} kills", missing, 0),
        Claim.at_most("events that are there more than once", twice, 0),
    ]
    tell(
        "serving",
        claims,
        start,
        citizens=len(drawn),
        heads=2 * len(bundle.heads),
        trees=town.TREES,
        leaves=town.LEAVES,
        cores=os.cpu_count(),
        load_generator="on the same cores",
        mlflow_p50_ms=round(peer, 1),
    )


if __name__ == "__main__":
    main()
