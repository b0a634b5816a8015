"""One small municipality, simulated once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.loading import load_pack
from features.pack import Pack
from features.sources.synthetic import simulate
from tests.features.sources.synthetic.municipality import Municipality

GEMEENTE = Path(__file__).parents[4] / "examples" / "gemeente"


@pytest.fixture(scope="session")
def gemeente_pack() -> Pack:
    """The example pack."""
    return load_pack(GEMEENTE)


@pytest.fixture(scope="session")
def municipality(gemeente_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    """6,000 citizens over four years."""
    folder = tmp_path_factory.mktemp("municipality")
    silos, truth = folder / "silos", folder / "truth"
    report = simulate(gemeente_pack, silos, truth, citizens=6000, years=4, seed=7)
    return Municipality(gemeente_pack, report, silos, truth)
