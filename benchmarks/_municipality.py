"""A synthetic municipality for benchmarks: simulated, ingested as silos deliver it, and trained on.

The simulator is frozen: :func:`frozen` is a checksum of its code and of the pack that it reads.
Nothing here reads the truth.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.synthetic import Magnitudes, simulate
from models.bundle import Bundle
from models.examples import Examples, gather, population_size
from models.fitting import Settings
from models.labels import outcomes
from models.learning import Learner
from models.training import grow, plan, span

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "examples" / "gemeente"
END = date(2026, 9, 30)
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
"""Late enough to train, and early enough for the truth of half a year after it."""
BUCKETS = 4
KEY = bytes(32)


@dataclass(frozen=True)
class Municipality:
    """A simulated municipality, with its lake."""

    pack: Pack
    lake: Lake
    truth: Path
    seed: int


@dataclass(frozen=True)
class Trained:
    """What was learned of it by :data:`AS_OF`."""

    examples: Examples
    bundle: Bundle


def frozen() -> str:
    """SHA-256 over the simulator and the pack, in the order of their paths."""
    digest = hashlib.sha256()
    simulator = (ROOT / "features" / "sources" / "synthetic").rglob("*.py")
    for path in sorted([*simulator, *PACK.rglob("*.yaml")]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def make(
    folder: Path, *, citizens: int, years: int, seed: int, magnitudes: Magnitudes
) -> Municipality:
    """Simulate, and ingest what the silos know."""
    pack = load_pack(PACK)
    silos, truth = folder / "silos", folder / "truth"
    simulate(
        pack, silos, truth, citizens=citizens, years=years, end=END, seed=seed,
        magnitudes=magnitudes,
    )  # fmt: skip
    lake = Lake(str(folder / "lake"), buckets=BUCKETS)
    ingest(pack, lake, pseudonyms(), silos, now=datetime(2026, 10, 1, tzinfo=UTC))
    return Municipality(pack, lake, truth, seed)


def pseudonyms() -> Pseudonyms:
    """Of the benchmark's own key."""
    return Pseudonyms(KEY)


def learn(town: Municipality, *, threads: int) -> Trained:
    """Train every head on what was known by :data:`AS_OF`, as ``voorzet train`` does."""
    settings = Settings(seed=town.seed, threads=1)
    first, last = span(town.lake, AS_OF)
    found = outcomes(town.lake, town.pack, last)
    split = plan(town.pack, found, first, citizens=population_size(town.lake))
    examples = gather(town.lake, town.pack, split, found, seed=settings.seed)
    learner = Learner.of(examples, town.pack, settings)
    heads = grow(learner, threads)
    bundle = Bundle(
        pack=town.pack.domain.id,
        pack_checksum=town.pack.checksum,
        trained_at=AS_OF,
        columns=examples.columns,
        heads=heads,
    )
    return Trained(examples, bundle)
