"""A small domain with a register, a case system and a log, for the tests of ingest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.domain import Domain
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.mapping import SourceMapping

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PSEUDONYMS = Pseudonyms(bytes(range(32)))

DOMAIN: dict[str, Any] = {
    "id": "town",
    "title": {"en": "A town"},
    "organisation": {"en": "The town"},
    "languages": ["en"],
    "time_zone": "Europe/Amsterdam",
    "purposes": {"support": {"title": {"en": "Support"}, "legal_basis": "an act"}},
    "sources": {
        name: {
            "title": {"en": name},
            "legal_basis": "an act",
            "purposes": ["support"],
            "retention_days": 3650,
        }
        for name in ("register", "cases", "log", "panel", "notices")
    },
    "event_types": {
        name: {"title": {"en": name}} for name in ("moved", "case-opened", "case-step", "state")
    },
    "facts": {
        "birth_date": {"title": {"en": "Born"}, "type": "date"},
        "income": {"title": {"en": "Income"}, "type": "number"},
        "tenure": {
            "title": {"en": "Tenure"},
            "type": "category",
            "categories": ["rent", "own"],
        },
        "insured": {"title": {"en": "Insured"}, "type": "boolean"},
        "origin": {
            "title": {"en": "Origin"},
            "type": "category",
            "categories": ["here", "elsewhere"],
            "sensitivity": "never",
        },
    },
    "relations": ["partner", "child"],
    "channels": {"desk": {"title": {"en": "Desk"}}, "web": {"title": {"en": "Web"}}},
    "identifiers": {"bsn": "bsn", "client": "opaque"},
}

REGISTER: dict[str, Any] = {
    "source": "register",
    "files": [
        {
            "name": "people",
            "path": "register/people*.csv*",
            "format": "csv",
            "subject": {"column": "bsn", "scheme": "bsn"},
            "identity": {"name": "name", "address": "address", "birth_date": "born"},
            "facts": [
                {
                    "name": "birth_date",
                    "value": "born",
                    "valid_from": {"column": "born", "granularity": "day"},
                    "known_at": {"column": "entered", "granularity": "day", "plus_days": 1},
                },
                {
                    "name": "income",
                    "value": "income",
                    "decimal_comma": True,
                    "valid_from": {"column": "entered", "granularity": "day"},
                },
                {
                    "name": "tenure",
                    "value": {"column": "tenure", "map": {"R": "rent", "O": "own", "X": "boat"}},
                    "valid_from": {"column": "entered", "granularity": "day"},
                },
                {
                    "name": "origin",
                    "value": "origin",
                    "valid_from": {"column": "entered", "granularity": "day"},
                },
            ],
            "relations": [
                {
                    "kind": {"const": "partner"},
                    "relative": {"column": "partner", "scheme": "bsn"},
                    "valid_from": {"column": "entered", "granularity": "day"},
                    "when": "partner IS NOT NULL",
                }
            ],
        }
    ],
}

CASES: dict[str, Any] = {
    "source": "cases",
    "files": [
        {
            "name": "steps",
            "path": "cases/steps*.csv*",
            "format": "csv",
            "delimiter": ";",
            "subject": {"column": "client", "scheme": "client"},
            "events": [
                {
                    "type": {"column": "step", "map": {"open": "case-opened", "work": "case-step"}},
                    "occurred_at": {"column": "at"},
                    "known_at": {"column": "entered"},
                    "event_id": ["id"],
                    "case_id": "case",
                    "channel": "channel",
                    "value": "amount",
                    "attributes": {"note": "note"},
                }
            ],
        },
        {
            "name": "clients",
            "path": "cases/clients*.csv",
            "format": "csv",
            "subject": {"column": "client", "scheme": "client"},
            "links": [{"column": "bsn", "scheme": "bsn"}],
        },
    ],
}

LOG: dict[str, Any] = {
    "source": "log",
    "files": [
        {
            "name": "log",
            "path": "log/*.xes*",
            "format": "xes",
            "subject": {"column": "case:person", "scheme": "client"},
            "events": [
                {
                    "type": {"const": "case-step"},
                    "occurred_at": {"column": "time:timestamp"},
                    "case_id": "case:concept:name",
                    "actor": "org:resource",
                    "attributes": {"activity": "concept:name"},
                }
            ],
        },
        {
            "name": "columns",
            "path": "log/*.parquet",
            "format": "parquet",
            "types": {"at": "datetime", "amount": "number"},
            "subject": {"column": "person", "scheme": "client"},
            "events": [
                {
                    "type": {"const": "case-step"},
                    "occurred_at": {"column": "at"},
                    "value": "amount",
                }
            ],
        },
    ],
}

PANEL: dict[str, Any] = {
    "source": "panel",
    "files": [
        {
            "name": "months",
            "path": "panel/*.tsv",
            "format": "tsv",
            "subject": {"column": "id", "scheme": "client"},
            "unpivot": {"columns": r"[A-Z][a-z]{2}\.[0-9]{2}", "name": "month", "value": "state"},
            "events": [
                {
                    "type": {"const": "state"},
                    "occurred_at": {"column": "month", "format": "%b.%y", "granularity": "day"},
                    "attributes": {"state": "state"},
                }
            ],
        }
    ],
}


_SAID = {
    "known_at": {"column": "said", "granularity": "day"},
    "revisable": True,
    "withdrawn_when": "state = 'gone'",
}

NOTICES: dict[str, Any] = {
    "source": "notices",
    "files": [
        {
            "name": "notices",
            "path": "notices/*.csv",
            "format": "csv",
            "subject": {"column": "client", "scheme": "client"},
            "events": [
                {
                    **_SAID,
                    "when": "kind = 'event'",
                    "type": {"const": "case-step"},
                    "occurred_at": {"column": "day", "granularity": "day"},
                    "event_id": ["id"],
                    "value": "value",
                }
            ],
            "facts": [
                {
                    **_SAID,
                    "when": "kind = 'fact'",
                    "name": "income",
                    "value": "value",
                    "valid_from": {"column": "day", "granularity": "day"},
                    "fact_id": ["id"],
                },
                {
                    **_SAID,
                    "when": "kind = 'known-by'",
                    "name": "income",
                    "value": "value",
                    "valid_from": {"column": "day", "granularity": "day"},
                },
                {
                    **_SAID,
                    "when": "kind = 'protected'",
                    "name": "origin",
                    "value": {"column": "value", "map": {"1": "here"}, "otherwise": "elsewhere"},
                    "valid_from": {"column": "day", "granularity": "day"},
                    "fact_id": ["id"],
                },
            ],
            "relations": [
                {
                    **_SAID,
                    "when": "kind = 'relation'",
                    "kind": {"const": "child"},
                    "relative": {"column": "value", "scheme": "client"},
                    "valid_from": {"column": "day", "granularity": "day"},
                    "relation_id": ["id"],
                }
            ],
        }
    ],
}
"""A source that corrects and withdraws what it said, of all kinds of record."""


def town(**sources: dict[str, Any]) -> Pack:
    """The pack; a keyword replaces the mapping of a source."""
    mappings = {"register": REGISTER, "cases": CASES, "log": LOG, "panel": PANEL}
    mappings = mappings | {"notices": NOTICES} | sources
    return Pack(
        folder=Path(),
        domain=Domain.model_validate(DOMAIN),
        services={},
        mappings={name: SourceMapping.model_validate(said) for name, said in mappings.items()},
    )


def bsn(number: int) -> str:
    """A BSN that passes the 11-test, made from ``number`` (up to eight digits)."""
    for candidate in range(number * 10, number * 10 + 200):
        digits = [int(digit) for digit in f"{candidate:09d}"]
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if sum(d * w for d, w in zip(digits, weights, strict=True)) % 11 == 0:
            return f"{candidate:09d}"
    raise AssertionError("one in eleven numbers passes")


def contents(lake: Lake, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the tables (all but ``loads``' time when none is named), sorted."""
    names = tables or (
        "events",
        "facts",
        "protected",
        "relations",
        "links",
        "quarantine",
        "loads",
    )
    return {name: sorted(lake.scan(name).collect().rows(), key=repr) for name in names}


def write(path: Path, text: str) -> Path:
    """``text`` in the file ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")
    return path
