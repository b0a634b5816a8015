"""The places of one citizen's candidates: what :func:`models.ranking.rank` gives, for few rows.

Over the few services of one citizen who is looked at, plain Python takes a tenth of the time of
frames. The two are held to each other by a test; what they go by stands in :mod:`models.ranking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from features.catalogue import Kind, Service
from features.events import INSTANT
from features.remembered import rows_of
from models.gates.base import GateState
from models.ranking import (
    LATER,
    LEAST_SHOWN,
    MOST_INTERVENTIONS,
    NOW,
    NOW_AFTER,
    NOW_DEADLINE,
    SOON,
    SOON_AHEAD,
    URGENCY,
    WORTHWHILE,
    draws,
)

Row = dict[str, Any]

_ADDED: dict[str, Any] = {
    "life_event": pl.String(),
    "happens_at": INSTANT,
    "deadline": INSTANT,
    "kind": pl.String(),
    "group": pl.String(),
    "priority": pl.Float64(),
    "rank": pl.Int32(),
    "shown": pl.Boolean(),
    "propensity": pl.Float64(),
    "explored": pl.Boolean(),
}


def rank_of_one(
    candidates: pl.DataFrame,
    state: GateState,
    *,
    slots: int = 5,
    exploration: float = 0.0,
    seed: int = 0,
) -> pl.DataFrame:
    """The same as :func:`models.ranking.rank`, for the candidates of one citizen."""
    if not 0.0 <= exploration <= 1.0:
        raise ValueError("exploration is a share between 0 and 1")
    rows = candidates[list(_READ)].rows(named=True)
    pressing = _triggers(state, rows[0]["citizen"]) if rows else {}
    for row in rows:
        _press(row, pressing.get(row["service"]), state)
    for kind in {row["kind"] for row in rows}:
        of_kind = [row for row in rows if row["kind"] == kind]
        _place(of_kind, slots, exploration, seed)
    added = [tuple(row[name] for name in _ADDED) for row in rows]
    return candidates.hstack(pl.DataFrame(added, schema=_ADDED, orient="row"))


_READ = ("citizen", "service", "eligible", "need", "withheld_by")


def _triggers(state: GateState, citizen: int) -> dict[str, Row]:
    """The life event that most presses each service: see :func:`models.ranking.triggers`."""
    found: dict[str, tuple[tuple[object, ...], Row]] = {}
    for event in rows_of(state.life_events):
        if event["citizen"] != citizen:
            continue
        for name, service in _brought_by(state, event):
            at, term = event["happens_at"], service.deadline_days
            deadline = at + timedelta(days=term) if term else None
            if deadline is not None and deadline < state.as_of:
                deadline = None
            order = (*_nulls_last(deadline), abs(at - state.as_of), event["life_event"])
            if name not in found or order < found[name][0]:
                found[name] = (order, event | {"deadline": deadline})
    return {name: event for name, (_, event) in found.items()}


def _brought_by(state: GateState, event: Row) -> Iterator[tuple[str, Service]]:
    """The services that a life event brings into view, while it is fresh or foreseen."""
    declared = state.pack.life_events.get(event["life_event"])
    if declared is None:
        return
    fresh = timedelta(days=declared.fresh_days)
    if event["upcoming"] or event["happens_at"] + fresh >= state.as_of:
        for name, service in state.pack.services.items():
            if event["life_event"] in service.triggers:
                yield name, service


def _press(row: Row, by: Row | None, state: GateState) -> None:
    """Adds what presses, the group and the priority."""
    service = state.pack.services.get(row["service"])
    for name in ("life_event", "happens_at", "deadline"):
        row[name] = None if by is None else by[name]
    row["kind"] = None if service is None else service.kind.value
    row["group"] = _group(row, by, state.as_of)
    value = 1.0 if service is None else service.value
    row["priority"] = (row["need"] or 0.0) * value * URGENCY[row["group"]]


def _group(row: Row, by: Row | None, now: datetime) -> str:
    if by is None:
        return SOON if row["eligible"] else LATER
    at, deadline = by["happens_at"], by["deadline"]
    if deadline is not None and deadline <= now + NOW_DEADLINE:
        return NOW
    if not by["upcoming"] and at >= now - NOW_AFTER:
        return NOW
    return SOON if deadline is not None or at <= now + SOON_AHEAD else LATER


def _place(rows: list[Row], slots: int, exploration: float, seed: int) -> None:
    """Adds rank, shown, propensity and explored to the rows of one kind."""
    passed = sorted(
        (row for row in rows if row["withheld_by"] is None),
        key=lambda row: (-row["priority"], *_nulls_last(row["deadline"]), row["service"]),
    )
    for row in rows:
        row |= {"rank": None, "shown": False, "propensity": None, "explored": False}
    if not passed:
        return
    worth = sum((row["need"] or 0.0) >= WORTHWHILE for row in passed)
    places = MOST_INTERVENTIONS if rows[0]["kind"] == Kind.INTERVENTION.value else slots
    last = min(places, max(LEAST_SHOWN, worth), len(passed))
    tail = len(passed) - last + 1
    drawn, pick = draws(np.array([rows[0]["citizen"]]), np.array([tail]), exploration, seed)
    chosen = last + int(pick[0]) if drawn[0] else last
    share = exploration / tail
    for place, row in enumerate(passed, start=1):
        row["rank"] = place
        row["shown"] = place < last or place == chosen
        row["explored"] = row["shown"] and place >= last and bool(drawn[0])
        row["propensity"] = (
            1.0 if place < last else 1.0 - exploration + share if place == last else share
        )


def _nulls_last(moment: datetime | None) -> tuple[bool, datetime | None]:
    return (True, None) if moment is None else (False, moment)
