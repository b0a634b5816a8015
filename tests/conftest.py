"""What every test can ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Also when pytest is started by hand, without make.
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

REPOSITORY = Path(__file__).resolve().parent.parent

# A busy machine is no reason for a property to fail.
settings.register_profile("voorzet", deadline=None)
settings.load_profile("voorzet")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets: VOORZET_REAL_DATA, or ../shared/data beside the repository."""
    named = os.environ.get("VOORZET_REAL_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not a folder; VOORZET_REAL_DATA can name one")
    return folder
