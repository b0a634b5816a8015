"""A training in MLflow: run, dataset, card, registered model and its aliases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.promotion import Policy, Quality, promote
from models.training import train
from tests.models.test_training import PACK, QUICK
from tests.models.town import town_lake

pytestmark = pytest.mark.slow("MLflow makes its database and saves a whole model")


def test_a_training_is_tracked_registered_and_crowned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", "a" * 32)  # as under ``mlflow run``, with its own database
    from mlflow import MlflowClient

    from models.registry import CHALLENGER, CHAMPION, Registry
    from models.tracking import track

    result = train(town_lake(tmp_path / "lake"), PACK, settings=QUICK)
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    run = track(result, PACK, uri=uri, artifacts=tmp_path / "artifacts")
    registry = Registry(uri, "town")
    version = result.bundle.version
    client = MlflowClient(tracking_uri=uri)
    assert client.get_run(run.run_id).data.tags["started_by_run"] == "a" * 32
    assert {one.path for one in client.list_artifacts(run.run_id)} >= {
        "algorithm_register.json",
        "evaluation.json",
        "model_card.md",
    }
    assert run.bundle == registry.bundle_of(CHALLENGER) == version
    assert registry.bundle_of(CHAMPION) is None

    lenient = Policy(quality=Quality(auc_below_logistic=1.0, auc_above_popularity=0.0))
    outcome = promote(result.bundle, tmp_path / "bundles", lenient, announce=registry.crown)
    assert (registry.bundle_of(CHAMPION) == version) == outcome.promoted

    model = registry.load(CHALLENGER)
    names = list(result.bundle.columns.names)
    answer = model.predict(pd.DataFrame(np.ones((2, len(names)), np.float32), columns=names))
    assert list(answer.columns) == list(PACK.services)
    assert answer.to_numpy().min() > 0
