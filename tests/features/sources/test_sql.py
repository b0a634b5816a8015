"""Databases: what changed since the last time lands once, whenever it was committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from features.errors import VoorzetError
from features.ingest import IngestReport
from features.lake import Lake
from features.pulled import ingest_database, watermark
from features.sources import sql
from features.sources.sql import Watermark
from tests.features.silos import NOW, PSEUDONYMS, contents
from tests.features.sources.services_town import ANN, BOB, DEBTS, events, services_town

ROWS = [
    (1, ANN, "2026-01-01", 120.5, "2026-01-02T08:00:00"),
    (2, BOB, "2026-01-03", 80, "2026-01-04T08:00:00"),
    (3, ANN, "2026-02-01", None, "2026-02-02T08:00:00"),
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


@pytest.fixture
def debts(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'debts.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE arrears (id INTEGER, bsn TEXT, since TEXT, amount REAL, changed TEXT)"
        )
        add(connection, *ROWS)
        yield connection
    engine.dispose()


def add(connection: Connection, *rows: tuple[Any, ...]) -> None:
    for row in rows:
        connection.exec_driver_sql("INSERT INTO arrears VALUES (?, ?, ?, ?, ?)", row)
    connection.commit()


def read(lake: Lake, connection: Any, **changed: Any) -> IngestReport:
    pack = services_town(debts=DEBTS | changed)
    return ingest_database(pack, lake, PSEUDONYMS, "debts", connection, now=NOW)


def test_a_query_lands_through_the_same_door(lake: Lake, debts: Connection) -> None:
    add(debts, (4, "123456789", "2026-02-01", 1, "2026-02-03T08:00:00"))
    report = read(lake, debts)
    assert (report.events, report.quarantined) == (3, {"debts": {"bsn-11-test": 1}})
    first = events(lake).row(0, named=True)
    assert (first["citizen"], first["value"]) == (PSEUDONYMS.one("bsn", ANN), 120.5)
    assert first["occurred_at"] == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert watermark(lake, "debts", "arrears") == Watermark("text", "2026-02-03T08:00:00")


def test_reading_again_adds_nothing_at_all(lake: Lake, debts: Connection) -> None:
    read(lake, debts)
    before = lake.versions()
    assert read(lake, debts).events == 0
    lake.refresh()
    assert lake.versions() == before


def test_only_what_changed_is_asked_for(lake: Lake, debts: Connection) -> None:
    read(lake, debts)
    add(debts, (4, BOB, "2026-03-01", 5, "2026-03-02T08:00:00"))
    report = read(lake, debts)
    assert report.events == 1
    assert [file.rows for file in report.files] == [2]


def test_a_late_commit_with_an_equal_mark_is_not_lost(lake: Lake, debts: Connection) -> None:
    read(lake, debts)
    add(debts, (4, BOB, "2026-02-01", 5, ROWS[-1][4]))
    assert read(lake, debts).events == 1


def test_a_row_without_a_mark_is_read_every_time(lake: Lake, debts: Connection) -> None:
    read(lake, debts)
    add(debts, (4, BOB, "2026-02-01", 5, None))
    report = read(lake, debts, events=[DEBTS["events"][0] | {"known_at": {"column": "since"}}])
    assert report.events == 1


def test_a_changed_row_under_a_known_id_is_told(lake: Lake, debts: Connection) -> None:
    read(lake, debts)
    debts.exec_driver_sql(
        "UPDATE arrears SET amount = 9, changed = '2026-03-01T00:00:00' WHERE id = 1"
    )
    assert read(lake, debts).quarantined["debts"] == {"conflicting-duplicate": 1}


def test_a_changed_row_of_a_source_that_corrects_takes_the_place_of_the_old(
    lake: Lake, debts: Connection
) -> None:
    correcting = [DEBTS["events"][0] | {"revisable": True}]
    read(lake, debts, events=correcting)
    debts.exec_driver_sql(
        "UPDATE arrears SET amount = 9, changed = '2026-03-01T00:00:00' WHERE id = 1"
    )
    report = read(lake, debts, events=correcting)
    assert (report.events, report.revisions, report.quarantined["debts"]) == (1, 1, {})
    assert read(lake, debts, events=correcting).events == 0


def test_many_batches_are_one_reading(
    lake: Lake, debts: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BATCH_ROWS", 1)
    assert read(lake, debts).events == 3
    assert watermark(lake, "debts", "arrears") == Watermark("text", ROWS[-1][4])
    assert lake.scan("events").collect()["order"].n_unique() == 3


@pytest.mark.parametrize("commits", range(1, 6))
def test_a_reading_that_is_cut_off_loses_and_doubles_nothing(
    tmp_path: Path, debts: Connection, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    """Cut off after each commit in turn, with rows added before the next reading."""
    monkeypatch.setattr(sql, "BATCH_ROWS", 1)
    lake, left = Lake(str(tmp_path / "cut"), buckets=4), commits
    append = Lake.append

    def mortal(self: Lake, *given: Any, **named: Any) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return append(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", mortal)
        try:
            read(lake, debts)
        except KeyboardInterrupt:
            assert watermark(lake, "debts", "arrears") is None
    add(debts, (0, BOB, "2026-01-01", 7, "2026-01-01T00:00:00"))
    add(debts, (4, BOB, "2026-03-01", 5, "2026-03-02T08:00:00"))
    read(lake, debts)
    # What comes before the watermark came too late, unless the reading was cut off before it.
    found = events(lake)["event_id"].sort().to_list()
    late = ["0"] if "0" in found else []
    assert found == [*late, "1", "2", "3", "4"]
    assert contents(lake, "quarantine") == {"quarantine": []}


@settings(max_examples=15, deadline=None)
@given(
    marks=st.lists(st.integers(0, 30), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 12), max_size=3),
)
def test_rows_in_any_order_of_commit_land_once_within_the_overlap(
    marks: list[int], cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake") / "lake"), buckets=2)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE arrears (id, bsn, since, amount, changed)")
    readings = sorted({cut for cut in cuts if cut < len(marks)})
    event = DEBTS["events"][0] | {"known_at": {"column": "since"}}
    for number, mark in enumerate(marks):
        if number in readings:
            read(lake, connection, overlap=30, events=[event])
        row = (f"a{number}", ANN, "2026-01-01", 1, mark)
        connection.execute("INSERT INTO arrears VALUES (?, ?, ?, ?, ?)", row)
    read(lake, connection, overlap=30, events=[event])
    connection.close()
    assert sorted(events(lake)["event_id"]) == sorted(f"a{number}" for number in range(len(marks)))


def test_moments_are_asked_for_with_an_overlap(lake: Lake) -> None:
    sqlite3.register_adapter(datetime, datetime.isoformat)
    sqlite3.register_converter("moment", lambda text: datetime.fromisoformat(text.decode()))
    debts = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    debts.execute("CREATE TABLE arrears (id TEXT, bsn, since, amount, changed moment)")
    start = datetime(2026, 1, 1, 8)  # noqa: DTZ001 the database's own, without a zone

    def changed(number: str, late: timedelta) -> None:
        row = (number, ANN, "2026-01-01", 1, start + late)
        debts.execute("INSERT INTO arrears VALUES (?, ?, ?, ?, ?)", row)

    changed("first", timedelta(0))
    changed("hour", timedelta(hours=1))
    changed("mistaken", timedelta(days=9000))
    assert read(lake, debts).quarantined["debts"] == {"from-the-future": 1}
    # The one of far in the future moves nothing.
    assert watermark(lake, "debts", "arrears") == Watermark("datetime", "2026-01-01T09:00:00")
    changed("slow", timedelta(minutes=55))
    changed("too-slow", timedelta(minutes=45))
    assert read(lake, debts).events == 1
    assert read(lake, debts, overlap=3600).events == 1
    debts.close()


@pytest.mark.parametrize(
    ("value", "since"),
    [
        (5000, 4000),
        (date(2026, 1, 2), date(2026, 1, 2)),
        ("b", "b"),
        (datetime(2026, 1, 1, 8, tzinfo=UTC), datetime(2026, 1, 1, 7, 50, tzinfo=UTC)),
    ],
)
def test_a_watermark_begins_again_a_little_before_itself(value: Any, since: Any) -> None:
    mark = Watermark.of(value)
    assert (mark.mark, mark.since(None)) == (value, since)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"query": "SELECT nothing FROM nowhere"}, "the database did not answer the query"),
        ({"query": "SELECT id, bsn, changed FROM arrears"}, "the column 'since' is missing"),
        ({"watermark": "amount"}, "it is Float64"),
        ({"overlap": 5}, "it is text, which has no overlap"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_in_our_words(
    lake: Lake, debts: Connection, changed: dict[str, Any], told: str
) -> None:
    (refused,) = read(lake, debts, **changed).refused
    assert refused.status == "refused"
    assert told in str(refused.problem)
    assert ANN not in str(refused.problem)
    assert watermark(lake, "debts", "arrears") is None


def test_a_database_that_no_mapping_reads_is_told(lake: Lake, debts: Connection) -> None:
    with pytest.raises(VoorzetError, match="'nobody'; they read: debts"):
        ingest_database(services_town(), lake, PSEUDONYMS, "nobody", debts, now=NOW)


def test_what_a_table_says_in_an_unsteady_type_is_read(lake: Lake, debts: Connection) -> None:
    add(debts, (4, BOB, "2026-02-01", "much", "2026-02-03T08:00:00"))
    report = read(lake, debts)
    assert (report.events, report.quarantined["debts"]) == (3, {"bad-number": 1})
    assert lake.scan("events").select(pl.col("value").max()).collect().item() == 120.5
