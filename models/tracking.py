"""An MLflow run for a training: settings, metrics, data reference, model card and the model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from features.pack import Pack
from models import plots
from models.bundle import Bundle
from models.cards import algorithm_register, markdown, model_card
from models.over_time import OverTime
from models.registry import Registry
from models.training import TrainingResult

REQUIREMENTS = ("lightgbm", "numpy", "pandas", "polars", "pydantic", "pyyaml")


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """Where a training stands in MLflow."""

    run_id: str
    model: str
    model_version: str
    bundle: str


def track(
    result: TrainingResult, pack: Pack, *, uri: str, artifacts: Path, experiment: str = "voorzet"
) -> TrackedRun:
    """Log a training as a run, register its model and make that the challenger.

    Parameters
    ----------
    uri
        ``sqlite:///…`` or a server's address.
    artifacts
        The folder for artifacts of a new experiment (not used with a server that has its own).
    """
    bundle = result.bundle
    registry = Registry(uri, bundle.pack)
    with _run(uri, artifacts, experiment, f"{bundle.pack} {bundle.version}") as run_id:
        mlflow.set_tags(
            {"pack": bundle.pack, "pack_checksum": bundle.pack_checksum, "bundle": bundle.version}
        )
        mlflow.log_params(_parameters(result))
        mlflow.log_metrics(_metrics(result))
        mlflow.log_input(_dataset(result), context="training")
        mlflow.log_dict(bundle.evaluation, "evaluation.json")
        card = model_card(bundle, pack)
        mlflow.log_dict(card, "model_card.json")
        mlflow.log_text(markdown(card), "model_card.md")
        _log_plots(bundle, pack)
        mlflow.log_dict(algorithm_register(bundle, pack), "algorithm_register.json")
        version = _log_model(bundle, registry.name)
    registry.challenge(version, bundle.version)
    return TrackedRun(run_id, registry.name, version, bundle.version)


def track_over_time(
    found: OverTime, pack: Pack, *, uri: str, artifacts: Path, experiment: str = "voorzet"
) -> str:
    """Log a rolling validation as a run of its own, with its plot; returns the run's id.

    Every mean is logged once a round, at that round's number, so that MLflow draws it over time.
    """
    told = found.as_dict()
    with _run(uri, artifacts, experiment, f"{pack.domain.id} over time") as run_id:
        mlflow.set_tags({"pack": pack.domain.id, "pack_checksum": pack.checksum})
        for place, one in enumerate(told["rounds"]):
            known = {name: value for name, value in one["summary"].items() if value is not None}
            mlflow.log_metrics(known, step=place)
        mlflow.log_dict(told, "over_time.json")
        mlflow.log_figure(plots.over_time(told["rounds"]), "plots/over_time.png")
    return run_id


def _log_plots(bundle: Bundle, pack: Pack) -> None:
    language = "en" if "en" in pack.languages else pack.languages[0]
    titles = {name: pack.say(one.title, language) for name, one in pack.services.items()}
    drawn = {
        "reliability": plots.reliability(bundle.evaluation, titles),
        "lift": plots.lift(bundle.evaluation, titles),
        "lists": plots.lists(bundle.evaluation),
    }
    for name, figure in drawn.items():
        if figure is not None:
            mlflow.log_figure(figure, f"plots/{name}.png")


@contextmanager
def _run(uri: str, artifacts: Path, experiment: str, name: str) -> Iterator[str]:
    """A run of ``experiment``; what MLflow held before is put back."""
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        found = mlflow.get_experiment_by_name(experiment)
        identifier = found.experiment_id if found else _experiment(experiment, uri, artifacts)
        # Under ``mlflow run`` this names the run that started us, which may stand elsewhere.
        starter = os.environ.pop("MLFLOW_RUN_ID", None)
        with mlflow.start_run(experiment_id=identifier, run_name=name) as run:
            if starter is not None:
                mlflow.set_tag("started_by_run", starter)
            yield run.info.run_id
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


def _experiment(name: str, uri: str, artifacts: Path) -> str:
    if uri.startswith(("http://", "https://")):
        return str(mlflow.create_experiment(name))
    artifacts.mkdir(parents=True, exist_ok=True)
    return str(mlflow.create_experiment(name, artifact_location=artifacts.resolve().as_uri()))


def _parameters(result: TrainingResult) -> dict[str, Any]:
    training = result.bundle.training
    return dict(training["settings"]) | {
        "split": training["split"]["form"],
        "embargo_days": training["split"]["embargo_days"],
        "lag_days": training["lag_days"],
        "fit_snapshots": len(result.split.fit),
        "test_snapshots": len(result.split.test),
        "trained_at": result.bundle.trained_at.isoformat(),
        "signals": result.data["signals"],
    }


def _metrics(result: TrainingResult) -> dict[str, float]:
    found = {name: value for name, value in result.bundle.metrics.items() if value is not None}
    for service, head in result.bundle.evaluation["heads"].items():
        for metric in ("auc", "average_precision", "calibration_error"):
            value = head["metrics"][metric]
            if value is not None:
                found[f"{metric}/{service}"] = value
    found |= _fairness(result.bundle.evaluation.get("fairness") or {})
    return found | {"rows": float(result.data["rows"]), "citizens": float(result.data["citizens"])}


def _fairness(found: dict[str, Any]) -> dict[str, float]:
    if not found:
        return {}
    worst = found["worst"]
    told = float(sum(one["telling"] for one in found["proxies"]))
    return {"groups_told": told} | ({"worst_group_gap": worst["gap"]["value"]} if worst else {})


def _dataset(result: TrainingResult) -> MetaDataset:
    versions = {f"lake.{table}": str(at) for table, at in result.data["lake_versions"].items()}
    return MetaDataset(  # type: ignore[abstract]
        CodeDatasetSource(tags=versions | {"lake_checksum": result.data["lake_checksum"]}),
        name=f"{result.bundle.pack} lake",
        digest=str(result.data["lake_checksum"])[:32],
    )


def _log_model(bundle: Bundle, name: str) -> str:
    """The bundle as a generic model: MLflow keeps the folder and the name of our loader."""
    with TemporaryDirectory() as folder:
        content = bundle.write(Path(folder) / "bundle")
        info = mlflow.pyfunc.log_model(
            name="model",
            loader_module="models.mlflow_flavor",
            data_path=str(content),
            signature=_signature(bundle),
            input_example=pd.DataFrame(0.0, index=[0], columns=list(bundle.columns.names)).astype(
                "float32"
            ),
            pip_requirements=[f"{package}=={installed(package)}" for package in REQUIREMENTS],
            registered_model_name=name,
        )
    return str(info.registered_model_version)


def _signature(bundle: Bundle) -> ModelSignature:
    return ModelSignature(
        inputs=Schema([ColSpec("float", name) for name in bundle.columns.names]),
        outputs=Schema([ColSpec("double", service) for service in bundle.heads]),
    )
