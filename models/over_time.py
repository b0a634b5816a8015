"""Rolling validation: the whole training again at past dates, each tested on the months after.

Each round knows only what was known at its own cut, so that no round can look ahead. The rounds
show how steady the heads and their rivals are, and what would have been lost by trusting one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from features.lake import Lake
from features.pack import Pack
from models.audition import MEASURED, regret
from models.contenders import MODELS
from models.errors import TooShortError
from models.examples import Progress
from models.fitting import Settings
from models.training import TrainingResult, span, train

MONTH = timedelta(days=30.44)


@dataclass(frozen=True)
class OverTime:
    """The rounds, oldest first.

    Parameters
    ----------
    rounds
        One training each.
    skipped
        How many of the rounds asked for lay too early for a fit and a test period.
    """

    rounds: tuple[TrainingResult, ...]
    skipped: int = 0

    def measured(self) -> pl.DataFrame:
        """:data:`models.audition.MEASURED`: the mean AUC of each kind of model by round."""
        rows = [
            (
                one.split.test[0],
                name,
                one.bundle.metrics.get("auc" if name == "heads" else f"auc_{name}"),
            )
            for one in self.rounds
            for name in MODELS
        ]
        frame = pl.DataFrame(rows, schema=MEASURED, orient="row")
        return frame.drop_nulls()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rounds": [
                {
                    "trained_at": one.bundle.trained_at.isoformat(),
                    "tested_from": one.split.test[0].isoformat(),
                    "summary": one.bundle.metrics,
                }
                for one in self.rounds
            ],
            "skipped": self.skipped,
            "measured": self.measured().with_columns(pl.col("at").dt.to_string()).to_dicts(),
            "regret": regret(self.measured()).with_columns(pl.col("at").dt.to_string()).to_dicts(),
        }


def over_time(
    lake: Lake,
    pack: Pack,
    *,
    rounds: int = 3,
    every_months: int = 3,
    settings: Settings | None = None,
    shown: pl.DataFrame | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> OverTime:
    """Train and test ``rounds`` times, ``every_months`` apart, the last time on all that is known.

    The champion of each round is the model of the round before: what not retraining would cost.

    Raises
    ------
    TooShortError
        When not even the last round has a fit and a test period.
    """
    _, last = span(lake, None)
    found: list[TrainingResult] = []
    skipped = 0
    for place in range(rounds):
        cut = last - (rounds - 1 - place) * every_months * MONTH
        try:
            found.append(
                train(
                    lake,
                    pack,
                    until=cut,
                    settings=settings,
                    shown=shown,
                    threads=threads,
                    champion=found[-1].bundle if found else None,
                )
            )
        except TooShortError:
            if place == rounds - 1:
                raise
            skipped += 1
        if progress:
            progress("rounds", place + 1, rounds)
    return OverTime(tuple(found), skipped)
