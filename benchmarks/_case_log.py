"""A made-up log of case work, and packs for logs of case work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.domain import Domain
from features.events import EVENTS
from features.facts import FACTS
from features.pack import Pack
from features.records import Records, known_records
from features.relations import RELATIONS
from features.sources.mapping import SourceMapping

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 24
TYPES = {
    "opened": "case-opened",
    "step": "case-step",
    "suspended": "case-suspended",
    "closed": "case-closed",
    "reopened": "case-reopened",
    "called": "contact",
    "missed": "contact-failed",
}


def pack(mapping: dict[str, Any] | None = None) -> Pack:
    """A domain of one case system, read by ``mapping`` where there is something to read."""
    title = {"en": "Bench"}
    act = {"title": title, "legal_basis": "an act"}
    domain = {
        "id": "bench",
        "title": title,
        "organisation": title,
        "languages": ["en"],
        "time_zone": "Europe/Amsterdam",
        "purposes": {"quality": act},
        "sources": {"cases": {**act, "purposes": ["quality"], "retention_days": 36500}},
        "event_types": {kind: {"title": title, "role": role} for kind, role in TYPES.items()},
        "channels": {name: {"title": title} for name in ("phone", "desk")},
        "case_types": {"permit": {"title": title, "norm_days": 28, "term_days": 56}},
        "calendar": {"holidays": ["2024-12-25", "2024-12-26", "2025-04-21", "2025-12-25"]},
        "identifiers": {"case": "opaque"},
    }
    read = {} if mapping is None else {"cases": SourceMapping.model_validate(mapping)}
    return Pack(folder=Path(), domain=Domain.model_validate(domain), services={}, mappings=read)


def incidents() -> Pack:
    """The pack that reads the log of a service desk (BPI Challenge 2013)."""
    event = {
        "type": {"const": "step"},
        "occurred_at": {"column": "timestamp"},
        "case_id": "case_id",
        "actor": "resource",
        "team": "org:group",
        "attributes": {"step": "activity"},
    }
    subject = {"column": "case_id", "scheme": "case"}
    file = {"name": "log", "path": "*incidents*.csv*", "format": "csv"}
    return pack({"source": "cases", "files": [{**file, "subject": subject, "events": [event]}]})


def work(draw: np.random.Generator, events: int) -> pl.DataFrame:
    """``events`` pieces of work on cases of ten events each on average, four cases a citizen:
    who works on a case is often one of the few who did before."""
    case = np.sort(draw.integers(0, max(events // 10, 1), events))
    first = np.ones(events, dtype=bool)
    first[1:] = case[1:] != case[:-1]
    last = np.append(first[1:], True)
    begun = draw.integers(0, 700 * 86_400, int(case[-1]) + 1)[case]
    second = begun + _within(first, draw.integers(60, 6 * 86_400, events))
    kind = np.where(draw.random(events) < 0.02, "suspended", "step")
    kind = np.where(first, "opened", np.where(last & (draw.random(events) < 0.8), "closed", kind))
    held = (case * 7 + draw.integers(0, 3, events)) % 400
    return _frame(
        citizen=case // 4,
        type=kind,
        second=second,
        case=case,
        actor=held,
        team=held % 40,
        step=draw.integers(0, STEPS, events),
    )


def contacts(draw: np.random.Generator, calls: int, citizens: int) -> pl.DataFrame:
    """``calls`` contacts about a handful of subjects."""
    return _frame(
        citizen=draw.integers(0, citizens, calls),
        type=np.where(draw.random(calls) < 0.1, "missed", "called"),
        second=draw.integers(0, 700 * 86_400, calls),
        step=draw.integers(0, 5, calls),
    ).with_columns(
        case_type=pl.lit(None, pl.String),
        channel=pl.Series(["phone", "desk"]).gather(draw.integers(0, 2, calls)),
        event_id="c" + pl.col("event_id"),
        attributes=pl.col("attributes").str.replace("step", "subject", literal=True),
    )


def records(*frames: pl.DataFrame) -> Records:
    """The frames as records: known at once, sorted as a lake's bucket is read."""
    events = pl.concat(frames)
    return known_records(
        as_of=AS_OF,
        citizens=events["citizen"],
        events=events,
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=frozenset({"cases"}),
    )


def _within(first: NDArray[np.bool_], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The running sum of ``seconds`` since the first event of each case."""
    summed = np.cumsum(np.where(first, 0, seconds))
    return summed - np.repeat(summed[first], np.diff(np.flatnonzero(first), append=len(first)))


def _frame(**columns: NDArray[Any]) -> pl.DataFrame:
    n = len(columns["citizen"])
    at = (np.datetime64("2023-06-01", "us") + columns["second"] * 1_000_000).astype("M8[us]")
    moment = pl.Series(at).dt.replace_time_zone("UTC")

    def named(prefix: str, column: str) -> pl.Series:
        if column not in columns:
            return pl.Series([None], dtype=pl.String).new_from_index(0, n)
        return prefix + pl.Series(columns[column]).cast(pl.String)

    return pl.DataFrame(
        {
            "event_id": pl.int_range(n, eager=True).cast(pl.String),
            "citizen": pl.Series(columns["citizen"], dtype=pl.Int64),
            "type": pl.Series(columns["type"].astype(str)),
            "occurred_at": moment,
            "known_at": moment,
            "source": pl.Series(["cases"]).new_from_index(0, n),
            "case_id": named("Z-", "case"),
            "case_type": pl.Series(["permit"]).new_from_index(0, n),
            "actor": named("employee ", "actor"),
            "team": named("team ", "team"),
            "channel": named("", "channel"),
            "value": pl.Series([None], dtype=pl.Float64).new_from_index(0, n),
            "attributes": '{"step": "' + named("step ", "step") + '"}',
            "order": pl.int_range(n, eager=True),
            "alias": pl.Series([None], dtype=pl.Int64).new_from_index(0, n),
        },
        schema=EVENTS,
    )
