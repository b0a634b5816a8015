"""The lake: absent tables are empty, transactions land once, a citizen is found in any bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import VoorzetError
from features.events import EVENTS
from features.lake import HOT_ROWS, Lake
from features.moving import rekey, rekey_relatives
from features.parquet_files import CitizenIndex
from features.relations import RELATIONS
from features.tables import TABLES

AT = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path), buckets=4)


def events(*citizens: int, name: str = "e") -> pl.DataFrame:
    rows = {
        "event_id": [f"{name}{place}" for place in range(len(citizens))],
        "citizen": list(citizens),
        "occurred_at": [AT] * len(citizens),
        "order": list(range(len(citizens))),
    }
    return pl.concat([EVENTS.to_frame(), pl.DataFrame(rows)], how="diagonal_relaxed").cast(EVENTS)


def test_a_lake_that_is_not_there_is_empty(lake: Lake) -> None:
    assert lake.versions() == {}
    for table in TABLES:
        assert not lake.exists(table)
        assert lake.version(table) == -1
        assert lake.scan(table).collect().is_empty()
    assert lake.scan("events").collect().schema == EVENTS
    assert lake.citizen("events", 7).schema == EVENTS
    assert lake.compact() == 0


def test_a_transaction_lands_once(lake: Lake) -> None:
    assert lake.append("events", events(1, 2), ("load", 1)) == 2
    assert lake.append("events", events(1, 2), ("load", 1)) == 0
    assert lake.append("events", events(3), ("load", 2)) == 1
    assert lake.append("events", events(1, 2), ("other", 1)) == 2
    assert (lake.rows("events"), lake.landed("events", "load")) == (5, 3)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_bucket_is_the_floor_remainder(citizen: int) -> None:
    frame = pl.DataFrame({"citizen": [citizen]}, schema={"citizen": pl.Int64})
    assert frame.select(pl.col("citizen") % 16).item() == Lake("nowhere").bucket_of(citizen)


def test_citizens_are_found_in_their_bucket(lake: Lake) -> None:
    lake.append("events", events(-1, 5, -8, 2**62, 5))
    assert lake.citizen("events", 5)["event_id"].to_list() == ["e1", "e4"]
    assert lake.citizen("events", -1)["event_id"].to_list() == ["e0"]
    assert lake.scan("events", [0]).collect()["citizen"].sort().to_list() == [-8, 2**62]
    assert lake.scan("events", []).collect().is_empty()


def test_compacting_keeps_every_row_and_sorts(lake: Lake) -> None:
    for name in "abc":
        lake.append("events", events(9, 1, 5, 2, name=name))
        lake.settle("events")
    before = lake.scan("events").collect().sort("event_id")
    assert lake.compact() == 2
    after = lake.scan("events").collect()
    assert after.sort("event_id").equals(before)
    assert lake.scan("events", [1]).collect()["citizen"].is_sorted()
    assert lake.compact() == 0


def test_small_landings_are_read_at_once_and_settle_in_one_step(lake: Lake) -> None:
    reader = Lake(lake.uri, buckets=4)
    for name in "abc":
        lake.append("events", events(9, 1, 5, 2, name=name))
    assert lake.files("events") == 3
    early = reader.scan("events", [1]).collect().sort("event_id")
    assert early["event_id"].to_list() == [f"{name}{place}" for name in "abc" for place in range(3)]
    assert lake.settle("events") == 12
    assert lake.settle("events") == 0
    assert lake.files("events") == 2
    for one in (lake, reader, Lake(lake.uri, buckets=4)):
        assert one.scan("events", [1]).collect().sort("event_id").equals(early)
        assert one.citizen("events", 5)["event_id"].to_list() == ["a2", "b2", "c2"]


def test_a_large_landing_goes_to_its_buckets(lake: Lake) -> None:
    lake.append("events", events(*range(4 * HOT_ROWS)))
    assert lake.files("events") == 4
    assert lake.settle("events") == 0


def test_rows_move_from_an_alias_to_its_citizen_once(lake: Lake) -> None:
    lake.append("events", events(1, 2, 3))
    aliases = pl.DataFrame({"alias": [1, 77], "citizen": [6, 6]})
    assert rekey(lake, "events", aliases) == 1
    assert rekey(lake, "events", aliases) == 0
    assert lake.citizen("events", 6)["event_id"].to_list() == ["e0"]
    assert lake.citizen("events", 1).is_empty()
    assert lake.rows("events") == 3


def test_a_relative_moves_too(lake: Lake) -> None:
    rows = pl.DataFrame({"relation_id": ["r"], "citizen": [1], "relative": [2]})
    empty = RELATIONS.to_frame()
    lake.append("relations", pl.concat([empty, rows], how="diagonal_relaxed").cast(RELATIONS))
    assert rekey_relatives(lake, pl.DataFrame({"alias": [2], "citizen": [9]})) == 1
    assert lake.citizen("relations", 1)["relative"].to_list() == [9]


def test_a_reader_sees_one_version_until_it_asks(lake: Lake) -> None:
    reader = Lake(lake.uri, buckets=4)
    lake.append("events", events(1))
    assert reader.citizen("events", 1).height == 1
    lake.append("events", events(1, name="later"))
    assert reader.citizen("events", 1).height == 1
    reader.refresh()
    assert reader.citizen("events", 1).height == 2


def test_the_checksum_follows_the_content(lake: Lake) -> None:
    empty = lake.checksum()
    lake.append("events", events(1))
    one = lake.checksum()
    assert empty != one
    assert Lake(lake.uri, buckets=4).checksum() == one


def test_another_number_of_buckets_is_refused(lake: Lake) -> None:
    lake.append("events", events(1))
    with pytest.raises(VoorzetError, match="buckets=4"):
        Lake(lake.uri, buckets=8).scan("events")


def test_a_frame_of_another_schema_is_refused(lake: Lake) -> None:
    with pytest.raises(TypeError, match="events"):
        lake.append("events", events(1).with_columns(pl.col("citizen").cast(pl.Int32)))


def test_rows_that_a_merge_scattered_are_read_whole(tmp_path: Path) -> None:
    """A merge leaves rows where they were, and writes texts as views into a buffer."""
    path = tmp_path / "merged.parquet"
    texts = pa.array(["first", "a text of somebody else", "second"], pa.string_view())
    rows = pa.table({"citizen": pa.array([5, 7, 5], pa.int64()), "name": texts})
    pq.write_table(rows, path)
    assert pq.read_table(path).schema.field("name").type == pa.string_view()
    index = CitizenIndex.of(str(path))
    assert index.rows(5, ["citizen", "name"])["name"].to_list() == ["first", "second"]
    assert index.rows(7, ["citizen", "name"])["name"].to_list() == ["a text of somebody else"]
    assert index.rows(6, ["citizen", "name"]).is_empty()
