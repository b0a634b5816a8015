"""The matrix of a population: the same however it is built, and whole or not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from distributed import Client, LocalCluster
from polars.testing import assert_frame_equal

from features.building import Build, Built, build_matrix, in_threads
from features.clusters import on_dask
from features.errors import VoorzetError
from features.ingest import ingest
from features.lake import Lake
from features.loading import load_pack
from features.objections import Objected
from features.pseudonyms import Pseudonyms
from features.snapshot import dictionary, population
from features.sources.synthetic import simulate

AS_OF = datetime(2025, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 1, tzinfo=UTC)
GEMEENTE = Path(__file__).parents[2] / "examples" / "gemeente"
HOUSEHOLD = """
household:
  - {relation: partner, title: {nl: x, en: x}, signal: fact_income, purpose: income-support}
"""
PARTNERS_INCOME = "household_partner_fact_income_highest"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A hamlet of the example municipality, in three buckets."""
    folder = tmp_path_factory.mktemp("hamlet")
    pack, lake = load_pack(GEMEENTE), Lake(str(folder / "lake"), buckets=3)
    simulate(pack, folder / "silos", folder / "truth", citizens=400, years=3, seed=5)
    ingest(pack, lake, Pseudonyms(bytes(32)), folder / "silos", now=NOW)
    return Build(lake, pack, AS_OF)


def bits(frame: pl.DataFrame) -> pl.DataFrame:
    """Floats as the bits they are made of."""
    return frame.with_columns(pl.col(pl.Float32).reinterpret(signed=False))


def with_household(build: Build, folder: Path) -> Build:
    """The same for a pack that asks what income partners have, half of whom objected."""
    copy = folder / "pack"
    shutil.copytree(GEMEENTE, copy)
    with (copy / "domain.yaml").open("a", encoding="utf-8") as domain:
        domain.write(HOUSEHOLD)
    pack = load_pack(copy)
    asked = Build(build.lake, pack, AS_OF)
    partners = asked.lake.scan("relations").filter(pl.col("kind") == "partner").collect()
    objected = partners["relative"].drop_nulls().unique().sort().gather_every(2)
    lake = Lake(build.lake.uri, buckets=build.lake.buckets, objections=Objected(objected))
    told = asked.bucket(0)[PARTNERS_INCOME].count()
    fewer = Build(lake, pack, AS_OF)
    assert 0 < fewer.bucket(0)[PARTNERS_INCOME].count() < told
    return fewer


def one_by_one(build: Build) -> pl.DataFrame:
    return pl.concat([one.signals for one in population(build.lake, build.pack, build.as_of)])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_matrix_is_the_buckets_in_order(build: Build, tmp_path: Path, threads: int) -> None:
    done: list[int] = []
    path = tmp_path / "matrix.parquet"
    built = build_matrix(build, path, spread=in_threads(threads), each=done.append)
    matrix = pl.read_parquet(path)
    assert built == Built(matrix.height, len(dictionary(build.pack)))
    assert matrix.height > 0
    assert_frame_equal(bits(matrix), bits(one_by_one(build)))
    assert done == list(range(1, build.lake.buckets + 1))


def test_a_purpose_leaves_out_what_it_may_not_use(build: Build, tmp_path: Path) -> None:
    purpose = next(iter(build.pack.domain.purposes))
    limited = Build(build.lake, build.pack, AS_OF, purpose)
    build_matrix(limited, tmp_path / "matrix.parquet")
    columns = pl.read_parquet_schema(tmp_path / "matrix.parquet").names()
    assert columns == ["citizen", *(one.name for one in dictionary(build.pack, purpose=purpose))]


def test_a_matrix_that_is_broken_off_is_not_there(build: Build, tmp_path: Path) -> None:
    def breaking(asked: Build, buckets: object) -> Iterator[pl.DataFrame]:
        yield asked.bucket(0)
        raise VoorzetError("the machine went down")

    with pytest.raises(VoorzetError, match="went down"):
        build_matrix(build, tmp_path / "matrix.parquet", spread=breaking)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow("starts two worker processes")
def test_a_cluster_builds_the_same_to_the_last_bit(build: Build, tmp_path: Path) -> None:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        build_matrix(build, tmp_path / "cluster.parquet", spread=on_dask(client))
        household = with_household(build, tmp_path)
        build_matrix(household, tmp_path / "cluster-household.parquet", spread=on_dask(client))
        wrong = replace(build, pack=replace(build.pack, checksum="of another pack"))
        with pytest.raises(VoorzetError, match="not the one that was asked for"):
            build_matrix(wrong, tmp_path / "wrong.parquet", spread=on_dask(client))
    for one, name in ((build, ""), (household, "-household")):
        build_matrix(one, tmp_path / f"here{name}.parquet")
        here, there = (
            pl.read_parquet(tmp_path / f"{place}{name}.parquet") for place in ("here", "cluster")
        )
        assert_frame_equal(bits(there), bits(here))
    assert not (tmp_path / "wrong.parquet").exists()


def test_a_reader_at_fixed_versions_sees_what_another_saw(build: Build) -> None:
    lake = Lake(str(build.lake.uri), buckets=build.lake.buckets, versions=build.lake.versions())
    assert lake.versions() == build.lake.versions()
    assert lake.scan("events").collect().height == build.lake.rows("events")
    with pytest.raises(VoorzetError, match="fixed versions"):
        lake.append("events", lake.scan("events").head(1).collect())
