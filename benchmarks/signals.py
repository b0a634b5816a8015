"""Signals of a population: beside a plain scan of the same columns, and beside SQL.

*Ours* is the whole build: read, put in order, every family that the town's pack uses, streamed to
a Parquet file. *Scan* is Polars reading the same columns of the same files and doing nothing with
them. *SQL* is DuckDB with the statement of ``_signals_sql.py`` on both cores, which has all of
those families and that of intervals too; ours is timed again with the same, and the values of all
columns are compared. Every job runs in a
process of its own; ours and the scan take turns, and the fastest of each counts. Kernels are loaded
before the time begins, as modules are; a build in a fresh process takes that second besides. The
larger town has ten times the citizens in ten times the buckets.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._measuring import AnonymousMemory, Claim, job, note, tell
from benchmarks._signals_sql import FAMILIES, columns, statement
from benchmarks._town import AS_OF, EVENTS_EACH, pack, write_lake
from features.building import Build, build_matrix, in_threads
from features.lake import Lake
from features.steady import load_kernels
from features.tables import columns_of

READ = [name for name in columns_of("events") if name not in ("event_id", "alias")]
ROUNDS = 3
CITIZENS, PER_BUCKET = 200_000, 12_500


def build(folder: str, buckets: int, out: str, families: str) -> None:
    """The job *ours*."""
    chosen = None if families == "all" else families.split(",")
    asked = Build(Lake(folder, buckets=buckets), pack(chosen), AS_OF)
    load_kernels()
    with AnonymousMemory() as memory:
        start = time.perf_counter()
        built = build_matrix(asked, Path(out), spread=in_threads(2))
        seconds = time.perf_counter() - start
    told = {"seconds": seconds, "memory": memory.peak_mb, "signals": built.signals}
    print(json.dumps(told))


def scan(folder: str, buckets: int) -> None:
    """The job *scan*: file by file, so that memory does not slow it down."""
    lake = Lake(folder, buckets=buckets)
    parts = [lake.scan("events", [bucket]).select(READ) for bucket in range(buckets)]
    start = time.perf_counter()
    rows = sum(part.collect().height for part in parts)
    print(json.dumps({"seconds": time.perf_counter() - start, "rows": rows}))


def sql(folder: str, out: str) -> None:
    """The job *SQL*."""
    query = statement(pack(FAMILIES), folder, AS_OF)
    with duckdb.connect() as database:
        database.execute("SET threads = 2; SET TimeZone = 'UTC'; SET memory_limit = '12GB'")
        start = time.perf_counter()
        database.execute(f"COPY ({query}) TO '{out}' (FORMAT parquet)")
        print(json.dumps({"seconds": time.perf_counter() - start}))


def differing(ours: Path, theirs: Path) -> tuple[int, int]:
    """How many columns were compared, and how many cells are not equal (to float32's digits)."""
    names = columns(pack(FAMILIES))
    mine = pl.read_parquet(ours, columns=["citizen", *names]).sort("citizen")
    other = pl.read_parquet(theirs, columns=["citizen", *names]).sort("citizen")
    assert mine["citizen"].equals(other["citizen"]), "not the same citizens"
    cells = 0
    for name in names:
        here = mine[name].to_numpy().astype(np.float64)
        there = other[name].cast(pl.Float64).to_numpy().astype(np.float32).astype(np.float64)
        near = np.isclose(here, there, rtol=1e-4, atol=1e-4, equal_nan=True)
        cells += int((~near).sum())
    return len(names), cells


def measured(folder: Path, citizens: int, *, rounds: int) -> dict[str, float]:
    """Ours and the scan in turn on a town of its own."""
    buckets = max(2, citizens // PER_BUCKET)
    start = time.perf_counter()
    write_lake(folder, citizens, buckets=buckets)
    note(f"{citizens * EVENTS_EACH:,} events written in {time.perf_counter() - start:.0f} s")
    found: dict[str, list[float]] = {"ours": [], "scan": [], "memory": []}
    signals = 0
    for _ in range(rounds):
        ours = job(__file__, "--job", "build", str(folder), str(buckets), f"{folder}.out", "all")
        found["ours"].append(ours["seconds"])
        found["memory"].append(ours["memory"])
        signals = ours["signals"]
        found["scan"].append(job(__file__, "--job", "scan", str(folder), str(buckets))["seconds"])
        note(f"ours {found['ours'][-1]:.2f} s, scan {found['scan'][-1]:.2f} s")
    return {
        "buckets": buckets,
        "signals": signals,
        "ours": min(found["ours"]),
        "scan": min(found["scan"]),
        "memory": max(found["memory"]),
    }


def against_sql(folder: Path, buckets: int) -> dict[str, float]:
    """Ours with the families of the statement, beside the statement."""
    ours, theirs = Path(f"{folder}.ours"), Path(f"{folder}.sql")
    families = ",".join(FAMILIES)
    built = [
        job(__file__, "--job", "build", str(folder), str(buckets), str(ours), families)
        for _ in range(2)
    ]
    mine = [one["seconds"] for one in built]
    other = job(__file__, "--job", "sql", str(folder), str(theirs))["seconds"]
    compared, wrong = differing(ours, theirs)
    note(f"ours {min(mine):.2f} s, SQL {other:.2f} s, {compared} columns, {wrong} cells differ")
    return {
        "ours": min(mine),
        "sql": other,
        "signals": built[0]["signals"],
        "columns": compared,
        "wrong": wrong,
    }


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the town, in a minute")
    asked.add_argument("--without-larger", action="store_true", help="leave out the larger town")
    asked.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.job:
        name, folder, *more = given.job
        if name == "build":
            build(folder, int(more[0]), more[1], more[2])
        elif name == "scan":
            scan(folder, int(more[0]))
        else:
            sql(folder, more[0])
        return
    start = time.perf_counter()
    citizens = CITIZENS // 20 if given.quick else CITIZENS
    with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
        town = measured(Path(scratch, "town"), citizens, rounds=2 if given.quick else ROUNDS)
        beside = against_sql(Path(scratch, "town"), int(town["buckets"]))
        claims = [
            Claim.at_least("numeric signals", town["signals"], 240),
            Claim.at_most("times a plain scan", town["ours"] / town["scan"], 6),
            Claim.at_least("columns compared with SQL", beside["columns"], beside["signals"]),
            Claim.at_most("cells that differ from SQL", beside["wrong"], 0),
            Claim.at_least("times faster than SQL", beside["sql"] / beside["ours"], 15),
            Claim.at_most("anonymous memory, MB", town["memory"], 2048),
        ]
        if not given.without_larger:
            larger = measured(Path(scratch, "larger"), 10 * citizens, rounds=1)
            claims += [
                Claim.at_most("ten times the size: time", larger["ours"] / town["ours"], 11),
                Claim.at_most("ten times the size: memory", larger["memory"] / town["memory"], 1.3),
            ]
            town["larger"] = larger  # type: ignore[assignment]
    tell("signals", claims, start, events=citizens * EVENTS_EACH, town=town, sql=beside)


if __name__ == "__main__":
    main()
