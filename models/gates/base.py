"""What a gate is, and the state it judges by.

A gate is one small file that can withhold a candidate, with a reason that can be shown. The state
is handed in by serving: a gate asks no database and keeps nothing. ``tests/contracts`` holds every
gate to the same promises: pure, no matter the order of rows, never releases what another gate
held, and more state never releases.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

import polars as pl

from features.departures import DEPARTURES
from features.domain import Text
from features.events import INSTANT
from features.pack import Pack
from features.remembered import empty_frame

OBJECTIONS = pl.Schema({"citizen": pl.Int64(), "service": pl.String()})
"""A null service: the citizen objects to every suggestion."""
REFUSALS = pl.Schema(
    {"citizen": pl.Int64(), "service": pl.String(), "reason": pl.String(), "until": INSTANT}
)
DEFERRALS = pl.Schema({"citizen": pl.Int64(), "service": pl.String(), "until": INSTANT})
TAKINGS = pl.Schema({"citizen": pl.Int64(), "service": pl.String(), "at": INSTANT})
"""Suggestions that were accepted: somebody is at work on them."""
CONTACTS = pl.Schema({"citizen": pl.Int64(), "at": INSTANT})
HISTORY = pl.Schema(
    {
        "citizen": pl.Int64(),
        "service": pl.String(),
        "applied_at": INSTANT,
        "granted_at": INSTANT,
        "refused_at": INSTANT,
        "ended_at": INSTANT,
        "has": pl.Boolean(),
    }
)
LIFE_EVENTS = pl.Schema(
    {
        "citizen": pl.Int64(),
        "life_event": pl.String(),
        "happens_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String(),
        "upcoming": pl.Boolean(),
    }
)


FEW = 256
"""So few candidates are judged in plain Python; of more, frames are faster."""


@dataclass(frozen=True, slots=True)
class GateState:
    """Everything gates judge by, beside the candidates themselves.

    Parameters
    ----------
    purpose
        The purpose of the view; None where each service is judged under its own purpose (scoring
        the population).
    objections, refusals, deferrals, takings, recent_contact
        :data:`OBJECTIONS`, :data:`REFUSALS`, :data:`DEFERRALS`, :data:`TAKINGS` and
        :data:`CONTACTS`, from the database.
    history
        :func:`features.service_history.service_history`.
    life_events
        :func:`features.life_events.life_events`.
    contact_rest_days
        For how long after a contact outreach leaves somebody alone; None outside outreach.
    stopped
        Services for which suggestions are switched off.
    departures
        :func:`features.departures.departures`.
    """

    pack: Pack
    as_of: datetime
    purpose: str | None = None
    objections: pl.DataFrame = field(default_factory=lambda: empty_frame(OBJECTIONS))
    refusals: pl.DataFrame = field(default_factory=lambda: empty_frame(REFUSALS))
    deferrals: pl.DataFrame = field(default_factory=lambda: empty_frame(DEFERRALS))
    takings: pl.DataFrame = field(default_factory=lambda: empty_frame(TAKINGS))
    recent_contact: pl.DataFrame = field(default_factory=lambda: empty_frame(CONTACTS))
    history: pl.DataFrame = field(default_factory=lambda: empty_frame(HISTORY))
    life_events: pl.DataFrame = field(default_factory=lambda: empty_frame(LIFE_EVENTS))
    contact_rest_days: int | None = None
    stopped: frozenset[str] = frozenset()
    departures: pl.DataFrame = field(default_factory=lambda: empty_frame(DEPARTURES))


class Gate(Protocol):
    """A check that can withhold a candidate."""

    name: ClassVar[str]
    reasons: ClassVar[dict[str, Text]]
    """The sentence behind each reason code, in Dutch and English."""

    def check(self, candidates: pl.DataFrame, state: GateState) -> pl.Series:
        """A reason code for each row of ``candidates``, null where it passes.

        ``candidates`` has at least ``citizen`` (Int64), ``service`` (String) and ``eligible``
        (Boolean; null is unknown).
        """
        ...


def passes(candidates: pl.DataFrame) -> pl.Series:
    """Every candidate passes."""
    return pl.Series("reason", [None], dtype=pl.String).new_from_index(0, candidates.height)


def held_pairs(candidates: pl.DataFrame, pairs: pl.DataFrame, reason: str) -> pl.Series:
    """``reason`` for the candidates whose citizen and service stand in ``pairs``."""
    if pairs.is_empty() or candidates.is_empty():
        return passes(candidates)
    if max(pairs.height, candidates.height) <= FEW:
        held = set(pairs[["citizen", "service"]].rows())
        asked = candidates[["citizen", "service"]].rows()
        return _reasons([reason if pair in held else None for pair in asked])
    marked = pairs.select("citizen", "service").unique().with_columns(reason=pl.lit(reason))
    return candidates.select("citizen", "service").join(
        marked, on=["citizen", "service"], how="left", maintain_order="left"
    )["reason"]


def held_unless(candidates: pl.DataFrame, services: Collection[str], reason: str) -> pl.Series:
    """``reason`` for the candidates whose service is none of ``services``."""
    if candidates.height <= FEW:
        asked = candidates["service"].to_list()
        return _reasons([None if service in services else reason for service in asked])
    return held_where(candidates, ~pl.col("service").is_in(list(services)), reason)


def held_by_rules(candidates: pl.DataFrame, reason: str) -> pl.Series:
    """``reason`` for the candidates that the rules decide against."""
    if candidates.height <= FEW:
        return _reasons([reason if one is False else None for one in candidates["eligible"]])
    return held_where(candidates, ~pl.col("eligible"), reason)


def first_of(one: pl.Series, other: pl.Series) -> pl.Series:
    """The reasons of ``one``, and where it has none those of ``other``."""
    if not one.null_count():
        return one
    return other if one.null_count() == one.len() else one.fill_null(other)


def _reasons(found: list[str | None]) -> pl.Series:
    return pl.Series("reason", found, pl.String())


def held_where(candidates: pl.DataFrame, condition: pl.Expr, reason: str) -> pl.Series:
    """``reason`` for the candidates for which ``condition`` is true."""
    return candidates.select(reason=pl.when(condition).then(pl.lit(reason)))["reason"]
