"""The made-up town as a workspace that can be served: pack, lake, keys, and a model of many trees.

The heads are fitted on labels drawn from the signals, so that their trees are as deep and as many
as real ones; what they say means nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

from benchmarks import _town
from features.catalogue import Objective
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary, population
from models.bundle import Bundle
from models.heads import Head, Trees
from models.matrix import Columns
from serving.workspace import Workspace

SERVICES = 20
TREES, LEAVES = 100, 31
LEARNED_FROM = 2_000
"""Citizens whose signals the heads are fitted on."""

FITS = 4
"""So many fits are made; the services take turns. Each has two heads of its own in the bundle."""

DELIVERING = "contact"
"""The source that sends events."""


def make_workspace(folder: Path, citizens: int, *, buckets: int) -> Workspace:
    """A workspace of ``citizens`` with a hundred events each until now, and a champion."""
    now = datetime.now(UTC)
    _write_pack(folder / "pack")
    workspace = Workspace.init(folder / "workspace", folder / "pack", buckets=buckets)
    lake = workspace.open_lake()
    for bucket in range(buckets):
        _write_bucket(lake, bucket, citizens, buckets, now - _town.AS_OF)
    pack = workspace.load_pack()
    bundle = _bundle(pack, lake, now)
    workspace.champion.parent.mkdir(parents=True, exist_ok=True)
    workspace.champion.symlink_to(bundle.write(workspace.bundles / bundle.version))
    return workspace


def _write_bucket(lake: Lake, bucket: int, citizens: int, buckets: int, later: timedelta) -> None:
    random = np.random.default_rng((1, bucket))
    count = citizens * (bucket + 1) // buckets - citizens * bucket // buckets
    people = _town._people(random, count) * buckets + bucket
    for table, frame in _town._records(random, people):
        moments = frame.with_columns(pl.selectors.datetime() + later)
        lake.append(table, moments.filter(pl.col("known_at") <= datetime.now(UTC)))


# -- the pack ------------------------------------------------------------------------------------


def _write_pack(folder: Path) -> None:
    town = _town.pack()
    domain = town.domain.model_dump(mode="json", exclude_unset=True)
    domain["concepts"] = {"life": {key: _say(key) for key in ("title", "up", "down")}}
    for kind in ("event_types", "facts", "derived"):
        for one in domain[kind].values():
            one["concept"] = "life"
    domain["units"]["euro"] |= {"amount": {"en": "€{amount}"}, "decimals": 2}
    domain["override_reasons"] = [
        {"code": "does-not-want", "text": _say("Does not want it"), "remembered_days": 180}
    ]
    domain["identifiers"] = {"bsn": "bsn"}
    told: dict[str, Any] = {
        "domain.yaml": domain,
        "services.yaml": {"services": {name: _service(name, n) for n, name in _services()}},
        "life_events.yaml": {
            "life_events": {
                name: one.model_dump(mode="json", exclude_unset=True)
                for name, one in town.life_events.items()
            }
        },
    }
    told["parameters.yaml"] = {
        "parameters": {
            "adult": _parameter(18, "years"),
            **{f"most_{n}": _parameter(15_000 + 4_000 * n, "euro") for n, _ in _services()},
        }
    }
    for name, mapping in town.mappings.items():
        told[f"sources/{name}.yaml"] = mapping.model_dump(mode="json", exclude_unset=True)
    told[f"sources/{DELIVERING}.yaml"]["files"].append(_messages())
    for name, document in told.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML too


def _services() -> list[tuple[int, str]]:
    names = [*_town.SERVICES, *(f"service-{n}" for n in range(SERVICES - len(_town.SERVICES)))]
    return list(enumerate(names))


def _service(name: str, number: int) -> dict[str, Any]:
    texts = {key: _say(f"{name} {key}") for key in ("title", "description", "provider")}
    return {
        **texts,
        "headline": {"en": f"{name} may fit {{citizen}}"},
        "purpose": "support",
        "lasts_days": 730,
        "criteria": [
            {"id": "income", "sql": f"income < most_{number}", "text": _say("Income is low.")},
            {"id": "adult", "sql": "age >= adult", "text": _say("Is an adult.")},
        ],
    }


def _parameter(value: int, unit: str) -> dict[str, Any]:
    dated = {"valid_from": "2000-01-01", "value": value, "year": 2000, "source": "the town's own"}
    return {"title": _say("Limit"), "unit": unit, "values": [dated]}


def _messages() -> dict[str, Any]:
    """CloudEvents of the contact centre."""
    return {
        "name": "messages",
        "path": "contact/messages-*.jsonl",
        "format": "cloudevents",
        "subject": {"column": "data.bsn", "scheme": "bsn"},
        "events": [
            {
                "type": "data.type",
                "event_id": ["id"],
                "occurred_at": {"column": "data.at"},
                "channel": "data.channel",
                "case_type": "data.about",
            }
        ],
    }


def _say(words: str) -> dict[str, str]:
    return {"en": words}


# -- the model -----------------------------------------------------------------------------------


def _bundle(pack: Pack, lake: Lake, now: datetime) -> Bundle:
    columns = Columns.of(dictionary(pack))
    part = next(iter(population(lake, pack, now, buckets=[0]))).signals.head(LEARNED_FROM)
    matrix = columns.matrix(part)
    random = np.random.default_rng(5)
    fits = [_trees(matrix, columns, random) for _ in range(FITS)]
    heads = {}
    for number, name in enumerate(pack.services):
        heads[name] = Head(
            service=name,
            objective=Objective.UNMET_NEED,
            horizon_days=180,
            outcome="granted",
            unaided=fits[number % FITS],
            entitled=fits[(number + 1) % FITS],
        )
    return Bundle("town", pack.checksum, now, columns, heads)


def _trees(matrix: np.ndarray, columns: Columns, random: np.random.Generator) -> Trees:
    """Trees for a label that hangs on a few signals drawn at random."""
    some = random.choice(matrix.shape[1], 12, replace=False)
    known = np.nan_to_num(matrix[:, some].astype(np.float64))
    spread = known.std(axis=0)
    told = ((known - known.mean(axis=0)) / np.where(spread > 0, spread, 1)) @ random.normal(size=12)
    label = (told + random.normal(0, 2, len(told)) > np.quantile(told, 0.6)).astype(float)
    data = lgb.Dataset(matrix, label, categorical_feature=columns.category_positions)
    settings = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 1,
    }
    return Trees(lgb.train(settings, data, num_boost_round=TREES).model_to_string())
