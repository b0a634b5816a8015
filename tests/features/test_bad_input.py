"""Bad deliveries: each fault is told with its place, and the rest of the load goes through."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.ingest import IngestReport, ingest
from features.lake import Lake
from tests.features.silos import NOW, PSEUDONYMS, bsn, contents, town, write

ANN, BOB = bsn(12345678), bsn(76543210)
HEADER = "id;client;step;at;entered;case;channel;amount;note\n"
GOOD = "1;C-0001;open;2024-03-01T09:00:00;2024-03-01T10:00:00;NA;desk;;first\n"
PEOPLE = "bsn,name,address,born,entered,income,tenure,origin,partner\n"


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


def step(**cells: str) -> str:
    given = {
        "id": "2",
        "client": "C-0001",
        "step": "work",
        "at": "2024-03-02T09:00:00",
        "entered": "2024-03-02T10:00:00",
        "case": "K1",
        "channel": "web",
        "amount": "12.5",
        "note": "",
    } | cells
    return ";".join(given.values()) + "\n"


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (step(at="02/03/2024"), "bad-date", "at"),
        (step(at="2024-02-30T09:00:00"), "bad-date", "at"),
        (step(entered=""), "bad-date", "entered"),
        (step(client=""), "missing-identifier", "client"),
        (step(step="dance"), "unknown-event-type", "step"),
        (step(step=""), "unknown-event-type", "step"),
        (step(channel="pigeon"), "unknown-channel", "channel"),
        (step(amount="much"), "bad-number", "amount"),
        (step(amount="NaN"), "bad-number", "amount"),
        (step(entered="2027-01-01T00:00:00"), "from-the-future", "entered"),
        (step(at="2099-01-01T00:00:00"), "from-the-future", "at"),
    ],
)
def test_a_bad_step_is_set_apart_with_its_reason(
    lake: Lake, silos: Path, row: str, reason: str, column: str
) -> None:
    write(silos / "cases/steps.csv", HEADER + GOOD + row)
    report = run(lake, silos)
    assert report.events == 1
    assert report.quarantined["cases"] == {reason: 1}
    kept = lake.scan("quarantine").collect().row(0, named=True)
    assert (kept["reason"], kept["column"], kept["row"]) == (reason, column, 2)
    assert kept["file"] == "cases/steps.csv"


def test_a_planned_event_is_no_record_from_the_future(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", HEADER + step(at="2027-03-01T09:00:00"))
    assert run(lake, silos).events == 1


@pytest.mark.parametrize("wrong", ["123456789", "12345", "not-a-number", "000000000"])
def test_a_bsn_that_fails_the_11_test_is_kept_nowhere(
    lake: Lake, silos: Path, tmp_path: Path, wrong: str
) -> None:
    rows = (
        f"{ANN},Ann de Groot,Dorpsstraat 1,1980-05-04,2020-01-02,1,R,here,\n"
        f"{wrong},Bob Visser,Dorpsstraat 2,1979-12-31,2020-01-02,2,O,here,\n"
    )
    write(silos / "register/people.csv", PEOPLE + rows)
    report = run(lake, silos)
    assert report.quarantined["register"] == {"bsn-11-test": 1}
    assert report.facts == 4
    assert wrong not in repr(contents(lake)) + repr(report.as_dict())
    assert "Visser" not in repr(contents(lake))


def test_a_relative_with_a_bad_bsn_costs_the_relation_alone(lake: Lake, silos: Path) -> None:
    row = f"{ANN},Ann,Dorpsstraat 1,1980-05-04,2020-01-02,1,R,here,123456789\n"
    write(silos / "register/people.csv", PEOPLE + row)
    report = run(lake, silos)
    assert (report.facts, report.relations) == (4, 0)
    assert report.quarantined["register"] == {"bsn-11-test": 1}


def test_a_category_that_is_not_declared_is_set_apart(lake: Lake, silos: Path) -> None:
    rows = "".join(
        f"{bsn(number)},N,A,1980-05-04,2020-01-02,1,{tenure},here,\n"
        for number, tenure in ((1000001, "X"), (1000002, "Q"), (1000003, "R"))
    )
    write(silos / "register/people.csv", PEOPLE + rows)
    report = run(lake, silos)
    assert report.quarantined["register"] == {"unknown-category": 2}
    kept = lake.scan("quarantine").sort("row").collect()
    assert kept["record"].str.json_path_match("$.tenure").to_list() == ["X", "Q"]


def test_a_missing_column_refuses_its_file_alone(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", HEADER + GOOD)
    write(silos / "register/people.csv", PEOPLE.replace("income,", "") + "\n")
    report = run(lake, silos)
    assert report.events == 1
    (refused,) = report.refused
    assert refused.file == "register/people.csv"
    assert "'income' is missing" in (refused.problem or "")
    assert "files.people.facts.1.value" in (refused.problem or "")
    assert not lake.exists("facts")


@pytest.mark.parametrize(
    ("frame", "column"),
    [
        (pl.DataFrame({"person": ["C-1"], "at": ["2024-01-01"], "amount": [1.0]}), "at"),
        (
            pl.DataFrame(
                {"person": ["C-1"], "at": [datetime(2024, 1, 1, tzinfo=UTC)], "amount": ["1"]}
            ),
            "amount",
        ),
        (
            pl.DataFrame(
                {"person": [1.5], "at": [datetime(2024, 1, 1, tzinfo=UTC)], "amount": [1.0]}
            ),
            "person",
        ),
    ],
)
def test_a_parquet_file_of_another_type_is_refused(
    lake: Lake, silos: Path, frame: pl.DataFrame, column: str
) -> None:
    (silos / "log").mkdir()
    frame.write_parquet(silos / "log/wrong.parquet")
    right = {"person": ["C-1"], "at": [datetime(2024, 1, 1, tzinfo=UTC)], "amount": [2]}
    pl.DataFrame(right).write_parquet(silos / "log/right.parquet")
    report = run(lake, silos)
    assert report.events == 1
    (refused,) = report.refused
    assert refused.file == "log/wrong.parquet"
    assert f"the column {column!r} is " in (refused.problem or "")


def test_a_file_that_is_no_parquet_is_refused(lake: Lake, silos: Path) -> None:
    write(silos / "log/text.parquet", "hello")
    (refused,) = run(lake, silos).refused
    assert "not a whole Parquet file" in (refused.problem or "")


def test_an_empty_file_is_refused(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", "")
    (refused,) = run(lake, silos).refused
    assert "it is empty" in (refused.problem or "")


def test_a_header_that_names_a_column_twice_is_refused(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", HEADER.replace("note", "case"))
    (refused,) = run(lake, silos).refused
    assert "the column 'case' twice" in (refused.problem or "")


def _steps(count: int) -> str:
    return HEADER + "".join(step(id=str(number), note=f"n{number}") for number in range(count))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_truncated_gzip_lands_what_is_whole_and_later_the_rest(
    lake: Lake, silos: Path, share: float
) -> None:
    whole = gzip.compress(_steps(5000).encode(), mtime=0)
    path = silos / "cases/steps.csv.gz"
    path.parent.mkdir()
    path.write_bytes(whole[: int(len(whole) * share)])
    report = run(lake, silos)
    assert 0 < report.events < 5000
    assert report.quarantined["cases"] == {"truncated-file": 1}
    assert [file.status for file in report.refused] == ["truncated"]
    path.write_bytes(whole)
    later = run(lake, silos)
    assert report.events + later.events == 5000
    assert lake.scan("events").collect()["event_id"].n_unique() == 5000
    assert later.refused == []


def test_a_row_with_too_many_cells_is_set_apart(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", HEADER + GOOD + "9;C-2;open;a;b;c;d;e;f;g;h\n" + step())
    report = run(lake, silos)
    assert report.events == 2
    assert report.quarantined["cases"] == {"malformed-row": 1}
    assert lake.scan("quarantine").collect()["row"].to_list() == [2]


def test_bytes_that_are_not_in_the_encoding_cost_their_row_alone(lake: Lake, silos: Path) -> None:
    path = write(silos / "cases/steps.csv", HEADER + GOOD + step(note="caf@") + step(id="3"))
    path.write_bytes(path.read_bytes().replace(b"caf@", b"caf\xe9"))
    report = run(lake, silos)
    assert (report.events, report.quarantined["cases"]) == (2, {"malformed-row": 1})


def test_another_content_under_a_known_id_is_set_apart(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps-1.csv", HEADER + step() + step(note="other"))
    write(silos / "cases/steps-2.csv", HEADER + step() + step(id="3") + step(note="third"))
    report = run(lake, silos)
    assert report.events == 2
    assert report.quarantined["cases"] == {"conflicting-duplicate": 2}


def test_a_file_that_nobody_reads_is_told(lake: Lake, silos: Path) -> None:
    write(silos / "cases/README.txt", "hello")
    assert run(lake, silos).unused == ["cases/README.txt"]


@pytest.mark.parametrize("cell", ["case", "note", "id"])
def test_no_bsn_and_no_name_enters_the_lake_by_another_column(
    lake: Lake, silos: Path, cell: str
) -> None:
    dotted = f"{ANN[:4]}.{ANN[4:6]}.{ANN[6:]}"
    write(silos / "cases/steps.csv", HEADER + step(**{cell: ANN}) + step(**{cell: f"a {dotted} b"}))
    run(lake, silos)
    held = repr(contents(lake))
    assert ANN not in held
    assert dotted not in held


def test_a_file_that_is_no_table_is_refused_and_the_rest_goes_through(
    lake: Lake, silos: Path
) -> None:
    write(silos / "cases/steps-1.csv", HEADER + "x" * 200_000 + ";;;;;;;;;;\n")
    write(silos / "cases/steps-2.csv", HEADER + GOOD)
    report = run(lake, silos)
    assert report.events == 1
    assert [file.file for file in report.refused] == ["cases/steps-1.csv"]


def test_files_without_rows_are_landed_as_such(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", HEADER)
    (silos / "log").mkdir()
    at = pl.Series([], dtype=pl.Datetime("us"))
    none = pl.DataFrame({"person": pl.Series([], dtype=pl.String), "at": at, "amount": [0.0][:0]})
    none.write_parquet(silos / "log/none.parquet")
    report = run(lake, silos)
    assert (report.refused, report.events) == ([], 0)
    assert [file.status for file in run(lake, silos).files] == ["already-landed"] * 2
