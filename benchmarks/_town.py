"""A made-up town for the benchmarks: a pack in a few lines, and a lake of any size.

The records are drawn straight into the lake's own layout, a bucket at a time, so that a lake of
hundreds of millions of events takes minutes and little memory. Nothing is learned from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from features.catalogue import Service
from features.domain import Domain, LifeEvent
from features.events import EVENTS, INSTANT
from features.facts import FACTS
from features.lake import Lake
from features.pack import Pack
from features.relations import RELATIONS
from features.sources.mapping import SourceMapping

AS_OF = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVENTS_EACH = 100
_START = np.datetime64("2021-01-01", "us").astype(np.int64)
_DAY = 86_400_000_000
_SPAN = 5 * 365 * _DAY

SOURCES = ("register", "benefits", "tax", "cases", "contact", "housing")
CHANNELS = ("phone", "desk", "letter", "mail", "web", "home-visit")
STEPS = ("intake", "check", "ask", "wait", "decide", "send")
TEAMS = tuple(f"team-{number}" for number in range(12))
CASE_TYPES = ("support", "card", "permit", "question")

_PLAIN = {
    "register": ("moved", "married", "divorced", "child-born", "passport-renewed"),
    "benefits": ("payment", "review", "reminder", "applied", "granted", "refused", "ended"),
    "tax": ("assessment", "bill", "refund", "summons"),
    "housing": ("rent-paid", "rent-late", "repair-asked", "notice"),
    "contact": ("contact", "contact-failed", "complaint"),
    "cases": ("case-opened", "case-step", "case-suspended", "case-closed"),
}
TYPES = tuple(kind for kinds in _PLAIN.values() for kind in kinds)
VALUED = ("payment", "assessment", "bill", "refund", "rent-paid", "rent-late")
_DECIDED = ("applied", "granted", "refused", "ended")
_WORKED = ("case-opened", "case-step", "case-suspended", "case-closed")
_ROLES = {*_DECIDED, *_WORKED, "contact", "contact-failed"}
SERVICES = (
    *("housing-aid", "care-aid", "income-support", "debt-help"),
    *("transport-card", "child-aid", "home-help", "tax-relief"),
)
NUMBERS = ("income", "savings", "rent", "debt")
FLAGS = ("works", "student", "carer")


_LIFE_EVENTS: dict[str, dict[str, Any]] = {
    "move": {"triggers": [{"event": "moved"}]},
    "divorce": {"triggers": [{"event": "divorced"}]},
    "having-a-child": {"triggers": [{"event": "child-born"}]},
    "losing-a-job": {"triggers": [{"fact": "works", "to": "false"}]},
    "income-changes": {"triggers": [{"fact": "income"}]},
    "adulthood": {"triggers": [{"reaches_age": 18}], "ahead_days": 180},
    "retirement": {"triggers": [{"reaches_age": 67}], "ahead_days": 180},
    "child-to-school": {"triggers": [{"reaches_age": 4, "of": "child"}], "ahead_days": 180},
}


def _service(name: str) -> dict[str, Any]:
    texts = {key: _said(name) for key in ("title", "description", "headline", "provider")}
    return {**texts, "purpose": "support", "lasts_days": 730}


def _said(words: str) -> dict[str, str]:
    return {"en": words.replace("-", " ").capitalize()}


def pack(families: Iterable[str] | None = None) -> Pack:
    """The town's vocabulary; ``families`` are those to use, all when not given."""
    domain: dict[str, Any] = {
        "id": "town",
        "title": _said("town"),
        "organisation": _said("town"),
        "languages": ["en"],
        "time_zone": "Europe/Amsterdam",
        "purposes": {"support": {"title": _said("support"), "legal_basis": "an act"}},
        "sources": {
            name: {
                "title": _said(name),
                "legal_basis": "an act",
                "purposes": ["support"],
                "retention_days": 9999,
            }
            for name in SOURCES
        },
        "event_types": {
            kind: {
                "title": _said(kind),
                **({"role": kind} if kind in _ROLES else {}),
                **({"unit": "euro"} if kind in VALUED else {}),
            }
            for kind in TYPES
        },
        "units": {"euro": {"title": _said("euro")}},
        "channels": {name: {"title": _said(name)} for name in CHANNELS},
        "case_types": {
            name: {"title": _said(name), "norm_days": 42, "term_days": 56} for name in CASE_TYPES
        },
        "facts": {
            "birth_date": {"title": _said("birth date"), "type": "date"},
            **{name: {"title": _said(name), "type": "number", "unit": "euro"} for name in NUMBERS},
            **{name: {"title": _said(name), "type": "boolean"} for name in FLAGS},
        },
        "derived": {"age": {"title": _said("age"), "type": "number", "years_since": "birth_date"}},
        "relations": ["partner", "child"],
        "windows": {"counts": [30, 90, 365], "values": [365], "friction": [90, 365]},
        **({} if families is None else {"families": list(families)}),
    }
    return Pack(
        folder=Path(),
        domain=Domain.model_validate(domain),
        services={name: Service.model_validate(_service(name)) for name in SERVICES},
        life_events={
            name: LifeEvent.model_validate({"title": _said(name), **one})
            for name, one in _LIFE_EVENTS.items()
        },
        mappings={name: SourceMapping.model_validate(_mapping(name)) for name in SOURCES},
    )


def _mapping(source: str) -> dict[str, Any]:
    """Says only which source delivers what: the records are drawn, not read."""
    subject = {"column": "number", "scheme": "bsn"}
    facts = {"register": ("birth_date",), "tax": (*NUMBERS, *FLAGS)}.get(source, ())
    at = {"column": "at"}
    return {
        "source": source,
        "files": [
            {
                "name": "all",
                "path": f"{source}.parquet",
                "format": "parquet",
                "subject": subject,
                "events": [
                    {
                        "type": {"const": kind},
                        "occurred_at": at,
                        **({"case_type": "service"} if kind in _DECIDED else {}),
                        **({"value": "value"} if kind in VALUED else {}),
                    }
                    for kind in _PLAIN[source]
                ],
                "facts": [{"name": name, "value": name, "valid_from": at} for name in facts],
                "relations": [
                    {"kind": {"const": kind}, "valid_from": at}
                    for kind in (("partner", "child") if source == "register" else ())
                ],
            }
        ],
    }


def write_lake(folder: Path, citizens: int, *, buckets: int, seed: int = 1) -> Lake:
    """A lake of ``citizens`` with :data:`EVENTS_EACH` events each, sorted as after compaction."""
    lake = Lake(str(folder), buckets=buckets)
    for bucket in range(buckets):
        random = np.random.default_rng((seed, bucket))
        people = _people(random, citizens * (bucket + 1) // buckets - citizens * bucket // buckets)
        people = people * buckets + bucket
        for table, frame in _records(random, people):
            lake.append(table, frame)
    lake.refresh()
    return lake


def _people(random: np.random.Generator, count: int) -> np.ndarray:
    """Different numbers that leave room for the bucket."""
    return np.sort(random.choice(2**40, count, replace=False)) - 2**39


def _records(random: np.random.Generator, people: np.ndarray) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "events", _events(random, people)
    yield "facts", _facts(random, people)
    yield "relations", _relations(random, people)


def _chosen(words: Iterable[str | None], place: np.ndarray) -> pl.Series:
    return pl.Series(list(words), dtype=pl.String).gather(place)


def _instants(moments: np.ndarray) -> pl.Series:
    return pl.Series(moments).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _events(random: np.random.Generator, people: np.ndarray) -> pl.DataFrame:
    n, m = len(people), len(people) * EVENTS_EACH
    at = _START + np.sort(random.integers(0, _SPAN, (n, EVENTS_EACH)), axis=1).ravel()
    at = np.where(random.random(m) < 0.5, at // _DAY * _DAY - 3_600_000_000, at)
    late = np.where(random.random(m) < 0.8, 0, random.integers(0, 40 * 86_400, m) * 1_000_000)
    kind = random.integers(0, len(TYPES), m)
    source_of = [SOURCES.index(name) for name, kinds in _PLAIN.items() for _ in kinds]
    source = np.array(source_of)[kind]
    in_case, contact = source == SOURCES.index("cases"), source == SOURCES.index("contact")
    nobody = np.int64(-1)
    case = np.where(in_case, random.integers(0, 6, m), nobody)
    row = np.repeat(np.arange(n), EVENTS_EACH)
    decided = np.isin(kind, [TYPES.index(name) for name in _DECIDED])
    typed = in_case | contact
    values = np.round(random.gamma(2.0, 150.0, m), 2)
    valued = np.isin(kind, [TYPES.index(name) for name in VALUED])

    def told(words: tuple[str, ...], where: np.ndarray) -> pl.Series:
        return _chosen((*words, None), np.where(where, random.integers(0, len(words), m), -1))

    kinds = (*CASE_TYPES, *SERVICES, None)
    case_type = np.where(typed, np.maximum(case, 0) % len(CASE_TYPES), len(kinds) - 1)
    service = len(CASE_TYPES) + random.integers(0, len(SERVICES), m)
    case_type = np.where(decided, service, case_type)
    frame = pl.DataFrame(
        {
            "event_id": pl.Series(np.arange(m) + (int(people[0]) << 8)).cast(pl.String),
            "citizen": people[row],
            "type": _chosen(TYPES, kind),
            "occurred_at": _instants(at),
            "known_at": _instants(at + late),
            "source": _chosen(SOURCES, source),
            "case_type": _chosen(kinds, case_type),
            "actor": told(tuple(f"e{number}" for number in range(400)), in_case),
            "team": told(TEAMS, in_case),
            "channel": told(CHANNELS, contact),
            "attributes": told(tuple(f'{{"step":"{step}"}}' for step in STEPS), in_case),
            "order": np.arange(m),
        }
    )
    return frame.with_columns(
        case_id=pl.when(pl.Series(in_case)).then(
            pl.format("Z{}-{}", pl.Series(people[row] % 1_000_000_007), pl.Series(case))
        ),
        value=pl.when(pl.Series(valued)).then(pl.Series(values)),
        alias=pl.lit(None, pl.Int64),
    ).select(EVENTS.names())


def _facts(random: np.random.Generator, people: np.ndarray) -> pl.DataFrame:
    """A birth date each; three yearly amounts and one flag or two per citizen."""
    n = len(people)
    born = random.integers(-12_000, 18_000, n)
    parts = [_versions(people, "birth_date", born.astype(np.float64), _START + 0 * people)]
    for name in NUMBERS:
        for year in range(3):
            start = _START + (365 * (year + 1) + random.integers(0, 300, n)) * _DAY
            parts.append(_versions(people, name, np.round(random.gamma(2.0, 9000.0, n)), start))
    for name in FLAGS:
        start = _START + random.integers(0, 1800, n) * _DAY
        parts.append(_versions(people, name, random.integers(0, 2, n).astype(np.float64), start))
    every = pl.concat(parts)
    return every.with_columns(
        fact_id=pl.format("f{}-{}", pl.lit(int(people[0])), pl.int_range(pl.len())),
        value=pl.col("number").cast(pl.String),
        valid_to=pl.lit(None, INSTANT),
        source=pl.when(pl.col("name") == "birth_date")
        .then(pl.lit("register"))
        .otherwise(pl.lit("tax")),
        order=pl.int_range(pl.len()),
        alias=pl.lit(None, pl.Int64),
    ).select(FACTS.names())


def _versions(people: np.ndarray, name: str, number: np.ndarray, start: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {"citizen": people, "number": number, "valid_from": _instants(start)}
    ).with_columns(name=pl.lit(name), known_at=pl.col("valid_from").dt.offset_by("30d"))


def _relations(random: np.random.Generator, people: np.ndarray) -> pl.DataFrame:
    n = len(people)
    parts = []
    for kind, share, oldest in (("partner", 0.5, -12_000), ("child", 0.6, 8_000)):
        some = random.random(n) < share
        mine = people[some]
        born = random.integers(oldest, 18_000, len(mine))
        parts.append(
            pl.DataFrame(
                {
                    "citizen": mine,
                    "relative": random.permutation(mine),
                    "relative_birth_date": pl.Series(born, dtype=pl.Int32).cast(pl.Date),
                    "valid_from": _instants(_START + random.integers(0, 1500, len(mine)) * _DAY),
                }
            ).with_columns(kind=pl.lit(kind))
        )
    return (
        pl.concat(parts)
        .with_columns(
            relation_id=pl.format("r{}-{}", pl.lit(int(people[0])), pl.int_range(pl.len())),
            valid_to=pl.lit(None, INSTANT),
            known_at=pl.col("valid_from"),
            source=pl.lit("register"),
            order=pl.int_range(pl.len()),
            alias=pl.lit(None, pl.Int64),
            relative_alias=pl.lit(None, pl.Int64),
        )
        .select(RELATIONS.names())
    )
