"""Bulk ingest: events a second from Parquet, with validation and pseudonyms; CSV beside it.

A delivery of events of a case system is made up: ids, types through a map, moments, cases,
channels and amounts, of many BSNs, with faults planted in it. It is landed in an empty lake and
timed. Then the lake is compared with what was delivered, row by row; the faults are looked for in
quarantine; and the delivery is brought again, whole and as a file of other order.
"""

from __future__ import annotations

import argparse
import hmac
import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.domain import Domain
from features.ingest import IngestReport, ingest
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.mapping import SourceMapping

TARGET = 500_000
KEY = bytes(range(32))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = {f"T{place:02d}": f"step-{place:02d}" for place in range(24)}
CHANNELS = ("desk", "phone", "web", "letter")
WEIGHTS = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])

FAULTS: dict[str, tuple[str, Any]] = {
    "bsn-11-test": ("bsn", "123456789"),
    "missing-identifier": ("bsn", None),
    "unknown-event-type": ("step", "T99"),
    "bad-date": ("at", "2025-02-30T10:00:00"),
    "from-the-future": ("entered", "2031-01-01T00:00:00"),
    "unknown-channel": ("channel", "pigeon"),
}
"""Each reason for quarantine, with the column and the cell that bring it about."""


def pack() -> Pack:
    """A domain with one source, delivered as Parquet (moments as text, as from a CSV) or CSV."""
    title = {"en": "Bench"}
    source = {
        "title": title,
        "legal_basis": "an act",
        "purposes": ["support"],
        "retention_days": 3650,
    }
    domain = {
        "id": "bench",
        "title": title,
        "organisation": title,
        "languages": ["en"],
        "time_zone": "Europe/Amsterdam",
        "purposes": {"support": {"title": title, "legal_basis": "an act"}},
        "sources": {"cases": source},
        "event_types": {name: {"title": {"en": name}} for name in TYPES.values()},
        "channels": {name: {"title": {"en": name}} for name in CHANNELS},
        "identifiers": {"bsn": "bsn"},
    }
    event = {
        "type": {"column": "step", "map": TYPES},
        "occurred_at": {"column": "at"},
        "known_at": {"column": "entered"},
        "event_id": ["id"],
        "case_id": "case",
        "channel": "channel",
        "value": "amount",
    }
    subject = {"column": "bsn", "scheme": "bsn"}
    files = [
        {"name": form, "path": f"*.{form}", "format": form, "subject": subject, "events": [event]}
        for form in ("parquet", "csv")
    ]
    mapping = SourceMapping.model_validate({"source": "cases", "files": files})
    return Pack(
        folder=Path(),
        domain=Domain.model_validate(domain),
        services={},
        mappings={"cases": mapping},
    )


def bsns(draw: np.random.Generator, many: int) -> NDArray[np.str_]:
    """``many`` different numbers that pass the 11-test."""
    numbers = draw.choice(90_000_000, size=many * 13, replace=False) + 10_000_000
    numbers = np.concatenate([numbers, numbers + 100_000_000])
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    return numbers[(digits @ WEIGHTS) % 11 == 0][:many].astype(str)


def moments(seconds: NDArray[np.int64]) -> pl.Series:
    """Local times as a source writes them."""
    since = np.datetime64("2021-01-01", "us") + seconds * 1_000_000
    return pl.Series(since).dt.to_string("%Y-%m-%dT%H:%M:%S")


def delivery(draw: np.random.Generator, events: int, people: int) -> pl.DataFrame:
    """Sound rows in the order in which they were entered."""
    whose = bsns(draw, people)[draw.integers(0, people, events)]
    happened = np.sort(draw.integers(0, 4 * 365 * 86_400, events))
    return pl.DataFrame(
        {
            "id": pl.int_range(events, eager=True).cast(pl.String).str.zfill(8).str.head(8),
            "bsn": pl.Series(whose),
            "step": pl.Series(list(TYPES)).gather(draw.integers(0, len(TYPES), events)),
            "at": moments(happened),
            "entered": moments(happened + draw.integers(0, 86_400, events)),
            "case": "Z-" + pl.Series(draw.integers(0, events // 6, events)).cast(pl.String),
            "channel": pl.Series(CHANNELS).gather(draw.integers(0, len(CHANNELS), events)),
            "amount": pl.Series(draw.integers(0, 100_000, events) / 100).cast(pl.String),
        }
    )


def planted(sound: pl.DataFrame, each: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The delivery with ``each`` rows made faulty of every kind, spread over it, and those rows'
    ``id`` and ``reason``."""
    places = np.linspace(0, sound.height - 1, each * len(FAULTS), dtype=np.int64)
    spoilt, told = sound, []
    for kind, (reason, (column, cell)) in enumerate(FAULTS.items()):
        at = pl.Series(places[kind :: len(FAULTS)])
        hit = pl.int_range(sound.height, eager=True).is_in(at.implode())
        given = pl.lit(cell, dtype=pl.String)
        spoilt = spoilt.with_columns(
            pl.when(pl.lit(hit)).then(given).otherwise(column).alias(column)
        )
        told.append(sound.filter(hit).select("id", pl.lit(reason).alias("reason")))
    return spoilt, pl.concat(told)


@dataclass
class Timed:
    """A job, its wall and CPU seconds."""

    outcome: Any
    seconds: float
    cpu: float


def timed(job: Callable[[], Any]) -> Timed:
    """Run a job."""
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = job()
    return Timed(outcome, time.perf_counter() - wall, time.process_time() - cpu)


def expected(sound: pl.DataFrame) -> pl.DataFrame:
    """The events that the lake should hold, worked out otherwise than ingest does."""
    distinct = sound["bsn"].unique().to_list()
    citizen = [
        int.from_bytes(hmac.digest(KEY, f"bsn\0{one.zfill(9)}".encode(), "sha256")[:8], signed=True)
        for one in distinct
    ]
    people = pl.DataFrame({"bsn": distinct, "citizen": citizen})
    local = [
        pl.col(old).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us").alias(new)
        for old, new in (("at", "occurred_at"), ("entered", "known_at"))
    ]
    zoned = pl.col("occurred_at", "known_at").dt.replace_time_zone(
        "Europe/Amsterdam", ambiguous="earliest", non_existent="null"
    )
    return (
        sound.join(people, on="bsn", how="left")
        .with_columns(local)
        .with_columns(zoned.dt.convert_time_zone("UTC"))
        .select(
            pl.col("id").alias("event_id"),
            "citizen",
            pl.col("step").replace_strict(TYPES).alias("type"),
            "occurred_at",
            "known_at",
            pl.col("case").alias("case_id"),
            "channel",
            pl.col("amount").cast(pl.Float64).alias("value"),
        )
        .sort("event_id")
    )


def differing(lake: Lake, sound: pl.DataFrame) -> int:
    """How many events the lake holds otherwise than they were delivered, lacks or has too many.

    A moment that the clock skipped has no right answer here: the product's hour on is not judged.
    """
    wanted = expected(sound)
    held = lake.scan("events").select(wanted.columns).collect().sort("event_id")
    if held["event_id"].equals(wanted["event_id"]):
        same = [
            wanted[name].is_null() | wanted[name].eq_missing(held[name])
            if name in ("occurred_at", "known_at")
            else wanted[name].eq_missing(held[name])
            for name in wanted.columns
        ]
        return held.height - int(
            pl.DataFrame(same).select(pl.all_horizontal(pl.all())).sum().item()
        )
    return held.join(wanted, on="event_id", how="full").null_count()["event_id"].item() or 1


def unfound(lake: Lake, faults: pl.DataFrame, delivered: pl.DataFrame) -> int:
    """How many planted faults are not in quarantine with their row and reason, or are so twice."""
    rows = delivered.with_row_index("row", offset=1).select(pl.col("row").cast(pl.Int64), "id")
    wanted = faults.join(rows, on="id").select("row", "reason").sort("row", "reason")
    held = lake.scan("quarantine").select("row", "reason").collect().sort("row", "reason")
    missing = wanted.join(held, on=["row", "reason"], how="anti").height
    return missing + abs(held.height - wanted.height)


def main() -> None:
    """Run, and print the figures; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller case, under a minute")
    quick = parser.parse_args().quick
    events, people = (1_000_000, 50_000) if quick else (6_000_000, 300_000)
    begun = time.perf_counter()
    draw = np.random.default_rng(1)
    sound = delivery(draw, events, people)
    delivered, faults = planted(sound, each=100)
    sound = sound.join(faults, on="id", how="anti")
    town = pack()

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("parquet", "csv", "again"):
            (root / name).mkdir()
        delivered.write_parquet(root / "parquet" / "events.parquet")
        part = delivered.head(min(events, 2_000_000))
        part.write_csv(root / "csv" / "events.csv")
        shuffled = delivered.head(events // 10).sample(fraction=1, shuffle=True, seed=1)
        shuffled.write_parquet(root / "again" / "events.parquet")

        def land(lake: Lake, data: str) -> IngestReport:
            return ingest(town, lake, Pseudonyms(KEY), root / data, now=NOW)

        lake = Lake(str(root / "lake"))
        parquet = timed(lambda: land(lake, "parquet"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        csv = timed(lambda: land(Lake(str(root / "other")), "csv"))
        rate = events / parquet.seconds
        tell("Parquet", events, parquet)
        tell("CSV", part.height, csv)
        wrong = differing(lake, sound)
        lost = unfound(lake, faults, delivered)
        twice = land(lake, "parquet").events + land(lake, "again").events
        lake.refresh()
        twice += lake.rows("events") - sound.height

    claims = [
        claim("events a second from Parquet, validated and under pseudonyms", rate, TARGET, "≥"),
        claim("events that are not in the lake as delivered", wrong, 0, "="),
        claim("planted faults not in quarantine with their reason", lost, 0, "="),
        claim("events added by delivering again", twice, 0, "="),
    ]
    seconds = round(time.perf_counter() - begun, 1)
    print(
        json.dumps(
            {
                "benchmark": "ingest",
                "claims": claims,
                "seconds": seconds,
                "peak_rss_mb": round(peak),
            }
        )
    )


def tell(what: str, events: int, job: Timed) -> None:
    """One line for people."""
    print(
        f"{what}: {events:,} events in {job.seconds:.1f} s = {events / job.seconds:,.0f}/s "
        f"({job.cpu:.1f} CPU s = {events / job.cpu:,.0f} per CPU second)"
    )


def claim(what: str, value: float, target: float, sign: str) -> dict[str, Any]:
    """A figure beside what it should be."""
    holds = value >= target if sign == "≥" else value == target
    return {"claim": what, "value": round(value), "target": target, "holds": bool(holds)}


if __name__ == "__main__":
    main()
