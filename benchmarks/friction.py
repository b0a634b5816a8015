"""All friction metrics beside pm4py's rework alone; and what two real logs are known for.

Both get the same made-up log in memory, in the form that they like best. Inside our time, for the
report (per case, team, step and source) and for the signals of every citizen alike: columns to
codes, every ordering, all measures; contacts come on top of the log. Inside pm4py's time: the
rework statistics on a pandas frame that is sorted by case and time and has pm4py's own column
names. Three rounds each, in turn; the fastest counts.

The real logs lie outside the repository (``--real-data`` or VOORZET_REAL_DATA). The shares known of
them count a case in which three events in a row are by A, B and A: a *bounce*. Turns of any length,
our *spirals*, are told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import _case_log as made
import numpy as np
import polars as pl

from features.families.friction import Friction
from features.friction.measured import measured
from features.friction.report import friction_in, friction_of
from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.records import Records

ROUNDS = 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)
REPOSITORY = Path(__file__).resolve().parents[1]
RECEIPT = REPOSITORY / "examples" / "receipt"


OURS = {
    "report": "all metrics per case, team, step and source",
    "signals": "all signals per citizen",
}


class Timed(NamedTuple):
    """What a job took."""

    seconds: float
    cpu: float


@dataclass(frozen=True)
class Known:
    """What a real log is known for."""

    file: str
    pack: Callable[[], Pack]
    cases: int
    handovers: int
    """Events by another employee than the event before it in the case, counted in the file."""
    bounced: float
    """The share of cases, in percent, with A→B→A; told to a tenth."""


REAL = (
    Known(
        "wabo_receipt.csv.gz", lambda: load_pack(REPOSITORY / "examples/receipt"), 1_434, 1_208, 6.7
    ),
    Known("bpic13_incidents.csv.gz", made.incidents, 7_554, 20_649, 4.3),
)


def main() -> None:
    asked = _arguments()
    began = time.perf_counter()
    claims = speed(100_000 if asked.quick else 2_000_000) + real_logs(asked.real_data)
    told = {
        "benchmark": "friction",
        "claims": claims,
        "seconds": round(time.perf_counter() - began, 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told))


def speed(events: int) -> list[dict[str, Any]]:
    """All metrics of ours and rework of theirs, on the same log."""
    draw = np.random.default_rng(7)
    log = made.work(draw, events)
    calls = made.contacts(draw, events // 10, log["citizen"].n_unique())
    mine, pack = made.records(log, calls), made.pack()
    try:
        theirs = _theirs(log)
    except ImportError:
        print("pm4py is not installed (make bench-setup): our time alone")
        theirs = None
    rounds: dict[str, list[Timed]] = {"report": [], "signals": [], "rework": []}
    for _ in range(ROUNDS):
        for name, timed in zip(("report", "signals"), _ours(mine, pack), strict=True):
            rounds[name].append(timed)
        if theirs is not None:
            rounds["rework"].append(_timed(theirs))
    print(f"{events:,} events of work and {calls.height:,} contacts; seconds and CPU seconds:")
    for name, each in rounds.items():
        print(f"  {name}: " + ", ".join(f"{one.seconds:.2f} ({one.cpu:.2f})" for one in each))
    fastest = {name: min(each).seconds for name, each in rounds.items() if each}
    if theirs is None:
        return [_claim(f"all metrics: {name}, seconds", round(fastest[name], 2)) for name in OURS]
    shares = {name: round(fastest[name] / fastest["rework"], 2) for name in OURS}
    return [
        *(
            _claim(
                f"{what}, in the time of pm4py's rework alone",
                shares[name],
                "< 1",
                shares[name] < 1,
            )
            for name, what in OURS.items()
        ),
        _same_rework(theirs(), mine, pack),
    ]


def _ours(records: Records, pack: Pack) -> tuple[Timed, Timed]:
    """The report and the signals, each from records of which nothing is remembered."""
    one, other = replace(records), replace(records)
    return (
        _timed(lambda: friction_of([one], pack)),
        _timed(lambda: Friction().compute(other, pack)),
    )


def _theirs(log: pl.DataFrame) -> Callable[[], dict[str, int]]:
    import pm4py

    names = {
        "case_id": "case:concept:name",
        "step": "concept:name",
        "occurred_at": "time:timestamp",
    }
    step = pl.col("attributes").str.json_path_match("$.step").alias("step")
    frame = log.with_columns(step).sort("case_id", "occurred_at", "order").rename(names)
    pandas = frame.select(*names.values(), pl.col("actor").alias("org:resource")).to_pandas()
    rework: Callable[[], dict[str, int]] = lambda: pm4py.get_rework_cases_per_activity(pandas)  # noqa: E731
    return rework


def _same_rework(theirs: dict[str, int], records: Records, pack: Pack) -> dict[str, Any]:
    """Whether our repeats and redos are in the cases that pm4py finds rework in, step by step."""
    of = measured(records, pack)
    again = np.flatnonzero(of.marks.at("repeats") | of.marks.at("redos"))
    events = of.work.events.take(again)
    step = events.texts("attributes").str.json_path_match("$.step")
    cases = pl.DataFrame({"step": step, "case": of.work.case[again]}).unique()
    ours = dict(cases.group_by("step").len().iter_rows())
    told = sum(abs(ours.get(step, 0) - theirs.get(step, 0)) for step in ours.keys() | theirs.keys())
    return _claim("cases with rework of a step, ours less pm4py's", told, "0", told == 0)


def real_logs(folder: Path) -> list[dict[str, Any]]:
    """Handovers and A→B→A in the real logs, from the raw file through ingest and lake."""
    claims = []
    for known in REAL:
        if not (folder / known.file).is_file():
            print(
                f"{known.file}: not in {folder}; --real-data or VOORZET_REAL_DATA can name a folder"
            )
            continue
        pack = known.pack()
        with tempfile.TemporaryDirectory() as place:
            lake = Lake(place, buckets=1)
            ingest(pack, lake, Pseudonyms(bytes(range(32))), folder / known.file, now=NOW)
            cases = friction_in(lake, pack, NOW).cases
        share = {
            measure: 100 * cases.filter(pl.col(measure) > 0).height / cases.height
            for measure in ("handovers", "bounces", "spirals", "team_handovers", "team_spirals")
        }
        print(
            f"{known.file}: {cases.height:,} cases, of which in percent "
            + ", ".join(f"{measure} {of:.2f}" for measure, of in share.items())
        )
        name, handovers = known.file.split(".")[0], int(cases["handovers"].sum())
        bounced = round(share["bounces"], 1)
        claims += [
            _equal(f"{name}: cases", cases.height, known.cases),
            _claim(
                f"{name}: handovers", handovers, str(known.handovers), handovers == known.handovers
            ),
            _equal(f"{name}: A→B→A, % of cases", bounced, known.bounced),
        ]
    return claims


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smaller log, under a minute")
    named = os.environ.get("VOORZET_REAL_DATA")
    beside = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    parser.add_argument("--real-data", type=Path, default=beside, help="the folder of real logs")
    return parser.parse_args()


def _timed(job: Callable[[], object]) -> Timed:
    began, cpu = time.perf_counter(), time.process_time()
    job()
    return Timed(time.perf_counter() - began, time.process_time() - cpu)


def _equal(claim: str, value: float, known: float) -> dict[str, Any]:
    return _claim(claim, value, str(known), value == known)


def _claim(
    claim: str, value: float, target: str | None = None, holds: bool | None = None
) -> dict[str, Any]:
    return {"claim": claim, "value": value, "target": target, "holds": holds}


if __name__ == "__main__":
    main()
