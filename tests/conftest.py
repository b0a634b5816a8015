"""What every test can ask for."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from features.lake import Lake
from features.pack import Pack
from models.bundle import Bundle
from serving.workspace import Workspace
from tests.lots import Dividing
from tests.serving.process import voorzet

# Also when pytest is started by hand, without make.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

REPOSITORY = Path(__file__).resolve().parent.parent

# A busy machine is no reason for a property to fail.
settings.register_profile("voorzet", deadline=None)
settings.load_profile("voorzet")


def pytest_configure(config: pytest.Config) -> None:
    """With ``-n``, in the process that divides and in those that test."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        config.pluginmanager.register(Dividing(), "voorzet-lots")


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
    """What ``voorzet demo`` made: simulated, ingested, trained, promoted, scored, monitored.

    Tests may write in its database and put things beside its lake; they leave lake, bundles and
    silos as they are.
    """

    workspace: Workspace
    told: dict[str, Any]
    """The JSON that the demonstration ended with."""
    screen: str
    """Everything that it said."""

    @property
    def pack(self) -> Pack:
        """Its domain pack."""
        return self.workspace.load_pack()

    @property
    def lake(self) -> Lake:
        """Its lake."""
        return self.workspace.open_lake()

    @property
    def bundle(self) -> Bundle:
        """Its champion."""
        return Bundle.load(self.workspace.champion)

    @property
    def truth(self) -> Path:
        """What only tests may read."""
        return self.workspace.folder / "truth"


@pytest.fixture(scope="session")
def municipality(tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    """A demonstration of 1,500 citizens for the whole session, in a folder with a space."""
    folder = tmp_path_factory.mktemp("municipality") / "a workspace"
    size = ("--citizens", "1500", "--seed", "7")
    ran = voorzet("demo", "--no-serve", "--folder", str(folder), *size, "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    return Municipality(Workspace.open(folder), told, ran.stdout + ran.stderr)
