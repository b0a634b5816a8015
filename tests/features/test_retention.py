"""Retention: a record leaves once what it says has been over as long as its source may keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.domain import Domain
from features.events import EVENTS
from features.facts import FACTS
from features.lake import Lake
from features.links import LINKS
from features.matches import MATCHES
from features.quarantine import QUARANTINE
from features.relations import RELATIONS
from features.retention import KEPT, PAIRS, cutoffs, retire
from features.revisions import REVISIONS
from features.separations import SEPARATIONS
from features.tables import CITIZEN_TABLES, TABLES
from tests.features.silos import DOMAIN

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEPT_DAYS = {"register": 3650, "cases": 365}
TOWN = Domain.model_validate(
    DOMAIN
    | {
        "sources": {
            name: {**DOMAIN["sources"][name], "retention_days": days}
            for name, days in KEPT_DAYS.items()
        }
    }
)
_SCHEMAS = {
    "events": EVENTS, "facts": FACTS, "protected": FACTS, "relations": RELATIONS,
    "revisions": REVISIONS, "links": LINKS, "quarantine": QUARANTINE,
    "matches": MATCHES, "separations": SEPARATIONS,
}  # fmt: skip
_IDS = {"events": "event_id", "relations": "relation_id", "revisions": "revision_id"}

Row = dict[str, Any]


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def lake_of(folder: Path, **tables: list[Row]) -> Lake:
    """A lake with these rows; what a row does not say is of citizen 1, of cases, long known."""
    lake = Lake(str(folder / "lake"), buckets=2)
    for table, rows in tables.items():
        usual = {"citizen": 1, "source": "cases", "known_at": ago(5000), "order": 0}
        usual |= {"name": "income", "kind": "child", "at": ago(0)}
        schema = _SCHEMAS[table]
        full = [
            {key: value for key, value in (usual | row).items() if key in schema} for row in rows
        ]
        lake.append(table, pl.DataFrame(full, schema=schema))
    return lake


def left(lake: Lake, table: str) -> list[str]:
    """The ids that are left in a table after retention."""
    retire(lake, TOWN, NOW)
    return sorted(lake.scan(table).collect()[_IDS.get(table, "fact_id")])


def test_an_event_is_kept_for_as_long_as_its_source_may_from_when_it_occurred(
    tmp_path: Path,
) -> None:
    lake = lake_of(
        tmp_path,
        events=[
            {"event_id": "old", "occurred_at": ago(366), "known_at": ago(1)},
            {"event_id": "young", "occurred_at": ago(364)},
            {"event_id": "planned", "occurred_at": ago(-30)},
            {"event_id": "register", "occurred_at": ago(366), "source": "register"},
            {"event_id": "ancient", "occurred_at": ago(3651), "source": "register"},
        ],
    )
    assert left(lake, "events") == ["planned", "register", "young"]


def test_a_source_that_the_domain_does_not_declare_is_left_alone(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path, events=[{"event_id": "e", "occurred_at": ago(9000), "source": "other"}]
    )
    assert left(lake, "events") == ["e"]


@pytest.mark.parametrize("table", ["facts", "protected"])
def test_a_fact_is_kept_from_when_it_ceased_to_hold(table: str, tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        **{
            table: [
                {"fact_id": "closed", "name": "a", "valid_from": ago(900), "valid_to": ago(366)},
                {"fact_id": "later", "name": "b", "valid_from": ago(900), "valid_to": ago(364)},
                {"fact_id": "holds", "name": "c", "valid_from": ago(9000)},
            ]
        },
    )
    assert left(lake, table) == ["holds", "later"]


def test_a_fact_gives_way_to_the_next_that_holds_for_good(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        facts=[
            {"fact_id": "first", "valid_from": ago(900)},
            {"fact_id": "second", "valid_from": ago(400)},
            {"fact_id": "third", "valid_from": ago(10)},
            {"fact_id": "base", "name": "tenure", "valid_from": ago(900)},
            {"fact_id": "while", "name": "tenure", "valid_from": ago(800), "valid_to": ago(700)},
        ],
    )
    # first ended 400 days ago; second 10 days ago; base holds again after the one in between
    assert left(lake, "facts") == ["base", "second", "third"]


def test_all_versions_of_a_fact_go_together_so_that_none_stands_open_again(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        facts=[
            {"fact_id": "open", "valid_from": ago(900), "known_at": ago(900)},
            {"fact_id": "closing", "valid_from": ago(900), "valid_to": ago(500),
             "known_at": ago(500)},
            {"fact_id": "o", "name": "tenure", "valid_from": ago(900), "valid_to": ago(500),
             "known_at": ago(500)},
            {"fact_id": "reopening", "name": "tenure", "valid_from": ago(900),
             "known_at": ago(400)},
        ],
    )  # fmt: skip
    assert left(lake, "facts") == ["o", "reopening"]


def test_a_second_child_does_not_end_the_first(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        relations=[
            {"relation_id": "first", "relative": 7, "valid_from": ago(4000)},
            {"relation_id": "second", "relative": 8, "valid_from": ago(3000)},
            {"relation_id": "left", "relative": 9, "valid_from": ago(4000), "valid_to": ago(400)},
        ],
    )
    assert left(lake, "relations") == ["first", "second"]


def test_what_a_source_took_back_ended_then_and_its_revision_stays_as_long_as_it(
    tmp_path: Path,
) -> None:
    revision = {"table": "facts", "known_at": ago(400), "withdrawn": True}
    lake = lake_of(
        tmp_path,
        facts=[
            {"fact_id": "withdrawn", "valid_from": ago(900)},
            {"fact_id": "recent", "name": "tenure", "valid_from": ago(900)},
        ],
        revisions=[
            revision | {"revision_id": "1", "record_id": "withdrawn"},
            revision | {"revision_id": "2", "record_id": "recent", "known_at": ago(30)},
            revision | {"revision_id": "3", "record_id": "never here"},
        ],
    )
    assert left(lake, "facts") == ["recent"]
    assert left(lake, "revisions") == ["2"]


def test_a_link_stays_while_anything_is_left_of_the_citizen(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        events=[{"event_id": "e", "citizen": 2, "occurred_at": ago(3)}],
        links=[
            {"scheme": "client", "alias": 11, "citizen": 1},
            {"scheme": "client", "alias": 12, "citizen": 2},
        ],
    )
    retire(lake, TOWN, NOW)
    assert lake.scan("links").collect()["alias"].to_list() == [12]


def test_a_pair_of_people_stays_while_something_is_left_of_both(tmp_path: Path) -> None:
    pairs = [{"alias": 11, "citizen": 1}, {"alias": 12, "citizen": 2}, {"alias": 12, "citizen": 9}]
    here = ({"event_id": f"{one}", "citizen": one, "occurred_at": ago(3)} for one in (2, 11, 12))
    lake = lake_of(tmp_path, events=list(here), matches=pairs, separations=pairs)
    retire(lake, TOWN, NOW)
    for table in PAIRS:
        assert lake.scan(table).select("alias", "citizen").collect().rows() == [(12, 2)]


def test_quarantine_counts_from_when_a_row_was_put_there(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        quarantine=[{"record_id": "old", "at": ago(366)}, {"record_id": "young", "at": ago(364)}],
    )
    retire(lake, TOWN, NOW)
    assert lake.scan("quarantine").collect()["record_id"].to_list() == ["young"]


def test_a_dry_run_counts_what_would_go_and_touches_nothing(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        events=[
            {"event_id": "a", "occurred_at": ago(400)},
            {"event_id": "b", "citizen": 2, "occurred_at": ago(500)},
            {"event_id": "c", "occurred_at": ago(4000), "source": "register"},
        ],
        links=[{"scheme": "client", "alias": 11, "citizen": 1}],
    )
    versions = lake.versions()
    counted = retire(lake, TOWN, NOW, dry_run=True)
    assert counted.rows() == [
        ("events", "cases", 2), ("events", "register", 1), ("links", "cases", 1),
    ]  # fmt: skip
    assert lake.versions() == versions
    assert retire(lake, TOWN, NOW).equals(counted)
    assert retire(lake, TOWN, NOW).is_empty()


def test_every_table_of_the_lake_has_its_rule() -> None:
    assert set(TABLES) == {*CITIZEN_TABLES, *PAIRS, "links", "quarantine", *KEPT}
    assert set(cutoffs(TOWN, NOW)) == set(KEPT_DAYS)
