"""Rows deleted from a database: their records are taken back, from the moment that this is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from features.lake import Lake
from features.pulled import ingest_database
from features.reconciling import Reconciled, reconcile_database
from features.recorded import of_bucket
from features.sources import row_keys
from features.timeline import read_records
from tests.features.silos import NOW, PSEUDONYMS, contents
from tests.features.sources.services_town import ANN, BOB, DEBTS, services_town

PULLED, SEEN = NOW - timedelta(days=30), NOW
TOWN = services_town(debts=DEBTS | {"may_vanish": 0.5})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


@pytest.fixture
def debts() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE arrears (id INTEGER, bsn TEXT, since TEXT, amount REAL, changed TEXT)"
        )
        for number, bsn in enumerate([ANN, BOB, ANN, BOB], start=1):
            add(connection, number, bsn)
        yield connection
    engine.dispose()


def add(connection: Connection, number: int, bsn: str, changed: str = "2026-01-02") -> None:
    row = (number, bsn, "2026-01-01", 10 * number, f"{changed}T08:00:00")
    connection.exec_driver_sql("INSERT INTO arrears VALUES (?, ?, ?, ?, ?)", row)


def delete(connection: Connection, *numbers: int) -> None:
    for number in numbers:
        connection.exec_driver_sql("DELETE FROM arrears WHERE id = ?", (number,))


def pull(lake: Lake, debts: Connection, now: Any = PULLED) -> None:
    assert not ingest_database(TOWN, lake, PSEUDONYMS, "debts", debts, now=now).refused


def reconcile(
    lake: Lake, debts: Connection, may_vanish: float | None = None, now: Any = SEEN
) -> Reconciled:
    (found,) = reconcile_database(
        TOWN, lake, PSEUDONYMS, "debts", debts, now=now, may_vanish=may_vanish
    )
    return found


def of_everyone(lake: Lake, as_of: Any) -> set[str]:
    parts = [of_bucket(lake, "events", bucket, as_of) for bucket in range(lake.buckets)]
    return {str(round(value / 10)) for part in parts for value in part["value"]}


def one_by_one(lake: Lake, as_of: Any) -> set[str]:
    found = set()
    for bsn in (ANN, BOB):
        read = read_records(lake, TOWN, as_of, [PSEUDONYMS.one("bsn", bsn)])
        found |= {str(round(value / 10)) for value in read.events["value"]}
    return found


def test_a_record_is_gone_from_the_moment_that_it_is_seen_and_was_there_before(
    lake: Lake, debts: Connection
) -> None:
    pull(lake, debts)
    delete(debts, 2)
    assert reconcile(lake, debts) == Reconciled("debts", "events", records=4, gone=1)
    before = SEEN - timedelta(seconds=1)
    assert of_everyone(lake, before) == one_by_one(lake, before) == {"1", "2", "3", "4"}
    assert of_everyone(lake, SEEN) == one_by_one(lake, SEEN) == {"1", "3", "4"}


def test_reconciling_again_changes_nothing(lake: Lake, debts: Connection) -> None:
    pull(lake, debts)
    delete(debts, 2)
    reconcile(lake, debts)
    lake.refresh()
    held = lake.versions()
    assert reconcile(lake, debts) == Reconciled("debts", "events", records=3, gone=0)
    lake.refresh()
    assert lake.versions() == held


def test_when_more_than_its_share_would_vanish_nothing_does(lake: Lake, debts: Connection) -> None:
    pull(lake, debts)
    delete(debts, 1, 2, 3)
    stopped = reconcile(lake, debts)
    assert (stopped.records, stopped.gone) == (4, 3)
    assert "3 of 4 records are no longer in the database, more than 50.000%" in str(stopped.problem)
    assert not lake.rows("revisions")
    assert reconcile(lake, debts, may_vanish=0.75).problem is None
    assert of_everyone(lake, SEEN) == {"4"}


def test_a_query_that_is_refused_takes_nothing_back(lake: Lake, debts: Connection) -> None:
    pull(lake, debts)
    debts.exec_driver_sql("DROP TABLE arrears")
    stopped = reconcile(lake, debts, may_vanish=1.0)
    assert "nothing was taken back" in str(stopped.problem)
    assert not lake.rows("revisions")


def test_a_reading_that_breaks_off_takes_nothing_back(
    lake: Lake, debts: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(lake, debts)
    monkeypatch.setattr(row_keys, "BATCH_ROWS", 2)
    whole = pl.read_database

    def broken(*asked: Any, **how: Any) -> Iterator[pl.DataFrame]:
        yield next(iter(whole(*asked, **how)))
        raise ConnectionError("the server closed the connection")

    monkeypatch.setattr(pl, "read_database", broken)
    assert "ConnectionError" in str(reconcile(lake, debts, may_vanish=1.0).problem)
    assert not lake.rows("revisions")


def test_what_other_sources_gave_stays(lake: Lake, debts: Connection) -> None:
    pull(lake, debts)
    other = lake.scan("events").collect().with_columns(pl.lit("register").alias("source"))
    lake.append("events", other)
    delete(debts, 2)
    assert reconcile(lake, debts).records == 4
    assert sorted(contents(lake, "revisions")["revisions"]) != []
    assert lake.scan("revisions").collect()["source"].to_list() == ["debts"]


def test_a_row_that_comes_back_as_a_new_version_stands_again(lake: Lake, debts: Connection) -> None:
    town = services_town(
        debts=DEBTS | {"may_vanish": 0.5, "events": [DEBTS["events"][0] | {"revisable": True}]}
    )
    ingest_database(town, lake, PSEUDONYMS, "debts", debts, now=PULLED)
    delete(debts, 2)
    seen = SEEN - timedelta(days=10)
    reconcile_database(town, lake, PSEUDONYMS, "debts", debts, now=seen)
    add(debts, 2, BOB, changed=f"{SEEN - timedelta(days=5):%Y-%m-%d}")
    ingest_database(town, lake, PSEUDONYMS, "debts", debts, now=SEEN)
    assert of_everyone(lake, SEEN - timedelta(days=7)) == {"1", "3", "4"}
    assert of_everyone(lake, SEEN) == one_by_one(lake, SEEN) == {"1", "2", "3", "4"}


def test_records_numbered_under_one_key_go_and_stay_together(lake: Lake, debts: Connection) -> None:
    twice = [DEBTS["events"][0], DEBTS["events"][0] | {"value": "id"}]
    town = services_town(debts=DEBTS | {"may_vanish": 0.5, "events": twice})
    ingest_database(town, lake, PSEUDONYMS, "debts", debts, now=PULLED)
    assert lake.rows("events") == 8
    delete(debts, 2)
    (found,) = reconcile_database(town, lake, PSEUDONYMS, "debts", debts, now=SEEN)
    assert (found.records, found.gone) == (8, 2)


def test_only_keys_are_read_and_who_they_are_about(debts: Connection) -> None:
    (mapping,) = TOWN.mappings["debts"].files
    (read,) = row_keys.row_keys(debts, mapping)
    assert read.columns == ["id", "bsn"]


@settings(max_examples=12, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("adr"), st.integers(1, 6)), max_size=8))
def test_after_reconciling_the_lake_has_the_rows_of_the_database(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever was added, deleted and read in between, as long as no key is used again."""
    lake = Lake(str(tmp_path_factory.mktemp("lake") / "lake"), buckets=2)
    engine = create_engine("sqlite://")
    with engine.connect() as debts:
        debts.exec_driver_sql("CREATE TABLE arrears (id, bsn, since, amount, changed)")
        there: set[int] = set()
        used: set[int] = set()
        now = PULLED
        for step, number in steps:
            now += timedelta(hours=1)
            if step == "a" and number not in used:
                add(debts, number, ANN)
                there.add(number)
                used.add(number)
            elif step == "d":
                delete(debts, number)
                there.discard(number)
            elif step == "r":
                pull(lake, debts, now)
                reconcile(lake, debts, 1.0, now)
        pull(lake, debts, now)
        reconcile(lake, debts, 1.0, now)
    engine.dispose()
    assert of_everyone(lake, now) == {str(number) for number in there}
