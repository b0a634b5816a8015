"""The timeline a person reads: all that was known, and where a source fell silent."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from features.lake import Lake
from features.timeline import TIMELINE, protected_facts, read_records, timeline
from tests.features.told import AS_OF, PACK, at, event, fact, relation, tables

ROWS = [
    event("moved", "2025-05-01", source="register"),
    event("contact", "2025-05-03", channel="phone", case_type="question"),
    event("contact", "2025-05-20", known="2025-06-20"),
    event("moved", "2025-07-01", known="2025-05-28", source="register"),
    fact("home", "rent", "2024-01-01", known="2025-05-02"),
    fact("income", 12000, "2025-05-05", source="tax", citizen=2),
    relation("partner", "2024-01-01", citizen=2),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path), buckets=2)
    for table, frame in zip(("events", "facts", "relations"), tables(*ROWS), strict=True):
        lake.append(table, frame)
    lake.append("protected", tables(fact("disability", True, "2024-01-01"))[1])
    lake.append("protected", tables(fact("origin", "a", "2024-01-01"))[1])
    return lake


def test_it_tells_what_was_known_newest_first(lake: Lake) -> None:
    told = timeline(lake, PACK, 1, AS_OF)
    assert told.schema == TIMELINE
    assert told.filter(pl.col("kind") != "gap").select("kind", "type", "upcoming").rows() == [
        ("event", "moved", True),
        ("life-event", "moving", True),
        ("event", "contact", False),
        ("event", "moved", False),
        ("life-event", "moving", False),
        ("fact", "home", False),
    ]


def test_titles_are_in_the_language_asked_for(lake: Lake) -> None:
    english = timeline(lake, PACK, 1, AS_OF, "en").filter(pl.col("type") == "moved")
    assert set(timeline(lake, PACK, 1, AS_OF).filter(pl.col("type") == "moved")["title"]) == {
        "Verhuisd"
    }
    assert set(english["title"]) == {"Moved"}


def test_a_source_that_was_silent_for_too_long_is_a_gap(lake: Lake) -> None:
    gaps = timeline(lake, PACK, 2, AS_OF).filter(pl.col("kind") == "gap")
    assert set(gaps["source"]) == {"register"}
    assert gaps.filter(pl.col("occurred_at") == at("2025-05-02"))["ends_at"].to_list() == [
        at("2025-05-28")
    ]


def test_protected_facts_are_not_on_it(lake: Lake) -> None:
    assert not {"disability", "origin"} & set(timeline(lake, PACK, 1, AS_OF)["type"])
    assert protected_facts(lake, PACK, [1], AS_OF)["name"].to_list() == ["disability"]
    assert protected_facts(lake, PACK, [1], at("2023-01-01")).is_empty()


def test_records_are_those_of_the_citizens_asked_for(lake: Lake) -> None:
    records = read_records(lake, PACK, AS_OF, [2, 2, 7])
    assert records.citizens.to_list() == [2, 7]
    assert set(records.facts["citizen"]) == {2}
    assert records.events.is_empty()
    assert records.sources == {"register", "cases", "tax"}
