"""All heads of a municipality, beside fitting each with a plain ``LGBMClassifier``.

The same rows, signals, labels, weights, tree settings and early stopping for both, on the simulated
municipality. Plain means as the library comes: each head makes its own data set from the columns
that its purpose allows. Both have two cores and fit two heads at a time. Quality is compared on the
test period, which neither has seen, in raw probabilities; draws take whole citizens, the same for
all heads.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

os.environ["OMP_WAIT_POLICY"] = "passive"  # as the product runs: idle threads sleep

import lightgbm as lgb
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._measuring import Claim, note, tell
from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.synthetic import simulate
from models.examples import Examples, gather
from models.fitting import Settings, SharedBins
from models.heads import Trees
from models.labels import outcomes
from models.learning import Learner
from models.metrics import log_loss
from models.metrics.area_under_curve import area_under_curve_draws
from models.splits import Role
from models.training import plan, span

PACK = Path(__file__).resolve().parents[1] / "examples" / "gemeente"
DRAWS, CORES = 200, 2
LEAST_TAKEN = 20
"""In the test period, below which a head is not compared."""
PLAIN = {
    "min_data_in_leaf": "min_child_samples",
    "lambda_l2": "reg_lambda",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
}
"""What LightGBM's own names are called by its classifier."""

Cut = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Job:
    """One model to be fitted: its name, rows to fit and to stop on, and signals."""

    name: str
    rows: Cut
    stop: Cut | None
    allowed: list[int]
    monotone: list[int] | None


@dataclass
class Recording:
    """Bins that note what they are asked for."""

    bins: SharedBins
    jobs: list[Job] = field(default_factory=list)

    def fit(
        self,
        name: str,
        rows: Cut,
        stop: Cut | None,
        allowed: list[int] | None = None,
        monotone: list[int] | None = None,
    ) -> str:
        """As :meth:`models.fitting.SharedBins.fit`."""
        self.jobs.append(Job(name, rows, stop, list(allowed or ()), monotone))
        return self.bins.fit(name, rows, stop, allowed, monotone)


def municipality(folder: Path, citizens: int, seed: int) -> tuple[Pack, Examples]:
    """A simulated municipality's examples."""
    pack = load_pack(PACK)
    silos = folder / "silos"
    simulate(
        pack, silos, folder / "truth", citizens=citizens, years=5, end=date(2026, 9, 30), seed=seed
    )
    lake = Lake(str(folder / "lake"), buckets=max(2, citizens // 5_000))
    schemes = [name for name, kind in pack.domain.identifiers.items() if kind == "bsn"]
    now = datetime(2026, 10, 1, tzinfo=UTC)
    ingest(pack, lake, Pseudonyms(b"benchmark" * 4, schemes), silos, now=now)
    first, last = span(lake, None)
    found = outcomes(lake, pack, last)
    periods = plan(pack, found, first, citizens=citizens)
    return pack, gather(lake, pack, periods, found, seed=seed)


def jobs_of(examples: Examples, pack: Pack, settings: Settings) -> list[Job]:
    """Every model that training fits."""
    learner = Learner.of(examples, pack, settings)
    recording = Recording(learner.bins)
    noting = replace(learner, bins=recording)  # type: ignore[arg-type]
    for service in pack.services:
        noting.head(service)
    return recording.jobs


def ours(examples: Examples, jobs: list[Job], settings: Settings) -> dict[str, Any]:
    """All models as training fits them, the shared bins included."""
    split = examples.split
    rows = examples.rows_until((*split.fit, *(one for part in split.held for one in part)))
    fit_rows = examples.rows_until(split.fit)
    bins = SharedBins(examples.matrix[:rows], fit_rows, examples.columns, settings)

    def fitted(job: Job) -> str:
        return bins.fit(job.name, job.rows, job.stop, job.allowed, job.monotone)

    with ThreadPoolExecutor(CORES) as pool:
        texts = list(pool.map(fitted, jobs))
    return dict(zip([job.name for job in jobs], texts, strict=True))


def plain(examples: Examples, jobs: list[Job], settings: Settings) -> dict[str, Any]:
    """Each model with a classifier of its own."""
    with ThreadPoolExecutor(CORES) as pool:
        fitted = pool.map(lambda job: _classifier(examples, job, settings), jobs)
        return dict(zip([job.name for job in jobs], fitted, strict=True))


def _classifier(examples: Examples, job: Job, settings: Settings) -> lgb.LGBMClassifier:
    smaller = settings.sized(job.rows[1])
    slower = 2 if smaller else 1
    given: dict[str, Any] = {
        "n_estimators": slower * (settings.rounds if job.stop else settings.rounds_unstopped),
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "max_depth": settings.max_depth,
        "min_child_samples": settings.min_leaf,
        "reg_lambda": settings.l2,
        "colsample_bytree": settings.column_share,
        "max_bin": settings.bins,
        "n_jobs": 1,
        "verbosity": -1,
        "random_state": settings.seed % 2**31,
    } | {PLAIN.get(name, name): value for name, value in smaller.items()}
    if job.monotone and any(job.monotone):
        given["monotone_constraints"] = [job.monotone[place] for place in job.allowed]
    categories = set(examples.columns.category_positions)
    more: dict[str, Any] = {}
    if job.stop:
        more = {
            "eval_X": (examples.matrix[np.ix_(job.stop[0], job.allowed)],),
            "eval_y": (job.stop[1],),
            "eval_sample_weight": [job.stop[2]],
            "eval_metric": "binary_logloss",
            "callbacks": [lgb.early_stopping(settings.patience * slower, verbose=False)],
        }
    return lgb.LGBMClassifier(**given).fit(
        examples.matrix[np.ix_(job.rows[0], job.allowed)],
        job.rows[1],
        sample_weight=job.rows[2],
        categorical_feature=[k for k, place in enumerate(job.allowed) if place in categories],
        **more,
    )


def taken_by(work: Callable[[], dict[str, Any]]) -> tuple[float, float, dict[str, Any]]:
    """Seconds by the clock, seconds of the processor, and what came of it."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - clock, time.process_time() - processor, made


def quality(
    examples: Examples, jobs: list[Job], texts: dict[str, Any], classifiers: dict[str, Any]
) -> dict[str, tuple[float, float, float]]:
    """Ours less plain, on the test period: the mean over heads with its 95% interval."""
    citizens, place = np.unique(examples.citizen, return_inverse=True)
    drawn = np.random.default_rng(5).poisson(1.0, (DRAWS, len(citizens)))
    drawn = np.vstack([np.ones(len(citizens)), drawn])
    areas, losses = [], []
    for job in jobs:
        service, part = job.name.split("/")
        test = examples.task(service, Role.TEST)
        if part != "unaided" or test.taken[test.weight > 0].sum() < LEAST_TAKEN:
            continue
        labels, weights = test.taken.astype(np.float64), drawn[:, place[test.rows]] * test.weight
        matrix = examples.matrix[test.rows]
        one = Trees(texts[job.name]).raw(matrix)
        two = classifiers[job.name].predict_proba(matrix[:, job.allowed])[:, 1]
        areas.append(
            area_under_curve_draws(labels, one, weights)
            - area_under_curve_draws(labels, two, weights)
        )
        losses.append([log_loss(labels, one, w) / log_loss(labels, two, w) - 1 for w in weights])
    return {
        "heads": (len(areas), len(areas), len(areas)),
        "auc": _interval(np.mean(areas, axis=0)),
        "log loss": _interval(np.mean(losses, axis=0)),
    }


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def main() -> None:
    """Measures, and tells."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a small municipality, in a minute")
    asked.add_argument("--citizens", type=int, help="how many people live there")
    given = asked.parse_args()
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    warnings.filterwarnings("ignore", message="categorical_feature")
    start = time.perf_counter()
    citizens = given.citizens or (1_500 if given.quick else 20_000)
    with tempfile.TemporaryDirectory(prefix="voorzet-") as scratch:
        pack, examples = municipality(Path(scratch), citizens, seed=11)
    note(f"{examples.matrix.shape[0]} rows of {examples.matrix.shape[1]} signals")
    settings = replace(Settings(), threads=1)
    jobs = jobs_of(examples, pack, settings)
    clock, processor, texts = taken_by(lambda: ours(examples, jobs, settings))
    note(f"{len(jobs)} heads in {clock:.1f} s, {processor:.1f} s of the processor")
    their_clock, their_processor, classifiers = taken_by(lambda: plain(examples, jobs, settings))
    note(f"plain in {their_clock:.1f} s, {their_processor:.1f} s of the processor")
    found = quality(examples, jobs, texts, classifiers)
    claims = [
        Claim.at_most("times plain: by the clock", clock / their_clock, 0.5),
        Claim.at_most("times plain: of the processor", processor / their_processor, 0.5),
        Claim.at_least("AUC above plain, lower 95% limit", found["auc"][1], -0.01),
        Claim.at_most("log loss above plain (share), upper 95% limit", found["log loss"][2], 0.02),
    ]
    tell(
        "training",
        claims,
        start,
        heads=len(jobs),
        rows=len(examples.matrix),
        fitted_rows=sum(len(job.rows[0]) for job in jobs),
        signals=examples.matrix.shape[1],
        seconds_ours=[round(clock, 2), round(processor, 2)],
        seconds_plain=[round(their_clock, 2), round(their_processor, 2)],
        compared={name: [round(one, 4) for one in values] for name, values in found.items()},
    )


if __name__ == "__main__":
    main()
