"""Trees grown on a Dask cluster: another model, as good, in the same text."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from features.errors import VoorzetError
from models.dask_fitting import DaskBins
from models.fitting import Settings, SharedBins
from models.heads import Trees
from models.matrix import Columns
from models.metrics import area_under_curve

COLUMNS = Columns(("income", "age", "tenure", "visits"), frozenset({"tenure"}))
FIT, STOP, TEST = np.arange(3_000), np.arange(3_000, 4_000), np.arange(4_000, 7_000)


@pytest.fixture
def client() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


def _world() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(7_000, 4)).astype(np.float32)
    matrix[:, 2] = random.integers(0, 4, len(matrix))
    odds = 1.5 * matrix[:, 0] + (matrix[:, 2] == 2) - 2
    labels = random.random(len(matrix)) < 1 / (1 + np.exp(-odds))
    return matrix, labels.astype(np.float64)


@pytest.mark.slow("starts two processes that each load LightGBM")
@pytest.mark.filterwarnings("ignore")
def test_it_is_as_good_and_stops_in_time(client: Any) -> None:
    matrix, labels = _world()
    here = SharedBins(matrix, 3_000, COLUMNS, Settings(rounds=120, threads=1))
    there = DaskBins.spread(here, client)
    ones = np.ones(len(labels))
    found = [
        Trees(
            bins.fit(
                "allowance/unaided",
                (FIT, labels[FIT], ones[FIT]),
                (STOP, labels[STOP], ones[STOP]),
                allowed=[0, 1, 2],
            )
        )
        for bins in (here, there)
    ]
    one, two = (area_under_curve(labels[TEST], trees.raw(matrix[TEST])) for trees in found)
    assert two == pytest.approx(one, abs=0.01)
    assert 0 < found[1].trees < 240  # twice the rounds, for steps are half as large
    assert found[1].booster.num_feature() == 4
    assert found[1].booster.feature_importance()[3] == 0


def test_a_cluster_without_workers_is_refused() -> None:
    class Nobody:
        def scheduler_info(self) -> dict[str, Any]:
            return {"workers": {}}

    matrix, _ = _world()
    bins = SharedBins(matrix[:500], 500, COLUMNS, Settings())
    with pytest.raises(VoorzetError, match="no workers"):
        DaskBins.spread(bins, Nobody())
