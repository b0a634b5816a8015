"""One citizen out of twenty million events: the timeline and every signal, in process.

Fresh citizens are asked for, drawn at random; each is read from disk, and its timeline and all
signals are worked out by the code that builds the population. Then a thousand small landings of a
hundred events come in, with the compaction that is scheduled after every 64 of them, and other
citizens are asked for, half of them such as have just had an event; a citizen who had is checked to
show it. The handle on the lake is refreshed after each landing, outside the time. The
process is made ready first, as the server is (features/steady.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._measuring import Claim, note, tell
from benchmarks._town import AS_OF, EVENTS_EACH, SOURCES, pack, write_lake
from features.events import EVENTS
from features.ingest import FRAGMENTED
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary, signals
from features.steady import make_ready
from features.timeline import read_records, told

CITIZENS, PER_BUCKET = 200_000, 12_500
LANDINGS, LANDED, SETTLED_EVERY = 1_000, 100, 64
ASKED = 1_000


def citizens_of(lake: Lake) -> np.ndarray:
    """Everybody in the lake."""
    return lake.scan("facts").select(pl.col("citizen").unique()).collect()["citizen"].to_numpy()


def ask(lake: Lake, town: Pack, people: np.ndarray) -> list[float]:
    """The milliseconds that each of ``people`` takes."""
    found = []
    for citizen in people.tolist():
        start = time.perf_counter()
        records = read_records(lake, town, AS_OF, [citizen])
        row = signals(records, town)
        history = told(records, lake, town)
        found.append((time.perf_counter() - start) * 1000)
        assert row.height == 1
        assert history.height >= EVENTS_EACH // 2
    return found


def landing(number: int, people: np.ndarray) -> pl.DataFrame:
    """One small landing: a payment to each of ``people``, known at the date of the benchmark."""
    now = AS_OF - timedelta(seconds=1)
    return pl.DataFrame(
        {
            "event_id": [f"landed-{number}-{place}" for place in range(len(people))],
            "citizen": people,
            "type": "payment",
            "occurred_at": now,
            "known_at": now,
            "source": SOURCES[1],
            "value": 12.5,
            "order": range(len(people)),
        },
        schema_overrides={name: EVENTS[name] for name in ("occurred_at", "known_at", "order")},
    ).pipe(lambda rows: pl.concat([EVENTS.to_frame(), rows], how="diagonal_relaxed").cast(EVENTS))


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a town of 10,000, in a minute")
    given = asked.parse_args()
    start = time.perf_counter()
    citizens = CITIZENS // 20 if given.quick else CITIZENS
    landings = LANDINGS // 10 if given.quick else LANDINGS
    times = ASKED // 5 if given.quick else ASKED
    random = np.random.default_rng(3)
    town = pack()
    with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
        lake = write_lake(Path(scratch, "lake"), citizens, buckets=max(2, citizens // PER_BUCKET))
        people = citizens_of(lake)
        note(f"{lake.rows('events'):,} events")
        ask(lake, town, random.choice(people, 20, replace=False))
        make_ready()
        before = ask(lake, town, random.choice(people, times, replace=False))
        note(f"p50 {np.percentile(before, 50):.2f} ms, p99 {np.percentile(before, 99):.2f} ms")
        touched = []
        for number in range(landings):
            some = random.choice(people, LANDED, replace=False)
            lake.append("events", landing(number, some), ("landings", number + 1))
            touched.append(some)
            if number % SETTLED_EVERY == SETTLED_EVERY - 1:
                lake.compact(above=FRAGMENTED)
        files = lake.files("events")
        note(f"{landings} landings: {files} files")
        someone = int(touched[-1][0])
        seen = read_records(lake, town, AS_OF, [someone]).events.filter(pl.col("value") == 12.5)
        recent = np.concatenate(touched[-(times // LANDED + 1) :])[: times // 2]
        mixed = np.concatenate([random.choice(people, times - len(recent)), recent])
        ask(lake, town, random.choice(people, 20, replace=False))
        after = ask(lake, town, random.permutation(mixed))
    claims = [
        Claim.at_least("signals a citizen", len(dictionary(town)), 240),
        Claim.at_most("p50, ms", float(np.percentile(before, 50)), 8),
        Claim.at_most("p99, ms", float(np.percentile(before, 99)), 20),
        Claim.at_most(f"p50 after {landings} landings, ms", float(np.percentile(after, 50)), 8),
        Claim.at_most(f"p99 after {landings} landings, ms", float(np.percentile(after, 99)), 20),
        Claim.at_least("events of a landing that its citizen shows", seen.height, 1),
    ]
    tell("one_citizen", claims, start, events=citizens * EVENTS_EACH, asked=times, files=files)


if __name__ == "__main__":
    main()
