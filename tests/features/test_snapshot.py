"""Snapshots out of a lake: the population and one citizen by the same code."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from features.lake import Lake
from features.snapshot import bucket_records, dictionary, population, read
from tests.contracts.worlds import World, worlds
from tests.features.told import AS_OF, PACK, Row, at, event, fact, tables


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path), buckets=3)


def landed(lake: Lake, *rows: Row) -> Lake:
    for table, frame in zip(("events", "facts", "relations"), tables(*rows), strict=True):
        lake.append(table, frame)
    return lake


def members(lake: Lake, as_of: datetime = AS_OF) -> list[int]:
    return sorted(
        citizen
        for snapshot in population(lake, PACK, as_of)
        for citizen in snapshot.signals["citizen"]
    )


def test_who_has_a_fact_is_in_the_population(lake: Lake) -> None:
    landed(
        lake,
        fact("income", 1, "2025-01-01", citizen=1),
        event("contact", "2025-01-01", citizen=2),
        fact("income", 1, "2025-05-01", known="2025-07-01", citizen=4),
    )
    assert members(lake) == [1]
    assert members(lake, at("2025-07-02")) == [1, 4]


def test_who_died_or_left_is_out_until_they_return(lake: Lake) -> None:
    facts = [fact("income", 1, "2020-01-01", citizen=citizen) for citizen in (1, 2, 3)]
    landed(
        lake,
        *facts,
        event("died", "2024-01-01", citizen=1),
        event("died", "2024-01-01", citizen=2),
        event("came-back", "2025-01-01", citizen=2),
        event("died", "2025-05-01", known="2025-06-30", citizen=3),
    )
    assert members(lake) == [2, 3]
    assert members(lake, at("2024-06-01")) == [3]
    assert members(lake, at("2025-07-01")) == [2]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(PACK))
def test_one_citizen_read_alone_equals_the_population_to_the_last_bit(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake")), buckets=3)
    for table in ("events", "facts", "relations"):
        lake.append(table, getattr(world, table))
    for snapshot in population(lake, PACK, AS_OF):
        assert snapshot.signals.columns == ["citizen", *(one.name for one in dictionary(PACK))]
        for citizen in snapshot.records.citizens:
            alone = read(lake, PACK, AS_OF, [citizen])
            among = pl.col("citizen") == citizen
            assert_frame_equal(alone.signals, snapshot.signals.filter(among), check_exact=True)
            assert_frame_equal(alone.facts, snapshot.facts.filter(among), check_exact=True)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(PACK))
def test_a_snapshot_of_the_past_does_not_change_with_what_becomes_known(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    then = Lake(str(tmp_path_factory.mktemp("then")), buckets=3)
    now = Lake(str(tmp_path_factory.mktemp("now")), buckets=3)
    for table in ("events", "facts", "relations"):
        then.append(table, getattr(world.without_later(), table))
        now.append(table, getattr(world, table))
    for before, after in zip(
        population(then, PACK, AS_OF), population(now, PACK, AS_OF), strict=True
    ):
        assert_frame_equal(before.signals, after.signals, check_exact=True)
        assert_frame_equal(before.facts, after.facts, check_exact=True)


def test_a_source_counts_as_present_from_its_first_delivery(lake: Lake) -> None:
    landed(
        lake,
        fact("income", 1, "2024-01-01", source="tax"),
        event("contact", "2025-01-01", known="2025-03-01"),
    )
    assert bucket_records(lake, PACK, at("2025-02-01"), 1).sources == {"tax"}
    assert bucket_records(lake, PACK, AS_OF, 1).sources == {"tax", "cases"}
    early, late = (read(lake, PACK, day, [1]).signals for day in (at("2025-02-01"), AS_OF))
    assert early["count_contact_365d"].item() is None
    assert early["source_missing_cases"].item() == 1
    assert late["count_contact_365d"].item() == 1


def test_rules_see_the_criterion_only_facts_and_heads_do_not(lake: Lake) -> None:
    landed(lake, fact("income", 1, "2024-01-01"))
    lake.append("protected", tables(fact("disability", True, "2024-01-01"))[1])
    lake.append("protected", tables(fact("origin", "a", "2024-01-01"))[1])
    snapshot = read(lake, PACK, AS_OF, [1])
    assert snapshot.facts["disability"].item() is True
    assert "origin" not in snapshot.facts.columns
    assert not any("disability" in name or "origin" in name for name in snapshot.signals.columns)


def test_a_citizen_nobody_knows_has_a_row_of_unknowns(lake: Lake) -> None:
    landed(lake, fact("income", 1, "2024-01-01"))
    snapshot = read(lake, PACK, AS_OF, [99])
    assert snapshot.signals.height == snapshot.facts.height == 1
    assert snapshot.facts["income"].item() is None
