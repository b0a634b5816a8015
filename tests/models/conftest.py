"""The small town as a learner sees it, gathered once for all tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from models.examples import Examples, gather
from models.labels import Outcomes, outcomes
from models.training import plan, span
from tests.models.town import NOW, town_lake, town_pack

CITIZENS = 400


@dataclass(frozen=True)
class Gathered:
    """What became of everybody, and the examples of it."""

    outcomes: Outcomes
    examples: Examples


@pytest.fixture(scope="session")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """Two months before the end, with fewer dates than so few people would get."""
    pack = town_pack()
    lake = town_lake(tmp_path_factory.mktemp("gathered") / "lake", citizens=CITIZENS)
    first, last = span(lake, NOW - timedelta(days=60))
    found = outcomes(lake, pack, last)
    split = plan(pack, found, first, citizens=8_000)
    return Gathered(found, gather(lake, pack, split, found, seed=1))
