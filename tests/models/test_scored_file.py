"""The population's scores: the same file whether or not the work was broken off on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from features.lake import Lake
from models.bundle import Bundle
from models.fitting import Settings
from models.heads import Prior
from models.population import score_population
from models.scored_file import SCORED, ScoredFile, write_scores
from models.training import train
from tests.models.town import NOW, town_lake, town_pack

PACK = town_pack()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return town_lake(tmp_path_factory.mktemp("town") / "lake", citizens=300)


@pytest.fixture(scope="module")
def bundle(lake: Lake) -> Bundle:
    return train(lake, PACK, settings=Settings(rounds=20, min_leaf=20)).bundle


class Broken(Exception):
    """Somebody pulled the plug."""


def _until(bucket: int):  # type: ignore[no-untyped-def]
    def each(done: int) -> None:
        if done == bucket:
            raise Broken

    return each


def _write(lake: Lake, bundle: Bundle, path: Path, **how: object) -> ScoredFile:
    return write_scores(lake, PACK, bundle, NOW, path, **how)  # type: ignore[arg-type]


def test_it_holds_every_candidate_that_passed_the_gates(
    lake: Lake, bundle: Bundle, tmp_path: Path
) -> None:
    told = _write(lake, bundle, tmp_path / "scores.parquet")
    found = pl.read_parquet(told.file)
    passed = pl.concat(
        one.candidates.filter(pl.col("withheld_by").is_null())
        for one in score_population(lake, PACK, bundle, NOW)
    )
    assert found.schema == SCORED
    assert found.with_columns(pl.col("citizen").cast(pl.Int64)).equals(
        passed.select(SCORED.names())
    )
    assert told.candidates == found.height
    assert told.suggested == found.filter(pl.col("shown"))["citizen"].n_unique()
    assert [path.name for path in tmp_path.iterdir()] == ["scores.parquet"]


def test_broken_off_it_leaves_nothing_half_written_and_goes_on_where_it_was(
    lake: Lake, bundle: Bundle, tmp_path: Path
) -> None:
    path, whole = tmp_path / "scores.parquet", tmp_path / "whole" / "scores.parquet"
    path.write_bytes(b"what stood there before")
    with pytest.raises(Broken):
        _write(lake, bundle, path, each=_until(2))
    assert path.read_bytes() == b"what stood there before"
    (unfinished,) = tmp_path.glob(".*/")
    (unfinished / ".000002.parquet.1.part").write_bytes(b"torn")

    told = _write(lake, bundle, path)
    assert told.taken_up == 2
    assert replace(told, file=whole, taken_up=0) == _write(lake, bundle, whole)
    assert path.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_what_another_model_left_is_not_used(lake: Lake, bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    with pytest.raises(Broken):
        _write(lake, bundle, path, each=_until(3))
    rare = replace(bundle.heads["rare"], unaided=Prior(0.3, 0.3))
    other = replace(bundle, heads=bundle.heads | {"rare": rare})
    assert _write(lake, other, path).taken_up == 0
    assert not list(tmp_path.glob(".*"))
