"""The tables of the lake: what each holds, and in which order its rows lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from features.events import EVENTS
from features.facts import FACTS
from features.links import LINKS
from features.loads import LOADS
from features.matches import MATCHES
from features.quarantine import QUARANTINE
from features.relations import RELATIONS
from features.revisions import REVISIONS
from features.separations import SEPARATIONS
from features.tombstones import TOMBSTONES
from features.watermarks import WATERMARKS

TableName = Literal[
    "events",
    "facts",
    "protected",
    "relations",
    "revisions",
    "links",
    "matches",
    "separations",
    "quarantine",
    "loads",
    "watermarks",
    "tombstones",
]


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Parameters
    ----------
    sort
        The order of the rows in a file: the order in which records are read, so that a compacted
        bucket needs no sorting.
    bucketed
        Whether it is spread over buckets of citizens.
    """

    schema: pl.Schema
    sort: tuple[str, ...]
    bucketed: bool = True


EVENT_ORDER = ("citizen", "occurred_at", "known_at", "source", "order", "event_id")
FACT_ORDER = ("citizen", "name", "valid_from", "known_at", "order", "source", "fact_id")
RELATION_ORDER = ("citizen", "kind", "valid_from", "known_at", "order", "source", "relation_id")

LAYOUT: Final[Mapping[str, Table]] = {
    "events": Table(EVENTS, EVENT_ORDER),
    "facts": Table(FACTS, FACT_ORDER),
    "protected": Table(FACTS, FACT_ORDER),
    "relations": Table(RELATIONS, RELATION_ORDER),
    "revisions": Table(REVISIONS, ("citizen", "known_at", "order", "revision_id")),
    "links": Table(LINKS, ("alias",), bucketed=False),
    "matches": Table(MATCHES, ("alias", "citizen", "known_at"), bucketed=False),
    "separations": Table(SEPARATIONS, ("alias", "citizen"), bucketed=False),
    "quarantine": Table(QUARANTINE, ("source", "row"), bucketed=False),
    "loads": Table(LOADS, ("landed_at",), bucketed=False),
    "watermarks": Table(WATERMARKS, ("source", "mapping", "landed_at"), bucketed=False),
    "tombstones": Table(TOMBSTONES, ("token",), bucketed=False),
}

TABLES: tuple[str, ...] = tuple(LAYOUT)
CITIZEN_TABLES: tuple[str, ...] = tuple(name for name, table in LAYOUT.items() if table.bucketed)


def columns_of(table: str) -> list[str]:
    """The columns of a table of the lake."""
    return LAYOUT[table].schema.names()
