"""Choosing for one citizen: records → facts and signals → verdicts → scores → gates → places.

The same steps as :mod:`models.population`, over every service of the catalogue, so that *why not*
has an answer for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from features.departures import departures
from features.domain import Sensitivity
from features.facts import FACTS
from features.facts_at import facts_at
from features.household import with_relatives
from features.lake import Lake
from features.life_events import life_events
from features.linkage.resolving import counting
from features.pack import Pack
from features.records import Records, with_facts
from features.remembered import empty_frame, row_of
from features.service_history import history_of
from features.snapshot import signals
from features.timeline import protected_facts, read_records
from models.bundle import Bundle
from models.eligibility import verdicts, verdicts_of_one
from models.gates import GateState, run_gates
from models.ranking import rank
from models.ranking_of_one import rank_of_one
from models.scoring import SCORES, score, score_of_one


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of every service for one citizen.

    Parameters
    ----------
    facts
        The row that criteria run on: facts at ``as_of`` (criterion-only ones too) and signals.
    signals
        The row that heads see, in the bundle's order.
    protected
        The criterion-only facts, for telling where a criterion's answer comes from.
    candidates
        What :func:`models.ranking.rank` returns: one row per service of the catalogue, in its
        order; ``entitled``, ``unaided``, ``need`` and ``basis`` are null where nothing was scored.
    """

    citizen: int
    as_of: datetime
    records: Records
    facts: pl.DataFrame
    signals: pl.DataFrame
    protected: pl.DataFrame
    state: GateState
    candidates: pl.DataFrame

    @property
    def departure(self) -> dict[str, Any] | None:
        """The event (:data:`features.departures.DEPARTURES`) by which this citizen has gone."""
        gone = self.state.departures
        if not gone.is_empty():
            gone = gone.filter(pl.col("citizen") == self.citizen)
        return None if gone.is_empty() else gone.row(0, named=True)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known of this citizen."""
        records = self.records
        return records.events.is_empty() and records.facts.is_empty()


@dataclass(frozen=True, slots=True)
class Choices:
    """The same for several citizens: frames with their rows beside each other."""

    as_of: datetime
    records: Records
    facts: pl.DataFrame
    signals: pl.DataFrame
    protected: pl.DataFrame
    state: GateState
    candidates: pl.DataFrame

    def of(self, citizen: int) -> Choice:
        """What became of every service for one of them. Its ``records``, ``protected`` and
        ``state`` stay those of all."""
        mine = pl.col("citizen") == citizen
        return Choice(
            citizen,
            self.as_of,
            self.records,
            self.facts.filter(mine),
            self.signals.filter(mine),
            self.protected,
            self.state,
            self.candidates.filter(mine),
        )


def choose(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    citizen: int,
    as_of: datetime,
    *,
    refine: Callable[[GateState], GateState] = lambda state: state,
    slots: int = 5,
    exploration: float = 0.0,
    seed: int = 0,
    told: pl.DataFrame | None = None,
) -> Choice:
    """Choose for ``citizen`` as known at ``as_of``; see :func:`choose_each`."""
    found = choose_each(
        lake,
        pack,
        bundle,
        [citizen],
        as_of,
        refine=refine,
        slots=slots,
        exploration=exploration,
        seed=seed,
        told=told,
    )
    return Choice(
        citizen,
        as_of,
        found.records,
        found.facts,
        found.signals,
        found.protected,
        found.state,
        found.candidates,
    )


def choose_each(
    lake: Lake,
    pack: Pack,
    bundle: Bundle,
    citizens: Sequence[int],
    as_of: datetime,
    *,
    refine: Callable[[GateState], GateState] = lambda state: state,
    slots: int = 5,
    exploration: float = 0.0,
    seed: int = 0,
    told: pl.DataFrame | None = None,
) -> Choices:
    """Choose for each of ``citizens`` as known at ``as_of``.

    ``refine`` adds to the gates' state what the lake does not hold: the purpose, objections,
    refusals. Whoever objected to every suggestion is not scored at all. Under a purpose, only
    what its sources told takes part; what the citizen already has, and whether they have gone,
    is known from all of them, for it can only withhold. ``told`` (:data:`features.facts.FACTS`) is
    what citizens told meanwhile and the lake may not hold yet, or what is only supposed.
    """
    more = empty_frame(FACTS) if told is None else told
    free, asked_by_rules = (
        more if more.is_empty() else more.filter(pl.col("name").is_in(list(pack.facts(kind))))
        for kind in (Sensitivity.FREE, Sensitivity.CRITERION_ONLY)
    )
    every = with_relatives(read_records(lake, pack, as_of, citizens), lake, pack)
    every = with_facts(every, free)
    protected = _and(protected_facts(lake, pack, citizens, as_of), asked_by_rules)
    state = refine(
        GateState(
            pack,
            as_of,
            history=history_of(every, pack),
            departures=departures(every.events, pack, as_of),
        )
    )
    records = every
    if state.purpose is not None:
        lawful = pack.sources_for(state.purpose)
        if not counting(lake, pack, as_of, state.purpose).is_empty():
            every = read_records(lake, pack, as_of, citizens, purpose=state.purpose)
            every = with_facts(with_relatives(every, lake, pack), free)
            lawfully = protected_facts(lake, pack, citizens, as_of, purpose=state.purpose)
            protected = _and(lawfully, asked_by_rules)
            state = replace(state, history=history_of(every, pack))
        records = every.told_by(lawful)
        if not protected.is_empty():
            protected = protected.filter(pl.col("source").is_in(sorted(lawful)))
    state = replace(state, life_events=life_events(records, pack))
    row = signals(records, pack)
    if tuple(row.columns) != ("citizen", *bundle.columns.names):
        row = row.select("citizen", *bundle.columns.names)
    facts = facts_at(records, pack, protected)
    there = set(facts.columns)
    asked = facts.hstack([one for one in row.get_columns() if one.name not in there])
    candidates = _candidates(bundle, pack, row, asked, state)
    ranked = rank_of_one if row.height == 1 else rank
    placed = ranked(
        run_gates(candidates, state), state, slots=slots, exploration=exploration, seed=seed
    )
    return Choices(as_of, records, asked, row, protected, state, placed)


def _and(facts: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return facts if more.is_empty() else pl.concat([facts, more.select(facts.columns)])


def _candidates(
    bundle: Bundle,
    pack: Pack,
    row: pl.DataFrame,
    facts: pl.DataFrame,
    state: GateState,
) -> pl.DataFrame:
    """Every service with its verdict, and its scores unless the citizen objected to all."""
    if row.height == 1:
        return _candidates_of_one(bundle, pack, row, facts, state)
    rules = verdicts(facts, pack)
    every = rules.unpivot(index="citizen", variable_name="service", value_name="eligible")
    objected = state.objections.filter(pl.col("service").is_null())["citizen"]
    willing = ~row["citizen"].is_in(objected.implode())
    scores = SCORES.to_frame()
    if willing.any():
        asked = (frame if willing.all() else frame.filter(willing) for frame in (row, rules, facts))
        mine, theirs, held = asked
        scores = score(bundle, pack, mine, theirs, held=held)
    return every.join(scores, on=["citizen", "service"], how="left", maintain_order="left")


def _candidates_of_one(
    bundle: Bundle,
    pack: Pack,
    row: pl.DataFrame,
    facts: pl.DataFrame,
    state: GateState,
) -> pl.DataFrame:
    """The same for one citizen, row by row."""
    verdicts, citizen = verdicts_of_one(facts, pack), row["citizen"][0]
    scores: dict[str, tuple[float, float, float, str]] = {}
    if (citizen, None) not in state.objections[["citizen", "service"]].rows():
        scores = score_of_one(bundle, pack, row, verdicts, row_of(facts))
    unscored = (None, None, None, None)
    rows = [
        (citizen, service, verdict, *scores.get(service, unscored))
        for service, verdict in verdicts.items()
    ]
    return pl.DataFrame(rows, schema=_CANDIDATES, orient="row")


_CANDIDATES = {"citizen": pl.Int64(), "service": pl.String(), "eligible": pl.Boolean()} | dict(
    SCORES
)
