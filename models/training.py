"""Training: snapshots, labels, one head per service, evaluation, and a bundle of it all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from models.cohort import cohort, everybody
from models.dropping import without_signals
from models.errors import TooShortError
from models.evaluation import Evaluation, evaluate
from models.examples import Examples, Progress, gather, population_size
from models.fitting import Settings
from models.heads import Head
from models.households import households
from models.labels import Outcomes, outcomes
from models.leaks import suspicions
from models.learning import Learner
from models.maturity import maturity
from models.need_checks import calibrated_on_checks
from models.rivals import learn_rivals
from models.splits import Split, snapshot_dates, split

Audit = Callable[[Learner, dict[str, Head]], dict[str, Any]]
WARM_UP = timedelta(days=90)
"""Time for counts and recency to fill before the first snapshot."""

FIT_ROWS = 80_000
"""Citizens times fit snapshots that are worth their time."""


@dataclass(frozen=True)
class TrainingResult:
    """A trained bundle with what it was trained and measured on.

    Parameters
    ----------
    bundle
        Ready to be written, registered and promoted.
    evaluation
        On the test period; the same is in the bundle, as JSON.
    data
        What was read: lake versions, checksum, rows, citizens.
    """

    bundle: Bundle
    evaluation: Evaluation
    split: Split
    data: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "version": self.bundle.version,
            "split": self.split.as_dict(),
            "data": self.data,
            "evaluation": self.bundle.evaluation,
        }


def train(
    lake: Lake,
    pack: Pack,
    *,
    until: datetime | None = None,
    months: int | None = None,
    seed: int | None = None,
    threads: int = 2,
    settings: Settings | None = None,
    shown: pl.DataFrame | None = None,
    tune: Callable[[Learner], Settings] | None = None,
    client: Any = None,
    without: tuple[str, ...] = (),
    audit: Audit | None = None,
    champion: Bundle | None = None,
    progress: Progress | None = None,
) -> TrainingResult:
    """Train every head of ``pack`` on what ``lake`` holds.

    Parameters
    ----------
    until
        The knowledge cut: nothing known later takes part. Defaults to the last that is known.
    months
        Look back no further than so many months before ``until``.
    shown
        :data:`models.labels.HELP`: suggestions shown, from the ledger.
    tune
        Finds better settings (:func:`models.searching.search`), once the examples are there.
    client
        A Dask cluster's ``distributed.Client``: heads are then grown on its workers.
    without
        Signals that no head may learn from.
    audit
        Looks at the heads and what they were learned from; what it finds goes with the evaluation,
        as *fairness*.
    champion
        The model in use, to be measured on the same rows; it changes nothing in what is learned.
    progress
        Called with a phase, how much of it is done, and how much there is.

    Raises
    ------
    TooShortError
        When the records cover too little time.
    """
    chosen = replace(settings or Settings(), threads=1)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    first, last = span(lake, until)
    found = outcomes(lake, pack, last, shown)
    periods = plan(pack, found, first, months, citizens=population_size(lake))
    gathered = gather(lake, pack, periods, found, seed=chosen.seed, progress=progress)
    examples = without_signals(gathered, without)
    learner = Learner.of(examples, pack, chosen)
    if tune is not None:
        learner = learner.under(tune(learner))
    if client is not None:
        learner = learner.on(client)
    heads = grow(learner, 1 if client is not None else threads, progress)
    suspected = suspicions(lake, pack, examples, found, learner.bins.screen, progress=progress)
    evaluation = evaluate(
        learner,
        heads,
        rivals=learn_rivals(
            learner, champion, threads=1 if client is not None else threads, progress=progress
        ),
        households=households(lake, periods.test[0], examples.citizen),
        progress=progress,
    )
    measured = evaluation.as_dict() | {
        "leaks": [one.as_dict() for one in suspected],
        "maturity": maturity(pack, found, examples).as_dict(),
        "cohort": cohort(learner, heads, in_lake=everybody(lake, last)).as_dict(),
    }
    if audit is not None:
        measured["fairness"] = audit(learner, heads)
    data = _data(lake, examples)
    bundle = Bundle(
        pack=pack.domain.id,
        pack_checksum=pack.checksum,
        trained_at=last,
        columns=examples.columns,
        heads=heads,
        metrics=measured["summary"],
        evaluation=measured,
        training={
            "settings": learner.settings.as_dict(),
            "split": periods.as_dict(),
            "months": months,
            "without": list(without),
            "lag_days": found.lag.days,
            "data": data,
        },
    )
    return TrainingResult(bundle, evaluation, periods, data)


def plan(
    pack: Pack,
    found: Outcomes,
    first: datetime,
    months: int | None = None,
    *,
    citizens: int = 20_000,
) -> Split:
    """The split of the scheduled dates between ``first`` and the knowledge cut.

    All heads share it; it is embargoed by the longest horizon among the services that were ever
    taken up. The fewer ``citizens`` there are, the more dates are used.
    """
    embargo = longest_horizon(pack, found) + found.lag
    start = first + WARM_UP
    if months is not None:
        start = max(start, found.until - timedelta(days=round(months * 30.44)))
    training = pack.domain.training
    most = max(10, min(60, FIT_ROWS // max(citizens, 1)))
    dates = snapshot_dates(training.snapshots, start, found.until - embargo, pack.domain.time_zone)
    return split(
        dates,
        embargo,
        fit_snapshots=most,
        held_snapshots=max(3, most // 3),
        unseen_test=training.test_citizens == "unseen",
    )


def longest_horizon(pack: Pack, found: Outcomes) -> timedelta:
    """The longest among the services that were ever taken up.

    Raises
    ------
    TooShortError
        When nothing was ever taken up.
    """
    taken = [
        service.horizon_days
        for name, service in pack.services.items()
        if (found.steps[name]["role"] == service.outcome).any()
    ]
    if not taken:
        raise TooShortError(needed=1, available=0)
    return timedelta(days=max(taken))


def span(lake: Lake, until: datetime | None) -> tuple[datetime, datetime]:
    """From when the sources delivered until the end of what is known.

    A source begins after the first 2% of its events, which a first load may bring from long ago.
    The span begins with the last source to begin: before it, what a source would have told is
    missing for everyone. Sources that began past the middle of the usual span are left aside.
    """
    known = pl.col("known_at")
    events = lake.scan("events")
    if until is not None:
        events = events.filter(known <= until)
    by_source = (
        events.group_by("source")
        .agg(
            known.dt.epoch("us").quantile(0.02).cast(pl.Int64).alias("first"),
            known.max().alias("last"),
        )
        .with_columns(pl.col("first").cast(pl.Datetime("us", "UTC")))
        .collect()
    )
    if by_source.is_empty():
        raise TooShortError(needed=1, available=0)
    begun = sorted(by_source.get_column("first").to_list())
    last: datetime = max(by_source.get_column("last").to_list())
    usual = begun[len(begun) // 2]
    middle = usual + (last - usual) / 2
    return max(moment for moment in begun if moment <= middle), until or last


def grow(learner: Learner, threads: int, progress: Progress | None = None) -> dict[str, Head]:
    """Every head, several at once: heads are too small for more than one thread each."""
    services = list(learner.pack.services)
    heads = {}
    with ThreadPoolExecutor(threads) as pool:
        for place, head in enumerate(pool.map(learner.head, services)):
            heads[head.service] = head
            if progress:
                progress("heads", place + 1, len(services))
    return calibrated_on_checks(heads, learner.examples, threads=threads)


def _data(lake: Lake, examples: Examples) -> dict[str, Any]:
    return {
        "lake_versions": lake.versions(),
        "lake_checksum": lake.checksum(),
        "examples_checksum": examples.checksum(),
        "rows": len(examples.citizen),
        "citizens": len(set(examples.citizen.tolist())),
        "signals": len(examples.columns.names),
    }
