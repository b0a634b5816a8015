"""A branch of the office with four years behind it: just enough to train on, in a second or two.

The older someone is, the more often they take a bus pass; the poorer, the more often a top-up, and
a few of them get a call about it first. Straight in a lake, as ingest would leave it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from features.events import EVENTS
from features.facts import FACTS
from serving.workspace import Workspace
from tests.serving.office import PACK

START = datetime(2022, 1, 1, tzinfo=UTC)
MONTHS = 40


def branch(folder: Path, *, people: int = 450) -> Workspace:
    """A workspace in ``folder`` that nothing was trained in."""
    workspace = Workspace.init(folder, PACK)
    random = np.random.default_rng(3)
    citizens = np.arange(1, people + 1) * 7_919
    born = [date(1935, 1, 1) + timedelta(days=int(n)) for n in random.integers(0, 25_000, people)]
    income = random.gamma(4, 7_000, people)
    lake = workspace.open_lake()
    lake.append("facts", _facts(citizens, born, income))
    lake.append("events", _events(citizens, born, income, random))
    return workspace


def _facts(citizens: np.ndarray, born: list[date], income: np.ndarray) -> pl.DataFrame:
    told = [
        (citizen, name, text, number)
        for citizen, day, euros in zip(citizens.tolist(), born, income.tolist(), strict=True)
        for name, text, number in (
            ("birth_date", day.isoformat(), float((day - date(1970, 1, 1)).days)),
            ("income", f"{euros:.2f}", euros),
            ("savings", "500.00", 500.0),
        )
    ]
    since = START - timedelta(days=200)
    return pl.DataFrame(
        [
            dict.fromkeys(FACTS.names())
            | {"fact_id": f"{name}-{citizen}", "citizen": citizen, "name": name, "value": text}
            | {"number": number, "valid_from": since, "known_at": since, "source": "register"}
            | {"order": place}
            for place, (citizen, name, text, number) in enumerate(told)
        ],
        schema=FACTS,
    )


def _events(
    citizens: np.ndarray, born: list[date], income: np.ndarray, random: np.random.Generator
) -> pl.DataFrame:
    age = np.array([(START.date() - day).days / 365.25 for day in born])
    rows: list[tuple[int, str, str | None, datetime, str]] = []
    for month in range(MONTHS):
        start = START + timedelta(days=month * 30.44)
        for kind, service, chance, source in (
            ("granted", "bus-pass", 0.002 * np.exp(age / 35), "desk"),
            ("granted", "top-up", 0.03 * np.clip(1.4 - income / 25_000, 0, 1), "desk"),
            ("called", None, np.full(len(age), 0.1), "desk"),
        ):
            came = np.flatnonzero(random.random(len(age)) < chance)
            rows += [
                (int(citizens[one]), kind, service, start + timedelta(hours=float(hour)), source)
                for one, hour in zip(came, random.random(len(came)) * 600, strict=True)
            ]
    return pl.DataFrame(
        [
            dict.fromkeys(EVENTS.names())
            | {"event_id": f"e{place}", "citizen": citizen, "type": kind, "case_type": service}
            | {"occurred_at": at, "known_at": at + timedelta(days=1), "source": source}
            | {"order": place}
            for place, (citizen, kind, service, at, source) in enumerate(rows)
        ],
        schema=EVENTS,
    )
