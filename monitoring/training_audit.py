"""The fairness audit of a training: proxies among the signals, and the heads by group.

Training itself hands over what it has; the protected attributes are read here alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from features.lake import Lake
from features.pack import Pack
from features.snapshot import population
from models.dropping import without_signals
from models.evaluation import evaluate
from models.examples import Examples
from models.heads import Head
from models.learning import Learner
from models.splits import Role
from models.training import grow
from monitoring.fair_heads import FairHeads, fair_heads
from monitoring.fairness import UNKNOWN, groups
from monitoring.protected import audited_facts
from monitoring.proxies import proxies

MOST_WEIGHT = 5.0


@dataclass(frozen=True)
class TrainingAudit:
    """Looks at a training whose lake and pack these are.

    Parameters
    ----------
    dropped, reweigh
        Ways to train that are set beside it: without these signals, and with past cases reweighed
        by each of these groupings.
    """

    lake: Lake
    pack: Pack
    dropped: tuple[str, ...] = ()
    reweigh: tuple[str, ...] = ()

    def __call__(self, learner: Learner, heads: dict[str, Head]) -> dict[str, Any]:
        """Plain JSON for the bundle's evaluation; empty when the pack names no grouping."""
        examples = learner.examples
        if not self.pack.domain.fairness or not (examples.role == Role.TEST).any():
            return {}
        settings = learner.settings
        placed = self.groups(examples)
        rows = _rows(examples, placed["citizen"])
        told = proxies(
            examples.matrix[rows],
            examples.columns,
            placed,
            seed=settings.seed,
            threads=settings.threads,
        )
        found = fair_heads(examples, heads, placed, threads=settings.threads)
        beside = self._variants(learner, heads, placed, found)
        return {
            "proxies": [one.as_dict() for one in told],
            **found.as_dict(),
            "variants": [one.as_dict() for one in beside],
        }

    def _variants(
        self, learner: Learner, heads: dict[str, Head], placed: pl.DataFrame, found: FairHeads
    ) -> list[Variant]:
        """As it was trained, and each other way that was asked for."""
        if not self.dropped and not self.reweigh:
            return []
        summary = evaluate(learner, heads).as_dict()["summary"]
        examples = learner.examples
        variants = [Variant("as trained", summary["auc"], summary["calibration_error"], found)]
        if self.dropped:
            less = without_signals(examples, self.dropped)
            name = f"without {', '.join(self.dropped)}"
            variants.append(variant(name, less, learner, placed))
        for grouping in self.reweigh:
            other = reweighed(examples, placed, grouping)
            variants.append(variant(f"reweighed by {grouping}", other, learner, placed))
        return variants

    def groups(self, examples: Examples) -> pl.DataFrame:
        """Citizen and group in every grouping, on the last test date; those in the examples."""
        last = int(examples.moment[examples.role == Role.TEST].max())
        as_of = examples.split.snapshots[last]
        seen = pl.Series(np.unique(examples.citizen[examples.moment == last]))
        parts = [
            groups(
                audited_facts(self.lake, self.pack, one.records.citizens, as_of),
                one.facts,
                self.pack,
            )
            for one in population(self.lake, self.pack, as_of)
            if not one.signals.is_empty()
        ]
        return pl.concat(parts).filter(pl.col("citizen").is_in(seen.implode())).sort("citizen")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of training: what it costs, and what it brings each group."""

    name: str
    auc: float | None
    calibration_error: float | None
    found: FairHeads

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        worst = self.found.worst
        return {
            "variant": self.name,
            "auc": self.auc,
            "calibration_error": self.calibration_error,
            "worst": worst.as_dict() if worst else None,
            "recall": [one.as_dict() for one in self.found.recall],
        }


def reweighed(examples: Examples, placed: pl.DataFrame, grouping: str) -> Examples:
    """``examples`` in which, of each service, take-up weighs alike in every group of ``grouping``.

    The weights of the fit period are multiplied by P(group)·P(taken) / P(group and taken), at most
    :data:`MOST_WEIGHT` times; people without a group keep theirs. The attribute decides how much a
    past case counts, and is no part of what is learned.

    References
    ----------
    Kamiran, F. and Calders, T. (2012). Data preprocessing techniques for classification without
    discrimination. Knowledge and Information Systems 33.
    """
    codes = placed.select("citizen", grouping).filter(pl.col(grouping) != UNKNOWN)
    tasks = {}
    for service, task in examples.tasks.items():
        fit = examples.role[task.rows] == Role.FIT
        frame = pl.DataFrame(
            {
                "citizen": examples.citizen[task.rows],
                "taken": task.taken,
                "weight": np.where(fit, task.weight, 0.0),
            }
        ).join(codes, on="citizen", how="left", maintain_order="left")
        placed_only = pl.col(grouping).is_not_null()
        mass = pl.col("weight").filter(placed_only)
        of_group = pl.col("weight").sum().over(grouping)
        of_taken = mass.sum().over("taken")
        both = pl.col("weight").sum().over(grouping, "taken")
        factor = frame.select(
            pl.when(placed_only & (both > 0))
            .then((of_group * of_taken / (mass.sum() * both)).clip(1 / MOST_WEIGHT, MOST_WEIGHT))
            .otherwise(1.0)
        ).to_series()
        weight = np.where(fit, task.weight * factor.to_numpy(), task.weight)
        tasks[service] = replace(task, weight=weight)
    return replace(examples, tasks=tasks)


def variant(name: str, examples: Examples, learner: Learner, placed: pl.DataFrame) -> Variant:
    """Fit every head anew on ``examples``, and measure it as it was before: on the same people,
    with the weights that they had."""
    fitted = Learner.of(examples, learner.pack, learner.settings)
    heads = grow(fitted, 1, None)
    summary = evaluate(fitted, heads).as_dict()["summary"]
    found = fair_heads(examples, heads, placed, threads=learner.settings.threads)
    return Variant(name, summary["auc"], summary["calibration_error"], found)


def _rows(examples: Examples, citizens: pl.Series) -> np.ndarray:
    """The rows of the last test date, in the order of ``citizens``."""
    last = int(examples.moment[examples.role == Role.TEST].max())
    there = np.flatnonzero(examples.moment == last)
    order = there[np.argsort(examples.citizen[there], kind="stable")]
    return order[np.searchsorted(examples.citizen[order], citizens.to_numpy())]
