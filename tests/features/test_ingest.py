"""Ingest: deliveries become records once, whatever is wrong with them is told, nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.ingest import IngestReport, ingest
from features.lake import Lake
from tests.features.silos import NOW, PSEUDONYMS, bsn, contents, town, write

ANN, BOB = bsn(12345678), bsn(76543210)

PEOPLE = f"""bsn,name,address,born,entered,income,tenure,origin,partner
{ANN},Ann de Groot,Dorpsstraat 1,1980-05-04,2020-01-02,"1.250,50",R,here,{BOB}
{BOB},Bob Visser,Dorpsstraat 1,1979-12-31,2020-01-02,,O,elsewhere,
"""

STEPS = """id;client;step;at;entered;case;channel;amount;note
1;C-0001;open;2024-03-01T09:00:00;2024-03-01T10:00:00;NA;desk;;first
2;C-0001;work;2024-03-02T09:00:00;2024-03-02T10:00:00;NA;web;12.5;
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


@pytest.fixture
def silos(tmp_path: Path) -> Path:
    folder = tmp_path / "silos"
    folder.mkdir()
    return folder


def run(lake: Lake, data: Path) -> IngestReport:
    return ingest(town(), lake, PSEUDONYMS, data, now=NOW)


def reasons(report: IngestReport) -> dict[str, int]:
    return {reason: n for found in report.quarantined.values() for reason, n in found.items()}


def test_a_register_becomes_facts_and_relations(lake: Lake, silos: Path) -> None:
    write(silos / "register/people.csv", PEOPLE)
    report = run(lake, silos)
    ann = PSEUDONYMS.one("bsn", ANN)
    assert (report.facts, report.relations, reasons(report)) == (7, 1, {})
    facts = lake.citizen("facts", ann)
    income = facts.row(by_predicate=pl.col("name") == "income", named=True)
    assert (income["value"], income["number"]) == ("1250.5", 1250.5)
    born = facts.row(by_predicate=pl.col("name") == "birth_date", named=True)
    assert (born["value"], born["number"]) == ("1980-05-04", 3776.0)
    assert born["valid_from"] == datetime(1980, 5, 3, 22, tzinfo=UTC)
    assert born["known_at"] == datetime(2020, 1, 2, 23, tzinfo=UTC)
    assert lake.citizen("relations", ann)["relative"].to_list() == [PSEUDONYMS.one("bsn", BOB)]


def test_protected_facts_stand_in_a_table_of_their_own(lake: Lake, silos: Path) -> None:
    write(silos / "register/people.csv", PEOPLE)
    run(lake, silos)
    assert lake.scan("protected").collect()["name"].unique().to_list() == ["origin"]
    assert "origin" not in lake.scan("facts").collect()["name"].to_list()


def test_a_case_called_na_is_a_case(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    assert run(lake, silos).events == 2
    events = lake.scan("events").sort("order").collect()
    assert events["case_id"].to_list() == ["NA", "NA"]
    assert events["attributes"].to_list() == ['{"note":"first"}', None]
    assert events["value"].to_list() == [None, 12.5]


def test_the_same_file_twice_adds_nothing_and_says_so(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    run(lake, silos)
    before = contents(lake)
    report = run(lake, silos)
    assert [file.status for file in report.files] == ["already-landed"]
    assert contents(lake) == before
