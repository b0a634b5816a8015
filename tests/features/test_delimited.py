"""Delimited files: every cell comes back as it was written, however the blocks fall."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.sources import delimited
from features.sources.chunks import TruncatedFile
from features.sources.delimited import delimited_columns, read_delimited
from features.sources.mapping import FileMapping

TABLE = FileMapping.model_validate(
    {
        "name": "table",
        "path": "*",
        "format": "csv",
        "subject": {"column": "a", "scheme": "client"},
    }
)
CELL = st.text(st.sampled_from('ab,;"\n NA€'), max_size=6)
BLOCK = st.integers(60, 160)
"""Always more than a record: a block without the end of one is taken for a stray quote."""
ROWS = st.lists(st.tuples(CELL, CELL, CELL).filter(any), max_size=20)


def written(rows: list[tuple[str, str, str]], end: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow("abc")
    writer.writerows(rows)
    return text.getvalue().encode()


def read(path: Path, mapping: FileMapping = TABLE) -> list[tuple[str | None, ...]]:
    chunks = read_delimited(path, mapping, delimited_columns(path, mapping))
    return [row for chunk in chunks for row in chunk.frame.rows()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, BLOCK, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_is_written_is_read(
    tmp_path: Path, rows: list[tuple[str, str, str]], size: int, end: str, zipped: bool
) -> None:
    path = tmp_path / ("t.csv.gz" if zipped else "t.csv")
    data = written(rows, end)
    half = len(data) // 2
    # A gzip file may have several members.
    packed = gzip.compress(data[:half]) + gzip.compress(data[half:])
    path.write_bytes(packed if zipped else data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", size)
        found = read(path)
    assert found == [tuple(cell or None for cell in row) for row in rows]


def test_rows_are_numbered_through_the_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(written([("x", "y", "z")] * 9, "\n"))
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 14)
    chunks = list(read_delimited(path, TABLE, ["a"]))
    assert len(chunks) > 1
    assert pl.concat([chunk.rows for chunk in chunks]).to_list() == list(range(1, 10))


def test_a_stray_quote_does_not_swallow_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + 'x,5" screen,z\n' + "x,y,z\n" * 50)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 60)
    assert read(path).count(("x", "y", "z")) == 50


def test_a_byte_order_mark_and_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b,c\nx,caf\xc3\xa9,z\n")
    assert read(path) == [("x", "café", "z")]
    path.write_bytes("a,b,c\nx,café,z\n".encode("latin1"))
    latin = TABLE.model_copy(update={"encoding": "latin1"})
    assert read(path, latin) == [("x", "café", "z")]


def test_na_is_a_text_unless_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\nNA,,x\n")
    assert read(path) == [("NA", None, "x")]
    named = TABLE.model_copy(update={"null_values": ("NA",)})
    assert read(path, named) == [(None, "", "x")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, BLOCK, st.floats(0.1, 0.99))
def test_a_cut_gzip_gives_a_start_of_its_rows(
    tmp_path: Path, rows: list[tuple[str, str, str]], size: int, share: float
) -> None:
    path = tmp_path / "t.csv.gz"
    data = gzip.compress(written(rows, "\n"))
    path.write_bytes(data[: max(int(len(data) * share), 1)])
    found: list[tuple[str | None, ...]] = []

    def take() -> None:
        for chunk in read_delimited(path, TABLE, ["a", "b", "c"]):
            found.extend(chunk.frame.rows())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", size)
        with pytest.raises(TruncatedFile):
            take()
    expected = [tuple(cell or None for cell in row) for row in rows]
    assert found == expected[: len(found)]
