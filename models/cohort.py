"""Cohort flow: from everybody to the rows that trees are grown on, who fell out and why.

A row is a citizen at a date. Rows add up from step to step; people do not, for one can be a
candidate at one date and have the service at the next. Parts of fewer than ten people are not
shown, nor what would give one away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.lake import Lake
from models.examples import Examples, Task
from models.heads import Head, Trees
from models.learning import Learner
from models.small_groups import shown, to_hide
from models.splits import Role

Rows = NDArray[np.int64]

NOT_ELIGIBLE = "not eligible by the rules"
HAS_IT = "has it already"
WAITING = "waits for a decision on it"
APART = "kept out by the split"
HELPED = "helped, or too little was told, within the horizon"
LATER = {
    Role.STOP: "period for stopping",
    Role.CALIBRATE: "period for calibration",
    Role.TEST: "period for the test",
}
LEFT = "left"
NOT_DRAWN = "did not take it up, and was not drawn"
TOO_FEW = "too few took it up for trees: a prior answers"


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a step; both numbers None where they are not shown."""

    rows: int | None
    people: int | None

    def as_dict(self) -> dict[str, int | None]:
        """For JSON."""
        return {"rows": self.rows, "people": self.people}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a cohort stands, and who fell out before the next step, by reason."""

    name: str
    all: Part
    out: dict[str, Part]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        out = {reason: part.as_dict() for reason, part in self.out.items()}
        return {"step": self.name, **self.all.as_dict(), "out": out}


@dataclass(frozen=True, slots=True)
class Cohort:
    """The flow of every service.

    Parameters
    ----------
    in_lake
        Everybody of whom anything was known (:func:`everybody`).
    in_examples
        Of these, who was known at any date used; training takes whole buckets at random where there
        are more people than it has room for.
    """

    in_lake: int
    in_examples: int
    dates: int
    services: dict[str, tuple[Step, ...]]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "people_in_lake": shown(self.in_lake),
            "people_in_examples": shown(self.in_examples),
            "dates": self.dates,
            "services": {
                name: [step.as_dict() for step in steps] for name, steps in self.services.items()
            },
        }


def everybody(lake: Lake, until: datetime) -> int:
    """How many people any event or fact tells of that was known by ``until``."""
    told = [
        lake.scan(table).filter(pl.col("known_at") <= until).select("citizen")
        for table in ("events", "facts")
    ]
    return int(pl.concat(told).select(pl.col("citizen").n_unique()).collect().item())


def cohort(learner: Learner, heads: dict[str, Head], *, in_lake: int) -> Cohort:
    """Count who went where."""
    examples = learner.examples
    return Cohort(
        in_lake,
        len(np.unique(examples.citizen)),
        len(examples.split.snapshots),
        {name: _flow(learner, heads[name]) for name in examples.tasks},
    )


def _flow(learner: Learner, head: Head) -> tuple[Step, ...]:
    examples = learner.examples
    task = examples.tasks[head.service]
    every, candidates = np.arange(len(examples.citizen)), task.rows
    used = candidates[examples.role[candidates] != Role.UNUSED]
    seen = task.rows[(task.weight > 0) & (examples.role[task.rows] != Role.UNUSED)]
    role = examples.role[seen]
    fit = seen[role == Role.FIT]
    trees = isinstance(head.unaided, Trees)
    fitted = learner.fit_sample(head.service)[0] if trees else fit[:0]
    lost = NOT_DRAWN if trees else TOO_FEW
    later = {name: seen[role == one] for one, name in LATER.items()}
    steps: tuple[tuple[str, Rows, Rows, dict[str, Rows]], ...] = (
        ("everybody at every date", every, candidates, _no_candidates(every, task)),
        (
            "candidates",
            candidates,
            seen,
            {
                APART: np.setdiff1d(candidates, used, assume_unique=True),
                HELPED: np.setdiff1d(used, seen, assume_unique=True),
            },
        ),
        ("seen without help", seen, fit, later),
        ("period for fitting", fit, fitted, {lost: np.setdiff1d(fit, fitted, assume_unique=True)}),
        ("rows that trees are grown on", fitted, fitted, {}),
    )
    return tuple(_counted(examples, steps))


def _no_candidates(every: Rows, task: Task) -> dict[str, Rows]:
    """Why somebody is no candidate; who could get it twice can have it and be one."""
    having = np.setdiff1d(task.holders, np.union1d(task.rows, task.waiting), assume_unique=True)
    rest = np.zeros(len(every), dtype=bool)
    for rows in (task.rows, task.waiting, having):
        rest[rows] = True
    return {NOT_ELIGIBLE: every[~rest], HAS_IT: having, WAITING: task.waiting}


def _counted(
    examples: Examples, steps: Iterable[tuple[str, Rows, Rows, dict[str, Rows]]]
) -> Iterator[Step]:
    """The steps with their numbers. What is left and what fell out make the whole, so each is
    hidden with the others in mind, and what is left stays hidden as the whole of the next step."""
    kept = False
    for name, rows, left, out in steps:
        whole = _people(examples, rows)
        people = {reason: _people(examples, one) for reason, one in out.items()}
        hidden = to_hide(people | {LEFT: _people(examples, left)}) if out else set()
        kept = kept or shown(whole) is None
        yield Step(
            name,
            Part(None, None) if kept else Part(len(rows), whole),
            {
                reason: Part(None, None) if reason in hidden else Part(len(one), people[reason])
                for reason, one in out.items()
            },
        )
        kept = LEFT in hidden


def _people(examples: Examples, rows: Rows) -> int:
    return len(np.unique(examples.citizen[rows]))
