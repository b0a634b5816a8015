"""A pack of one village, small enough to break in one place at a time."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

DELETE = object()
"""Put this where a key is to be taken out."""


def text(words: str) -> dict[str, str]:
    return {"nl": f"{words} (nl)", "en": f"{words} (en)"}


def service(*criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "title": text("A service"),
        "description": text("What it is"),
        "headline": text("It may fit {citizen}"),
        "provider": text("The village"),
        "purpose": "support",
        "criteria": list(criteria),
    } | more


def criterion(name: str, sql: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "sql": sql, "text": text(name)} | more


def source(*purposes: str) -> dict[str, Any]:
    return {
        "title": text("A source"),
        "legal_basis": "an act",
        "purposes": list(purposes),
        "retention_days": 365,
    }


def parameter(value: float) -> dict[str, Any]:
    dated = {"valid_from": "2020-01-01", "value": value, "year": 2025, "source": "the council"}
    return {"title": text("A parameter"), "unit": "years", "values": [dated]}


VILLAGE: dict[str, Any] = {
    "domain.yaml": {
        "id": "village",
        "title": text("A village"),
        "organisation": text("The village"),
        "languages": ["nl", "en"],
        "time_zone": "Europe/Amsterdam",
        "purposes": {
            "support": {"title": text("Support"), "legal_basis": "an act"},
            "tax": {"title": text("Tax"), "legal_basis": "an act"},
        },
        "sources": {"register": source("support"), "levies": source("tax")},
        "identifiers": {"bsn": "bsn"},
        "relations": ["child"],
        "channels": {"desk": {"title": text("desk")}},
        "event_types": {
            "granted": {"title": text("Granted"), "role": "granted"},
            "moved": {"title": text("Moved"), "concept": "home"},
        },
        "case_types": {"question": {"title": text("Question")}},
        "concepts": {
            "home": {"title": text("Home"), "up": text("Home fits"), "down": text("It does not")}
        },
        "units": {"euro": {"title": text("euro"), "amount": text("€{amount}"), "decimals": 2}},
        "facts": {
            "birth_date": {"title": text("Born"), "type": "date"},
            "income": {"title": text("Income"), "type": "number", "unit": "euro"},
            "levy": {"title": text("Levy"), "type": "number"},
            "tenure": {
                "title": text("Tenure"),
                "type": "category",
                "categories": ["rent", "own"],
                "labels": {"rent": text("rents"), "own": text("owns")},
            },
            "disabled": {
                "title": text("Disability"),
                "type": "boolean",
                "sensitivity": "criterion-only",
                "legal_basis": "an act",
            },
            "origin": {
                "title": text("Origin"),
                "type": "category",
                "categories": ["here", "there"],
                "labels": {"here": text("from here"), "there": text("from there")},
                "sensitivity": "never",
            },
        },
        "derived": {
            "age": {"title": text("Age"), "type": "number", "years_since": "birth_date"},
            "children": {
                "title": text("Children"),
                "type": "number",
                "relatives": {"kind": "child", "measure": "count", "younger_than": "adult_age"},
            },
            "income_month": {"title": text("A month"), "type": "number", "sql": "income / 12"},
        },
        "signals": {},
        "fairness": {"age_band": {"title": text("Age"), "fact": "birth_date", "bands": [27, 67]}},
        "override_reasons": [{"code": "no", "text": text("Does not want it")}],
    },
    "parameters.yaml": {"parameters": {"adult_age": parameter(18), "norm": parameter(1000)}},
    "life_events.yaml": {
        "life_events": {
            "moved": {"title": text("Moved"), "triggers": [{"event": "moved"}]},
            "grown-up": {
                "title": text("Grown up"),
                "triggers": [{"reaches_age": "adult_age"}],
                "ahead_days": 90,
            },
        }
    },
    "services.yaml": {
        "services": {
            "rent-help": service(
                criterion("adult", "age >= adult_age"),
                criterion("poor", "income_month < norm"),
                triggers=["moved"],
                channels=["desk"],
                excludes=["home-help"],
                override_reasons=[{"code": "owns", "text": text("Owns a home")}],
            ),
            "home-help": service(criterion("need", "disabled", legal_basis="an act")),
            "move-help": service(criterion("moved", "days_since_moved >= 0 OR NOT has_rent_help")),
        }
    },
    "sources/register.yaml": {
        "source": "register",
        "files": [
            {
                "name": "people",
                "path": "people*.csv",
                "format": "csv",
                "subject": {"column": "bsn", "scheme": "bsn"},
                "events": [
                    {
                        "type": {"column": "what", "map": {"V": "moved"}},
                        "occurred_at": {"column": "on"},
                        "channel": {"const": "desk"},
                    }
                ],
                "facts": [
                    {
                        "name": "tenure",
                        "value": {"column": "t", "map": {"H": "rent", "K": "own"}},
                        "valid_from": {"column": "from"},
                    },
                    {"name": "income", "value": "i", "valid_from": {"column": "from"}},
                ],
                "relations": [
                    {
                        "kind": {"const": "child"},
                        "relative_birth_date": {"column": "born"},
                        "valid_from": {"column": "from"},
                    }
                ],
            }
        ],
    },
    "sources/levies.yaml": {
        "source": "levies",
        "files": [
            {
                "name": "bills",
                "path": "bills.tsv",
                "format": "tsv",
                "subject": {"column": "bsn", "scheme": "bsn"},
                "facts": [{"name": "levy", "value": "l", "valid_from": {"column": "from"}}],
            }
        ],
    },
}


def write_village(
    folder: Path, file: str | None = None, key: str = "", value: object = None
) -> Path:
    """Write the pack into ``folder``, with ``value`` at the dotted ``key`` of ``file``."""
    files = copy.deepcopy(VILLAGE)
    if file is not None:
        *path, last = [int(part) if part.isdigit() else part for part in key.split(".")]
        place = files[file]
        for part in path:
            place = place[part]
        if value is DELETE:
            del place[last]
        else:
            place[last] = value
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        plain = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / name).write_text(_bare_dates(plain), encoding="utf-8")
    return folder


def _bare_dates(plain: str) -> str:
    """Dates as people write them in YAML: without quotes."""
    return plain.replace("'2020-01-01'", "2020-01-01")
