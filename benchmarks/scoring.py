"""A population scored: eligibility, gates, all heads over their candidates, and the first five.

A made-up town with forty services, each with criteria on age, income and savings, and a head of
trees of the size that training grows. The signals are there when the clock starts; reading and
working them out is told beside it, and counts for the memory. Two buckets are scored at a time. A
town and one of five times the size are scored in processes of their own, in buckets of the same
size.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

os.environ["OMP_WAIT_POLICY"] = "passive"  # as the product runs: idle threads sleep

import lightgbm as lgb
import numpy as np

from benchmarks._measuring import AnonymousMemory, Claim, job, note, tell
from benchmarks._town import AS_OF, SERVICES, pack, write_lake
from features.catalogue import Objective, Service
from features.lake import Lake
from features.pack import Pack
from features.snapshot import Snapshot, dictionary, population
from models.bundle import Bundle
from models.fitting import Settings
from models.heads import Head, Trees
from models.matrix import Columns
from models.population import score_snapshot

CITIZENS, PER_BUCKET = 1_000_000, 12_500
HEADS, TREES, GROWN, CORES = 40, 250, 8, 2
"""Models grown; the others are copies, for the clock does not look at what they say."""


def town() -> Pack:
    """Forty services, each open to those of some age and income."""
    held = pack()
    one = held.services[SERVICES[0]].model_dump(exclude_unset=True)
    random = np.random.default_rng(4)
    services = {}
    for number in range(HEADS):
        youngest, income = int(random.integers(0, 60)), int(random.integers(6_000, 30_000))
        asked = {
            "old-enough": f"age >= {youngest} AND age < {youngest + 25}",
            "income": f"income < {income}",
            "savings": f"savings < {int(random.integers(10_000, 60_000))}",
        }
        criteria = [{"id": name, "sql": sql, "text": {"en": name}} for name, sql in asked.items()]
        kinds = {"case_types": [SERVICES[number % len(SERVICES)]]}
        services[f"service-{number}"] = Service.model_validate(one | kinds | {"criteria": criteria})
    return replace(held, services=services)


def bundle_of(held: Pack, snapshot: Snapshot) -> Bundle:
    """A bundle of heads grown on the signals of one bucket, on outcomes that are drawn."""
    columns = Columns.of(dictionary(held))
    matrix = columns.matrix(snapshot.signals)[:4_000]
    texts = [_grown(matrix, columns, seed) for seed in range(GROWN)]
    heads = {
        name: Head(
            name,
            Objective.UNMET_NEED,
            180,
            "granted",
            Trees(texts[place % GROWN]),
            Trees(texts[(place + 1) % GROWN]),
        )
        for place, name in enumerate(held.services)
    }
    return Bundle("town", held.checksum, datetime(2026, 1, 1, tzinfo=UTC), columns, heads)


def _grown(matrix: np.ndarray, columns: Columns, seed: int) -> str:
    random = np.random.default_rng(seed)
    told = np.nan_to_num(matrix[:, random.choice(matrix.shape[1], 12, replace=False)])
    odds = ((told - told.mean(0)) / (told.std(0) + 1e-6)) @ random.normal(size=12)
    labels = random.random(len(matrix)) < 1 / (1 + np.exp(2 - odds))
    given = Settings()
    parameters = {
        "objective": "binary",
        "num_leaves": given.leaves,
        "max_depth": given.max_depth,
        "learning_rate": given.learning_rate,
        "verbosity": -1,
        "num_threads": 2,
    }
    data = lgb.Dataset(matrix, label=labels, feature_name=list(columns.names))
    return str(lgb.train(parameters, data, TREES).model_to_string())


def scored(folder: str, buckets: int, model: str) -> None:
    """Scores everyone in the lake at ``folder``, and says what it took."""
    held, lake, bundle = town(), Lake(folder, buckets=buckets), Bundle.load(Path(model))
    citizens = everybody = candidates = shown = 0
    clock = processor = reading = 0.0
    with AnonymousMemory() as memory, ThreadPoolExecutor(CORES) as pool:
        everyone = population(lake, held, AS_OF)
        began = time.perf_counter()
        while snapshots := list(islice(everyone, CORES)):
            reading += time.perf_counter() - began
            start, spent = time.perf_counter(), time.process_time()
            found = list(pool.map(lambda one: score_snapshot(one, held, bundle), snapshots))
            if everybody:  # the first time the models are read in
                clock += time.perf_counter() - start
                processor += time.process_time() - spent
                citizens += sum(one.snapshot.signals.height for one in found)
            everybody += sum(one.snapshot.signals.height for one in found)
            candidates += sum(one.candidates.height for one in found)
            shown += sum(int(one.candidates["shown"].sum()) for one in found)
            del snapshots, found
            began = time.perf_counter()
    print(
        json.dumps(
            {
                "citizens": citizens,
                "everybody": everybody,
                "candidates": candidates,
                "shown": shown,
                "clock": clock,
                "processor": processor,
                "reading": reading,
                "memory": memory.peak_mb,
            }
        )
    )


def measured(folder: Path, citizens: int, per_bucket: int, model: Path) -> dict[str, Any]:
    """A town of ``citizens``, written and scored."""
    buckets = max(2 * CORES, citizens // per_bucket)  # the first of each core are not timed
    write_lake(folder, citizens, buckets=buckets)
    if not model.exists():
        held = town()
        first = next(iter(population(Lake(str(folder), buckets=buckets), held, AS_OF, buckets=[0])))
        bundle_of(held, first).write(model)
    found = job(__file__, "--job", str(folder), str(buckets), str(model))
    note(f"{citizens} citizens: {found['citizens'] / found['clock']:.0f} a second")
    return found


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a small town, in a minute")
    asked.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.job:
        scored(given.job[0], int(given.job[1]), given.job[2])
        return
    start = time.perf_counter()
    citizens, per_bucket = (60_000, 3_000) if given.quick else (CITIZENS, PER_BUCKET)
    with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
        model = Path(scratch, "model")
        smaller = measured(Path(scratch, "tenth"), citizens // 5, per_bucket, model)
        larger = measured(Path(scratch, "whole"), citizens, per_bucket, model)
    claims = [
        Claim.at_least("citizens a second", larger["citizens"] / larger["clock"], 10_000),
        Claim.at_most("anonymous memory, MB", larger["memory"], 2_048),
        Claim.at_most("five times the citizens: memory", larger["memory"] / smaller["memory"], 1.3),
    ]
    everyone = larger["everybody"]
    tell(
        "scoring",
        claims,
        start,
        heads=HEADS,
        trees=TREES,
        candidates_each=round(larger["candidates"] / everyone, 2),
        shown_each=round(larger["shown"] / everyone, 2),
        citizens_a_processor_second=round(larger["citizens"] / larger["processor"]),
        town=larger,
        fifth=smaller,
    )


if __name__ == "__main__":
    main()
