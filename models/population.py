"""The population, scored: the same rules, heads, gates and ranking as for one citizen, by bucket.

Memory is bounded by a bucket; whoever asks reduces each bucket before the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from features.lake import Lake
from features.life_events import life_events
from features.pack import Pack
from features.service_history import history_of
from features.snapshot import Snapshot, population
from models.bundle import Bundle
from models.eligibility import verdicts
from models.gates import GateState, run_gates
from models.ranking import rank
from models.scoring import score

Refine = Callable[[GateState], GateState]

_UNTOLD = -1
"""No verdict, among verdicts as numbers."""


@dataclass(frozen=True, slots=True)
class ScoredBucket:
    """The citizens of one bucket with every candidate.

    Parameters
    ----------
    snapshot
        Their records, facts and signals.
    candidates
        What :func:`models.ranking.rank` returns.
    """

    snapshot: Snapshot
    candidates: pl.DataFrame


def score_population(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    as_of: datetime,
    *,
    buckets: Iterable[int] | None = None,
    refine: Refine = lambda state: state,
    slots: int = 5,
    threads: int = 1,
) -> Iterator[ScoredBucket]:
    """Every bucket of the population as known at ``as_of``, with the candidates of all services.

    ``refine`` adds to the gates' state what the lake does not hold: objections, refusals, contacts.
    Only some ``buckets`` when they are named.
    """
    for snapshot in _inhabited(lake, pack, as_of, buckets):
        yield score_snapshot(snapshot, pack, bundle, refine=refine, slots=slots, threads=threads)


def score_snapshot(
    snapshot: Snapshot,
    pack: Pack,
    bundle: Bundle,
    *,
    refine: Refine = lambda state: state,
    slots: int = 5,
    threads: int = 1,
) -> ScoredBucket:
    """The same for the citizens of one snapshot: rules, heads, gates and places."""
    state = refine(_state(snapshot, pack))
    asked = _asked(snapshot)
    rules = verdicts(asked, pack)
    row = snapshot.signals.select("citizen", *bundle.columns.names)
    scored = score(bundle, pack, row, rules, held=asked, threads=threads)
    gated = run_gates(with_verdicts(scored, rules), state)
    return ScoredBucket(snapshot, rank(gated, state, slots=slots))


def score_service(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    service: str,
    as_of: datetime,
    *,
    refine: Refine = lambda state: state,
    threads: int = 1,
) -> Iterator[ScoredBucket]:
    """The same for one service, with a row for everybody: also who has it or is not eligible,
    so that every gate's reason can be counted.
    """
    for snapshot in _inhabited(lake, pack, as_of):
        state = refine(_state(snapshot, pack))
        rules = verdicts(_asked(snapshot), pack).select("citizen", service)
        row = snapshot.signals.select("citizen", *bundle.columns.names)
        scores = score(bundle, pack, row, rules, threads=threads)
        everybody = rules.unpivot(
            index="citizen", variable_name="service", value_name="eligible"
        ).join(scores, on=["citizen", "service"], how="left", maintain_order="left")
        yield ScoredBucket(snapshot, rank(run_gates(everybody, state), state))


def _inhabited(
    lake: Lake, pack: Pack, as_of: datetime, buckets: Iterable[int] | None = None
) -> Iterator[Snapshot]:
    found = population(lake, pack, as_of, buckets=buckets)
    return (one for one in found if not one.signals.is_empty())


def with_verdicts(scored: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """``scored`` with ``eligible``: the verdict on each citizen and service, null is unknown.

    Looked up by place: a row for each citizen and service would be ten times what is asked.
    """
    services = [name for name in verdicts.columns if name != "citizen"]
    told = verdicts.select(pl.col(services).cast(pl.Int8).fill_null(_UNTOLD)).to_numpy()
    rows = verdicts.select("citizen", row=pl.int_range(pl.len()))
    row = scored.select("citizen").join(rows, on="citizen", how="left", maintain_order="left")
    column = scored["service"].replace_strict(
        services, list(range(len(services))), default=None, return_dtype=pl.Int64
    )
    there = (row["row"].is_not_null() & column.is_not_null()).to_numpy()
    found = np.full(scored.height, _UNTOLD, dtype=np.int8)
    found[there] = told[
        row["row"].to_numpy()[there].astype(np.int64), column.to_numpy()[there].astype(np.int64)
    ]
    eligible = pl.Series("eligible", found).replace_strict(
        {0: False, 1: True}, default=None, return_dtype=pl.Boolean
    )
    return scored.with_columns(eligible)


def _state(snapshot: Snapshot, pack: Pack) -> GateState:
    records = snapshot.records
    return GateState(
        pack,
        snapshot.as_of,
        history=history_of(records, pack),
        life_events=life_events(records, pack),
    )


def _asked(snapshot: Snapshot) -> pl.DataFrame:
    """The frame that criteria run on: facts and signals."""
    new = [name for name in snapshot.signals.columns if name not in snapshot.facts.columns]
    return snapshot.facts.hstack(snapshot.signals.select(new))
