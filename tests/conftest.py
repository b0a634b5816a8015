"""What every test can ask for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from features.ingest import IngestReport
from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.training import TrainingResult

# Also when pytest is started by hand, without make.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

REPOSITORY = Path(__file__).resolve().parent.parent

# A busy machine is no reason for a property to fail.
settings.register_profile("voorzet", deadline=None)
settings.load_profile("voorzet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A slow test says why it has to be."""
    for item in items:
        for mark in item.iter_markers("slow"):
            if len(mark.args) != 1 or not isinstance(mark.args[0], str):
                raise pytest.UsageError(f'{item.nodeid}: say why: pytest.mark.slow("…")')


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets: VOORZET_REAL_DATA, or ../shared/data beside the repository."""
    named = os.environ.get("VOORZET_REAL_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not a folder; VOORZET_REAL_DATA can name one")
    return folder


@dataclass(frozen=True)
class Municipality:
    """A small, real workspace: simulated, ingested, trained and promoted.

    Tests may write in its database and put things beside its lake; they leave lake, bundles and
    silos as they are.
    """

    workspace: Workspace
    ingested: IngestReport
    trained: TrainingResult

    @property
    def bundle(self) -> Bundle:
        """Its champion."""
        return self.trained.bundle

    @property
    def pack(self) -> Pack:
        """Its domain pack."""
        return self.workspace.load_pack()

    @property
    def lake(self) -> Lake:
        """Its lake."""
        return self.workspace.open_lake()

    @property
    def truth(self) -> Path:
        """What only tests may read."""
        return self.workspace.folder / "truth"


@pytest.fixture(scope="session")
def municipality(tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    """One municipality of 1,500 citizens for the whole session, in a folder with a space."""
    # Imported here: most tests need none of this.
    from models.fitting import Settings
    from models.promotion import Policy, promote
    from models.training import train
    from serving.cli.console import steps
    from serving.cli.ingest import ingest_into
    from serving.cli.init import make_workspace
    from serving.cli.simulate import simulate_into

    folder = tmp_path_factory.mktemp("municipality") / "a workspace"
    workspace = make_workspace(folder, REPOSITORY / "examples" / "gemeente", buckets=2)
    with steps() as bars:
        simulate_into(workspace, bars, citizens=1_500, years=4, seed=7)
        report = ingest_into(workspace, workspace.silos, bars)
    few = Settings(rounds=60, patience=10, max_rows=10_000)
    trained = train(
        workspace.open_lake(), workspace.load_pack(), months=30, seed=7, threads=2, settings=few
    )
    anything = Policy.model_validate(
        {
            "quality": {"heads_learned": 1, "auc_above_popularity": -1, "auc_below_logistic": 1},
            "calibration": {"largest_error": 1, "brier_skill": -10},
        }
    )
    promotion = promote(trained.bundle, workspace.bundles, anything)
    assert promotion.promoted, promotion.checks
    return Municipality(workspace, report, trained)
