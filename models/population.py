"""The population, scored: the same rules, heads, gates and ranking as for one citizen, by bucket.

Memory is bounded by a bucket; whoever asks reduces each bucket before the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.lake import Lake
from features.life_events import life_events
from features.pack import Pack
from features.service_history import service_history
from features.snapshot import Snapshot, population
from models.bundle import Bundle
from models.eligibility import verdicts
from models.gates import GateState, run_gates
from models.ranking import rank
from models.scoring import score


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
    services: Sequence[str] | None = None,
    refine: Callable[[GateState], GateState] = lambda state: state,
    slots: int = 5,
    threads: int = 1,
) -> Iterator[ScoredBucket]:
    """Every bucket of the population as known at ``as_of``.

    Parameters
    ----------
    services
        Only these; all of the catalogue when not given.
    refine
        Adds to the gates' state what the lake does not hold (objections, refusals, contacts).
    """
    for snapshot in population(lake, pack, as_of):
        if snapshot.signals.is_empty():
            continue
        state = refine(_state(snapshot, pack))
        asked = _asked(snapshot)
        rules = _verdicts(asked, pack, services)
        row = snapshot.signals.select("citizen", *bundle.columns.names)
        scored = score(bundle, pack, row, rules, held=asked, threads=threads)
        gated = run_gates(with_verdicts(scored, rules), state)
        yield ScoredBucket(snapshot, rank(gated, state, slots=slots))


def with_verdicts(scored: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """``scored`` with ``eligible``: the verdict on each citizen and service, null is unknown."""
    long = verdicts.unpivot(index="citizen", variable_name="service", value_name="eligible")
    return scored.join(long, on=["citizen", "service"], how="left", maintain_order="left")


def _state(snapshot: Snapshot, pack: Pack) -> GateState:
    records = snapshot.records
    return GateState(
        pack,
        snapshot.as_of,
        history=service_history(records.events, pack, snapshot.as_of),
        life_events=life_events(records, pack),
    )


def _asked(snapshot: Snapshot) -> pl.DataFrame:
    """The frame that criteria run on: facts and signals."""
    new = [name for name in snapshot.signals.columns if name not in snapshot.facts.columns]
    return snapshot.facts.hstack(snapshot.signals.select(new))


def _verdicts(asked: pl.DataFrame, pack: Pack, services: Sequence[str] | None) -> pl.DataFrame:
    found = verdicts(asked, pack)
    return found if services is None else found.select("citizen", *services)
