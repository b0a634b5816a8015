"""What finds traces of people: every form of them, and nothing that only looks like one."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.traces import Text, Traces, texts_of

BSN = "912345672"
PEOPLE = pl.DataFrame(
    {
        "bsn": [BSN],
        "name": ["Anna van den Berg"],
        "phone": ["0612345678"],
        "email": ["anna7@voorbeeld.example"],
        "address": ["Parklaan 12"],
        "postcode": ["1234 VB"],
    }
)
TRACES = Traces(PEOPLE)


def kinds(content: str, *, values: bool = False) -> list[str]:
    return sorted(trace.kind for trace in TRACES.find([Text("here", content, values)]))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (BSN, "bsn"),
        (f"BSN{BSN}!", "bsn"),
        (f'{{"id": {BSN}.0}}', "bsn"),
        ("9123.45.672", "bsn"),
        ("912 345 672", "bsn"),
        ("06-12345678", "phone"),
        ("612345678", "phone"),
        ("+31612345678", "phone"),
        ("mail ANNA7@voorbeeld.example.", "email"),
        ("?street=Parklaan+12", "address"),
        ("1234vb", "postcode"),
        ("anna van den berg", "name"),
        ("Berg: Van den Berg, Anna", "name"),
        ("/search/Anna%20van%20den%20Berg", "name"),
    ],
)
def test_a_trace_is_found_in_every_form(content: str, kind: str) -> None:
    assert kinds(content) == [kind]


@pytest.mark.parametrize(
    "content",
    [
        f"1{BSN}",
        f"{BSN}0",
        f"0.{BSN}",
        f"12.{BSN}e-05",
        f"5f3{BSN}ab5f3c",
        "Johanna van den Bergh",
        "Parklaan 123",
        "van den Berg",
        "xanna7@voorbeeld.example",
    ],
)
def test_what_only_looks_like_a_trace_is_none(content: str) -> None:
    assert kinds(content) == []


def test_a_surname_counts_among_values_as_it_is_written() -> None:
    assert kinds("van den Berg", values=True) == ["surname"]
    assert kinds("van den bergen, van den berg", values=True) == []


def test_every_kind_of_file_is_read(tmp_path: Path) -> None:
    said = f"about {BSN}"
    frame = pl.DataFrame({"text": [said], "number": [int(BSN)], "list": [[said]]})
    frame.with_columns(blob=pl.lit(said.encode())).write_parquet(tmp_path / "columns.parquet")
    (tmp_path / "plain.log").write_text(said)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(said.encode()))
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("inside.txt", said)
    (tmp_path / f"{BSN}.txt").touch()
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "plain.txt").write_text(said)
    database = sqlite3.connect(tmp_path / "base.db")
    database.execute("create table notes (text text, number integer, blob blob)")
    database.execute("insert into notes values (?, ?, ?)", (said, int(BSN), said.encode()))
    database.commit()
    database.close()

    places = {trace.place for trace in TRACES.find(texts_of(tmp_path, apart=["apart"]))}
    assert places == {
        "columns.parquet: text",
        "columns.parquet: number",
        "columns.parquet: list",
        "columns.parquet: blob",
        "plain.log",
        "packed.csv.gz (unpacked)",
        "packed.zip: inside.txt",
        f"{BSN}.txt (its name)",
        "base.db",
        "base.db: notes.text",
        "base.db: notes.number",
        "base.db: notes.blob",
    }
