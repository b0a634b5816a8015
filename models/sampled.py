"""The citizens whom a random check looked at, as they were known just before it.

Examples lie at scheduled dates, and a check may fall months after one. What a rule or a model said
of somebody is to be held against what was found at about the same time; so each check has a row of
its own, read from the lake at the first of the month of the check: as any user would have seen it
then. Only checks from before the test period take part, of citizens who are not kept for the test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.events import INSTANT
from features.lake import Lake
from features.pack import Pack, has_column
from features.service_history import awaiting, history_of
from features.snapshot import Snapshot, read
from models.eligibility import verdicts
from models.labels import Outcomes
from models.matrix import Columns, Matrix, Vector
from models.splits import Role, Split

MOST_CHECKED = 5_000
"""Checked citizens that are read, the latest; more would hardly say more."""
HALF_SAID = 730.0


@dataclass(frozen=True)
class SampledTask:
    """The checks of one service among its candidates, in order of time.

    Parameters
    ----------
    rows
        Row numbers in the matrix of :class:`Sampled`.
    known
        True where the rules said eligible, false where they could not tell.
    entitled
        1 where the check found a right, 0 where it found none.
    came
        1 where the citizen took it up unaided within the horizon, 0 where not, -1 where that was
        not seen to the end.
    """

    rows: NDArray[np.int64]
    known: NDArray[np.bool_]
    entitled: NDArray[np.int8]
    came: NDArray[np.int8]


NOTHING = SampledTask(
    np.empty(0, np.int64), np.empty(0, bool), np.empty(0, np.int8), np.empty(0, np.int8)
)


@dataclass(frozen=True)
class Sampled:
    """All checks that may be learned from.

    Parameters
    ----------
    matrix, citizen
        The signals of each checked citizen, and who it was.
    weight
        What each still says of the present: half of it after :data:`HALF_SAID` days, for registers
        and rules change. The latest counts for one.
    tasks
        By service; a service that was never checked is not there.
    """

    matrix: Matrix
    citizen: NDArray[np.int64]
    weight: Vector
    tasks: Mapping[str, SampledTask] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Sampled:
        """Where nobody was checked."""
        return cls(np.empty((0, 0), dtype=np.float32), np.empty(0, dtype=np.int64), np.empty(0))

    def task(self, service: str) -> SampledTask:
        """The checks of ``service``."""
        return self.tasks.get(service, NOTHING)

    def checksum(self) -> bytes:
        """Of everything in it."""
        digest = hashlib.sha256(np.ascontiguousarray(self.matrix).data)
        digest.update(self.citizen.data)
        digest.update(self.weight.data)
        for name, task in self.tasks.items():
            digest.update(name.encode())
            for part in (task.rows, task.known, task.entitled, task.came):
                digest.update(np.ascontiguousarray(part).data)
        return digest.digest()


def sampled(
    lake: Lake, pack: Pack, columns: Columns, split: Split, outcomes: Outcomes, *, seed: int
) -> Sampled:
    """The checks that training may see, each with what was known just before it."""
    open_to = _before_the_test(outcomes.checks, split, seed)
    matrices, citizens, found, ages = [], [], [], []
    latest = open_to["month"].max()
    start = 0
    for (month,), part in open_to.group_by("month", maintain_order=True):
        if not isinstance(month, datetime) or not isinstance(latest, datetime):
            continue
        snapshot = read(lake, pack, month, part["citizen"].unique().sort().to_list())
        matrices.append(columns.matrix(snapshot.signals.select("citizen", *columns.names)))
        citizens.append(snapshot.signals["citizen"].to_numpy())
        ages.append(np.full(snapshot.signals.height, (latest - month).days, dtype=np.float64))
        found.append(_candidates(snapshot, part, pack).with_columns(pl.col("row") + start))
        start += snapshot.signals.height
    if not start:
        return Sampled.none()
    every = _followed(pl.concat(found), outcomes, pack)
    return Sampled(
        np.concatenate(matrices),
        np.concatenate(citizens),
        0.5 ** (np.concatenate(ages) / HALF_SAID),
        {name: _task(every.filter(pl.col("service") == name)) for name in pack.services},
    )


def _before_the_test(checks: pl.DataFrame, split: Split, seed: int) -> pl.DataFrame:
    """``checks`` with the ``month`` they are read at, one of a citizen and service a month."""
    first = split.snapshots[0]
    found = checks.filter(pl.col("at") >= first).with_columns(
        month=pl.col("at").dt.truncate("1mo").cast(INSTANT)
    )
    if split.test:
        found = found.filter(pl.col("at") < split.test[0])
    roles = split.roles(first, found["citizen"].to_numpy(), seed)
    kept = (roles != Role.TEST) & (roles != Role.UNUSED)
    found = found.filter(pl.Series(kept, dtype=pl.Boolean)).unique(
        ["citizen", "service", "month"], keep="first", maintain_order=True
    )
    latest = found.select("citizen", "month").unique(maintain_order=True).tail(MOST_CHECKED)
    return found.join(latest, on=["citizen", "month"], how="semi", maintain_order="left").sort(
        "month", maintain_order=True
    )


def _candidates(snapshot: Snapshot, checks: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """``row, service, known, entitled`` of the checks of those who were candidates."""
    new = [name for name in snapshot.signals.columns if name not in snapshot.facts.columns]
    asked = snapshot.facts.hstack(snapshot.signals.select(new))
    people = asked.select("citizen", pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    ruled = verdicts(asked, pack).unpivot(
        index="citizen", variable_name="service", value_name="eligible"
    )
    held = asked.select(
        "citizen",
        *(pl.col(has_column(name)).fill_null(value=False).alias(name) for name in pack.services),
    ).unpivot(index="citizen", variable_name="service", value_name="has")
    barred = [
        asked.filter(pl.col(has_column(other)).fill_null(value=False)).select(
            "citizen", service=pl.lit(name)
        )
        for name, service in pack.services.items()
        for other in service.excludes
    ]
    out = pl.concat([_waiting(snapshot, pack), *barred])
    again = [name for name, service in pack.services.items() if service.repeatable]
    return (
        checks.join(people, on="citizen")
        .join(ruled, on=["citizen", "service"])
        .join(held, on=["citizen", "service"])
        .join(out, on=["citizen", "service"], how="anti")
        .filter(
            pl.col("eligible").fill_null(value=True),
            ~pl.col("has") | pl.col("service").is_in(again),
        )
        .sort("row", "service")
        .select(
            "row",
            "citizen",
            "service",
            "month",
            pl.col("eligible").is_not_null().alias("known"),
            "entitled",
        )
    )


def _waiting(snapshot: Snapshot, pack: Pack) -> pl.DataFrame:
    """``citizen, service`` of those who wait for a decision."""
    history = history_of(snapshot.records, pack)
    return awaiting(history, snapshot.as_of).select("citizen", "service")


def _followed(found: pl.DataFrame, outcomes: Outcomes, pack: Pack) -> pl.DataFrame:
    """``found`` with ``came``: unaided within the horizon, as far as it was seen."""
    terms = pl.DataFrame(
        [
            (name, timedelta(days=service.horizon_days), service.outcome)
            for name, service in pack.services.items()
        ],
        schema={"service": pl.String, "term": pl.Duration("us"), "outcome": pl.String},
        orient="row",
    )
    asked = found.with_row_index("place").join(terms, on="service", maintain_order="left")
    steps = pl.concat(list(outcomes.steps.values())).rename({"occurred_at": "at"})
    taken = _first(
        asked, steps.select("citizen", "service", "role", "at"), "taken_at", by_role=True
    )
    general = outcomes.help.filter(pl.col("service").is_null()).select("citizen", "at")
    helped = pl.concat(
        [
            _first(asked, outcomes.help.drop_nulls("service"), "helped_at"),
            _first(asked, general, "helped_at"),
        ]
    )
    seen = asked.join(taken, on="place", how="left", maintain_order="left").join(
        helped.group_by("place").agg(pl.col("helped_at").min()),
        on="place",
        how="left",
        maintain_order="left",
    )
    alone = (pl.col("taken_at") <= pl.col("helped_at")).fill_null(value=True)
    whole = pl.col("helped_at").is_null() & (pl.col("month") + pl.col("term") <= outcomes.until)
    came = (
        pl.when(pl.col("taken_at").is_not_null() & alone).then(1).when(whole).then(0).otherwise(-1)
    )
    return seen.with_columns(came=came.cast(pl.Int8))


def _first(
    asked: pl.DataFrame, steps: pl.DataFrame, name: str, *, by_role: bool = False
) -> pl.DataFrame:
    """``place`` and the first of ``steps`` within the horizon, of those that have one."""
    keys = [key for key in ("citizen", "service") if key in steps.columns]
    within = asked.join(steps, on=keys).filter(
        pl.col("at") > pl.col("month"), pl.col("at") <= pl.col("month") + pl.col("term")
    )
    if by_role:
        within = within.filter(pl.col("role") == pl.col("outcome"))
    return within.group_by("place").agg(pl.col("at").min().alias(name))


def _task(found: pl.DataFrame) -> SampledTask:
    columns = ("row", "known", "entitled", "came")
    return SampledTask(*(found[name].to_numpy() for name in columns))
