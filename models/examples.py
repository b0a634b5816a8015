"""The examples that heads learn from: one matrix of signals, and per service its candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.catalogue import Objective
from features.lake import Lake
from features.pack import Pack, has_column
from features.service_history import awaiting, history_of
from features.snapshot import Snapshot, dictionary, population
from models.eligibility import concluded, criteria_results
from models.entitlement import Share, expected_share, pooled
from models.labels import Outcomes, labels, signs_of
from models.matrix import Columns, Matrix, Vector
from models.sampled import Sampled, sampled
from models.splits import Role, Split

Progress = Callable[[str, int, int], None]

MAX_ROWS = 400_000
"""Citizens times snapshots that training takes at most; beyond it whole buckets are left out."""


@dataclass(frozen=True)
class Task:
    """The candidates of one service over all snapshots.

    Parameters
    ----------
    rows
        Row numbers in the matrix, ascending.
    known
        True where the rules said eligible, false where they could not tell.
    taken, weight, decided, checked
        See :class:`models.labels.Labels`.
    holders
        Row numbers of those who have the service and are not known to be ineligible, ascending.
    expected
        The share of the entitled among the unknown, read off the rules; None when nobody was
        unknown.
    waiting
        Row numbers of those who would be candidates and wait for a decision, ascending. Nothing is
        learned from them; they are counted.
    """

    rows: NDArray[np.int64]
    known: NDArray[np.bool_]
    taken: NDArray[np.int8]
    weight: Vector
    decided: NDArray[np.int8]
    checked: NDArray[np.int8]
    holders: NDArray[np.int64]
    expected: Share | None
    waiting: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def where(self, chosen: NDArray[np.bool_]) -> Task:
        """The chosen candidates."""
        return replace(
            self,
            rows=self.rows[chosen],
            known=self.known[chosen],
            taken=self.taken[chosen],
            weight=self.weight[chosen],
            decided=self.decided[chosen],
            checked=self.checked[chosen],
        )


@dataclass(frozen=True)
class Examples:
    """All snapshots under each other, in order of time.

    Parameters
    ----------
    matrix
        (rows, signals) float32.
    citizen, moment, role
        Per row: who, which of ``split.snapshots``, and what it is used for.
    tasks
        By service, in the pack's order.
    signs
        By intervention that foretells a failing process: how often each sign showed, and how
        completely each source tells it (plain JSON).
    sampled
        The citizens whom random checks looked at.
    """

    split: Split
    columns: Columns
    matrix: Matrix
    citizen: NDArray[np.int64]
    moment: NDArray[np.int16]
    role: NDArray[np.int8]
    tasks: dict[str, Task]
    signs: dict[str, dict[str, Any]] = field(default_factory=dict)
    sampled: Sampled = field(default_factory=Sampled.none)

    def rows_until(self, moments: Iterable[datetime]) -> int:
        """How many rows belong to the first so many snapshots."""
        return int((self.moment < len(tuple(moments))).sum())

    def checksum(self) -> str:
        """Of everything that heads learn from: signals, roles and labels, citizen by citizen."""
        digest = hashlib.sha256("\n".join(self.columns.names).encode())
        parts: list[NDArray[Any]] = [self.matrix, self.citizen, self.moment, self.role]
        for task in self.tasks.values():
            parts += [task.rows, task.known, task.taken, task.weight, task.decided]
            parts += [task.checked, task.holders]
        for part in parts:
            digest.update(np.ascontiguousarray(part).data)
        digest.update(self.sampled.checksum())
        return digest.hexdigest()

    def task(self, service: str, *roles: Role) -> Task:
        """The candidates of ``service`` in the given roles, and who has it there."""
        task = self.tasks[service]
        holders = task.holders[np.isin(self.role[task.holders], roles)]
        chosen = task.where(np.isin(self.role[task.rows], roles))
        return replace(chosen, holders=holders)


@dataclass(frozen=True)
class _Date:
    """What one snapshot contributes: its candidates by service, rows counted from 0."""

    matrix: Matrix
    citizen: NDArray[np.int64]
    tasks: dict[str, Task]
    shares: dict[str, Share]


def gather(
    lake: Lake,
    pack: Pack,
    split: Split,
    outcomes: Outcomes,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Examples:
    """Compute the signals, verdicts and labels of every snapshot of ``split``."""
    columns = Columns.of(dictionary(pack))
    buckets = _buckets(lake, len(split.snapshots))
    dates = []
    for place, as_of in enumerate(split.snapshots):
        if progress:
            progress("snapshots", place, len(split.snapshots))
        dates.append(
            _date(population(lake, pack, as_of, buckets=buckets), as_of, pack, columns, outcomes)
        )
    if progress:
        progress("snapshots", len(split.snapshots), len(split.snapshots))
    sizes = [len(date.citizen) for date in dates]
    starts = np.cumsum([0, *sizes])
    return Examples(
        split=split,
        columns=columns,
        matrix=np.concatenate([date.matrix for date in dates]),
        citizen=np.concatenate([date.citizen for date in dates]),
        moment=np.repeat(np.arange(len(dates), dtype=np.int16), sizes),
        role=np.concatenate(
            [
                split.roles(as_of, date.citizen, seed)
                for as_of, date in zip(split.snapshots, dates, strict=True)
            ]
        ),
        tasks={service: _joined(dates, starts, service) for service in pack.services},
        signs=_signs(pack, outcomes),
        sampled=sampled(lake, pack, columns, split, outcomes, seed=seed),
    )


def _signs(pack: Pack, outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    if outcomes.failings is None:
        return {}
    return {
        name: outcomes.failings.report(signs_of(pack, name), pack)
        for name, service in pack.services.items()
        if service.objective is Objective.FAILING_PROCESS
    }


def population_size(lake: Lake) -> int:
    """How many citizens have any event."""
    return int(lake.scan("events").select(pl.col("citizen").n_unique()).collect().item())


def asked_frame(snapshot: Snapshot) -> pl.DataFrame:
    """Everything a criterion may ask: the facts, also those only a rule may read, with signals."""
    new = [name for name in snapshot.signals.columns if name not in snapshot.facts.columns]
    return snapshot.facts.join(
        snapshot.signals.select("citizen", *new), on="citizen", how="left", maintain_order="left"
    )


def _date(
    snapshots: Iterable[Snapshot],
    as_of: datetime,
    pack: Pack,
    columns: Columns,
    outcomes: Outcomes,
) -> _Date:
    held = [has_column(name) for name in pack.services]
    matrices, frames = [columns.matrix(_no_signals(columns))], []
    waiting = [pl.DataFrame(schema={"citizen": pl.Int64, "service": pl.String})]
    for snapshot in snapshots:
        if snapshot.signals.is_empty():
            continue
        asked = asked_frame(snapshot)
        matrices.append(columns.matrix(snapshot.signals))
        history = history_of(snapshot.records, pack)
        waiting.append(awaiting(history, as_of).select("citizen", "service"))
        results = criteria_results(asked, pack)
        has = asked.select(name for name in held if name in asked.columns)
        frames.append(
            pl.concat([concluded(results, pack), results.drop("citizen"), has], how="horizontal")
        )
    ruled = pl.concat(frames) if frames else pl.DataFrame(schema={"citizen": pl.Int64})
    asked_for = pl.concat(waiting)
    return _Date(
        np.concatenate(matrices),
        ruled.get_column("citizen").to_numpy(),
        {
            name: _task(
                ruled,
                asked_for.filter(pl.col("service") == name).get_column("citizen"),
                (pack, name, as_of),
                outcomes,
            )
            for name in pack.services
            if frames
        },
        {
            name: expected_share(
                _without(ruled, name).filter(~_excluded(_without(ruled, name), pack, name)),
                name,
                pack.services[name],
            )
            for name in pack.services
            if frames
        },
    )


def _without(ruled: pl.DataFrame, service: str) -> pl.DataFrame:
    """Those who have not got the service: of those who have, applying told the facts."""
    held = has_column(service)
    if held not in ruled.columns:
        return ruled
    return ruled.filter(~pl.col(held).fill_null(value=False))


def _excluded(ruled: pl.DataFrame, pack: Pack, service: str) -> pl.Series:
    """Who has a service with which this one does not go together: no gate lets them through."""
    others = [has_column(other) for other in pack.services[service].excludes]
    found = pl.repeat(False, ruled.height, eager=True, dtype=pl.Boolean)
    for other in others:
        if other in ruled.columns:
            found = found | ruled.get_column(other).fill_null(value=False)
    return found


def _task(
    ruled: pl.DataFrame,
    waiting: pl.Series,
    place: tuple[Pack, str, datetime],
    outcomes: Outcomes,
) -> Task:
    """The candidates: not known to be ineligible, without the service and any that excludes it,
    and not waiting for a decision on it. Whoever has applied already needs no suggestion, and is
    easy to foretell."""
    pack, service, as_of = place
    verdict = ruled.get_column(service)
    candidate = verdict.fill_null(value=True) & ~_excluded(ruled, pack, service)
    held = has_column(service)
    holds = pl.repeat(False, ruled.height, eager=True, dtype=pl.Boolean)
    if held in ruled.columns:
        holds = candidate & ruled.get_column(held).fill_null(value=False)
    if not pack.services[service].repeatable:
        candidate = candidate & ~holds
    awaits = candidate & ruled.get_column("citizen").is_in(waiting.implode())
    candidate = candidate & ~awaits
    rows = np.flatnonzero(candidate.to_numpy())
    known = verdict.is_not_null().to_numpy()[rows]
    people = ruled.get_column("citizen").gather(rows)
    found = labels(outcomes, pack, service, as_of, people, known)
    return Task(
        rows=rows,
        known=known,
        taken=found.taken,
        weight=found.weight,
        decided=found.decided,
        checked=found.checked,
        holders=np.flatnonzero(holds.to_numpy()),
        expected=None,
        waiting=np.flatnonzero(awaits.to_numpy()),
    )


def _joined(dates: list[_Date], starts: NDArray[np.int64], service: str) -> Task:
    found = [
        (date.tasks[service], start)
        for date, start in zip(dates, starts[:-1], strict=True)
        if service in date.tasks
    ]
    return Task(
        rows=np.concatenate([task.rows + start for task, start in found]),
        known=np.concatenate([task.known for task, _ in found]),
        taken=np.concatenate([task.taken for task, _ in found]),
        weight=np.concatenate([task.weight for task, _ in found]),
        decided=np.concatenate([task.decided for task, _ in found]),
        checked=np.concatenate([task.checked for task, _ in found]),
        holders=np.concatenate([task.holders + start for task, start in found]),
        expected=pooled([date.shares[service] for date in dates if date.shares]),
        waiting=np.concatenate([task.waiting + start for task, start in found]),
    )


def _no_signals(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame(schema={"citizen": pl.Int64} | dict.fromkeys(columns.names, pl.Float32))


def _buckets(lake: Lake, snapshots: int) -> list[int] | None:
    """The buckets to train on: all, or as many as the rows allow. Buckets are drawn by the
    pseudonym's hash, so that any of them is a random sample of citizens.
    """
    rows = population_size(lake) * snapshots
    if rows <= MAX_ROWS:
        return None
    return list(range(max(1, ceil(lake.buckets * MAX_ROWS / rows))))
