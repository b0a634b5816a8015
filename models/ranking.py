"""Ranking: which candidates get the few places on a page, and in what order.

What counts is unmet need times what the service is worth to someone who needs it, weighed by how
pressing it is. A configured, small share of the last places is drawn at random, with the chance
of every candidate written down, so that the next model does not learn from this one alone.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from features.catalogue import Kind
from features.events import INSTANT
from models.gates.base import GateState

NOW, SOON, LATER = "now", "soon", "later"
GROUPS = (NOW, SOON, LATER)
URGENCY = {NOW: 2.0, SOON: 1.0, LATER: 0.5}
"""How heavily need weighs by group: missing a term is about twice as bad as waiting."""
NOW_DEADLINE = timedelta(days=42)
NOW_AFTER = timedelta(days=60)
"""A triggering life event this recent makes a suggestion one for now."""
SOON_AHEAD = timedelta(days=90)
LEAST_SHOWN = 3
"""So many places are filled however small the need; the rest only when it is worth a look."""
WORTHWHILE = 0.05
MOST_INTERVENTIONS = 2
"""Places for what the organisation could start itself."""


def rank(
    candidates: pl.DataFrame,
    state: GateState,
    *,
    slots: int = 5,
    exploration: float = 0.0,
    seed: int = 0,
) -> pl.DataFrame:
    """All candidates, in their order, with their place.

    Parameters
    ----------
    candidates
        ``citizen``, ``service``, ``eligible``, ``need`` (Float64, null where not scored) and
        ``withheld_by``, as :func:`models.gates.run_gates` leaves them.
    slots
        Places for services; interventions have :data:`MOST_INTERVENTIONS` places of their own.
    exploration
        The chance that the last place is drawn at random among what did not get one.
    seed
        The draw depends on the citizen and this number alone.

    Returns
    -------
    The same rows with ``kind``, ``group`` (now, soon, later), ``deadline`` (the moment, or null),
    ``life_event`` and ``happens_at`` (what brought it into view, or null), ``priority``, ``rank``
    (from 1 within citizen and kind; null when withheld), ``shown``, ``propensity`` (the chance of
    being shown; null when withheld) and ``explored``.
    """
    if not 0.0 <= exploration <= 1.0:
        raise ValueError("exploration is a share between 0 and 1")
    placed = _prioritised(_grouped(candidates, state), state)
    return _with_slots(placed, slots=slots, exploration=exploration, seed=seed)


def triggers(state: GateState) -> pl.DataFrame:
    """The life event that most presses each service on each citizen.

    Returns
    -------
    ``citizen, service, life_event, happens_at, upcoming, deadline``: one row per citizen and
    service that a fresh or foreseen life event brings into view; an open term goes first, then
    what lies nearest.
    """
    pack = state.pack
    rows = [
        {
            "life_event": trigger,
            "service": name,
            "fresh": timedelta(days=pack.life_events[trigger].fresh_days),
            "term": timedelta(days=service.deadline_days) if service.deadline_days else None,
        }
        for name, service in pack.services.items()
        for trigger in service.triggers
        if trigger in pack.life_events
    ]
    rules = pl.DataFrame(
        rows,
        schema={
            "life_event": pl.String(),
            "service": pl.String(),
            "fresh": pl.Duration("us"),
            "term": pl.Duration("us"),
        },
    )
    now = pl.lit(state.as_of, dtype=INSTANT)
    distance = (pl.col("happens_at") - now).abs()
    deadline = pl.col("happens_at") + pl.col("term")
    return (
        state.life_events.select("citizen", "life_event", "happens_at", "upcoming")
        .join(rules, on="life_event")
        .filter(pl.col("upcoming") | (pl.col("happens_at") + pl.col("fresh") >= now))
        .with_columns(deadline=pl.when(deadline >= now).then(deadline), distance=distance)
        .sort(["citizen", "service", "deadline", "distance", "life_event"], nulls_last=True)
        .unique(["citizen", "service"], keep="first", maintain_order=True)
        .select("citizen", "service", "life_event", "happens_at", "upcoming", "deadline")
    )


def _grouped(candidates: pl.DataFrame, state: GateState) -> pl.DataFrame:
    """Adds kind, life_event, happens_at, deadline and group."""
    kinds = {name: service.kind.value for name, service in state.pack.services.items()}
    now = pl.lit(state.as_of, dtype=INSTANT)
    pressing = (pl.col("deadline") <= now + NOW_DEADLINE) | (
        ~pl.col("upcoming") & (pl.col("happens_at") >= now - NOW_AFTER)
    )
    in_view = pl.col("deadline").is_not_null() | (pl.col("happens_at") <= now + SOON_AHEAD)
    group = (
        pl.when(pressing)
        .then(pl.lit(NOW))
        .when(in_view | (pl.col("life_event").is_null() & pl.col("eligible")))
        .then(pl.lit(SOON))
        .otherwise(pl.lit(LATER))
    )
    return (
        candidates.join(
            triggers(state), on=["citizen", "service"], how="left", maintain_order="left"
        )
        .with_columns(
            kind=pl.col("service").replace_strict(kinds, default=None, return_dtype=pl.String()),
            group=group,
        )
        .drop("upcoming")
    )


def _prioritised(candidates: pl.DataFrame, state: GateState) -> pl.DataFrame:
    """Adds priority and rank. Ties go to the nearest deadline, then to the service's name."""
    values = {name: service.value for name, service in state.pack.services.items()}
    weight = pl.col("group").replace_strict(URGENCY, return_dtype=pl.Float64())
    value = pl.col("service").replace_strict(values, default=1.0, return_dtype=pl.Float64())
    scored = candidates.with_row_index("_row").with_columns(
        priority=pl.col("need").cast(pl.Float64()).fill_null(0.0) * value * weight
    )
    ranks = (
        scored.filter(pl.col("withheld_by").is_null())
        .sort(
            ["citizen", "kind", "priority", "deadline", "service"],
            descending=[False, False, True, False, False],
            nulls_last=True,
        )
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("citizen", "kind").cast(pl.Int32()))
        .select("_row", "rank")
    )
    return scored.join(ranks, on="_row", how="left", maintain_order="left").drop("_row")


def _with_slots(ranked: pl.DataFrame, *, slots: int, exploration: float, seed: int) -> pl.DataFrame:
    """Adds shown, propensity and explored.

    The first ``slots - 1`` places are never drawn. With the chance ``exploration`` the last one
    goes to a uniform draw among the ``m`` candidates that follow, the next in line included: its
    chance is ``1 - exploration + exploration / m``, that of the others ``exploration / m``.
    """
    worth = pl.col("need").fill_null(0.0) >= WORTHWHILE
    fits = pl.col("rank") <= pl.min_horizontal(
        pl.when(pl.col("kind") == Kind.INTERVENTION.value)
        .then(MOST_INTERVENTIONS)
        .otherwise(slots),
        pl.max_horizontal(
            pl.lit(LEAST_SHOWN),
            (pl.col("rank").is_not_null() & worth).sum().over("citizen", "kind"),
        ),
    )
    places = fits.fill_null(False).sum().over("citizen", "kind").cast(pl.Int64())
    passed = pl.col("rank").count().over("citizen", "kind").cast(pl.Int64())
    counted = ranked.with_columns(_places=places, _passed=passed)
    tail = counted["_passed"].to_numpy() - counted["_places"].to_numpy() + 1
    drawn, pick = draws(counted["citizen"].to_numpy(), tail, exploration, seed)
    last, position = pl.col("_places"), pl.col("rank").cast(pl.Int64())
    in_tail = position >= last
    chosen = pl.when(pl.col("_drawn")).then(last + pl.col("_pick")).otherwise(last)
    share = pl.lit(exploration) / (pl.col("_passed") - last + 1)
    return (
        counted.with_columns(_drawn=pl.Series(drawn), _pick=pl.Series(pick))
        .with_columns(
            shown=((position < last) | (position == chosen)).fill_null(False),
            propensity=pl.when(position < last)
            .then(1.0)
            .when(position == last)
            .then(1.0 - exploration + share)
            .when(in_tail)
            .then(share),
        )
        .with_columns(explored=pl.col("shown") & in_tail & pl.col("_drawn"))
        .with_columns(pl.col("explored").fill_null(False))
        .drop("_places", "_passed", "_drawn", "_pick")
    )


def draws(
    citizens: np.ndarray, tail: np.ndarray, exploration: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each row: whether its citizen's last place is drawn, and the offset that won."""
    first, second = _uniform(citizens, seed), _uniform(citizens, seed + 1)
    pick = np.minimum((second * np.maximum(tail, 1)).astype(np.int64), np.maximum(tail - 1, 0))
    return first < exploration, pick


def _uniform(citizens: np.ndarray, seed: int) -> np.ndarray:
    """A number in [0, 1) for each citizen (splitmix64), the same on every machine."""
    with np.errstate(over="ignore"):
        mixed = citizens.astype(np.int64).view(np.uint64) + np.uint64(
            (0x9E3779B97F4A7C15 * (seed + 1)) % 2**64
        )
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
