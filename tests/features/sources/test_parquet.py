"""Parquet deliveries: cut in the same places whoever wrote them, and read up to any damage."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from features.sources import parquet
from features.sources.chunks import TruncatedFile
from features.sources.parquet import read_parquet

ROWS = pl.DataFrame({"a": range(2_500), "b": [f"text {i}" for i in range(2_500)]})


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 1_000)


@pytest.mark.parametrize("row_group", [70, 1_000, 1_700, 2_500])
def test_a_file_is_cut_in_the_same_places(tmp_path: Path, row_group: int) -> None:
    ROWS.write_parquet(tmp_path / "f.parquet", row_group_size=row_group)
    chunks = list(read_parquet(tmp_path / "f.parquet", ["b", "a"]))
    assert [chunk.frame.height for chunk in chunks] == [1_000, 1_000, 500]
    assert [(chunk.rows[0], chunk.rows[-1]) for chunk in chunks][1] == (1_001, 2_000)
    assert pl.concat([chunk.frame for chunk in chunks]).equals(ROWS.select("b", "a"))


def test_a_file_without_rows_has_no_chunks(tmp_path: Path) -> None:
    ROWS.head(0).write_parquet(tmp_path / "f.parquet")
    assert list(read_parquet(tmp_path / "f.parquet", ["a"])) == []


def test_what_came_before_the_damage_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    ROWS.write_parquet(path, row_group_size=500, compression="uncompressed")
    whole = path.read_bytes()
    at = whole.index(b"text 1600")
    path.write_bytes(whole[: at - 200] + b"\xff" * 200 + whole[at:])
    heights: list[int] = []
    with pytest.raises(TruncatedFile):
        heights.extend(chunk.frame.height for chunk in read_parquet(path, ["b"]))
    assert heights == [1_000]
