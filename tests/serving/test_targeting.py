"""By what a pool is ordered: earlier draws are read honestly, and uplift only where it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from features.domain import EventType
from features.events import EVENTS
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary
from models.matrix import Columns
from models.uplift.households import households
from serving.campaigns.targeting import AtRandom, ByNeed, ByUplift, targeting
from serving.campaigns.trials import Trials, trials
from serving.database import Database
from tests.models.town import NOW, START, town_lake, town_pack

DRAW = START + timedelta(days=500)
CHANNELS = ("control", "letter")


@pytest.fixture(scope="module")
def pack() -> Pack:
    found = town_pack()
    types = found.domain.event_types | {
        "drawn": EventType(title={"en": "Drawn"}, role="drawn", signals=False)
    }
    object.__setattr__(found, "domain", found.domain.model_copy(update={"event_types": types}))
    return found


@pytest.fixture(scope="module")
def lake(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A campaign for *rare*: letters work for who rents, and for nobody else."""
    made = town_lake(tmp_path_factory.mktemp("drawn"), citizens=1_200)
    facts = made.scan("facts").filter(pl.col("name") == "tenure").collect().sort("citizen")
    random = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for citizen, tenure in facts.select("citizen", "value").iter_rows():
        arm = CHANNELS[int(random.random() < 0.5)]
        rows.append(_event(citizen, "drawn", DRAW, f'{{"campaign":"first","arm":"{arm}"}}'))
        if arm == "letter":
            rows.append(_event(citizen, "letter", DRAW, None))
        if random.random() < (0.5 if arm == "letter" and tenure == "rent" else 0.1):
            rows.append(_event(citizen, "granted", DRAW + timedelta(days=30), None))
    made.append("events", pl.DataFrame(rows, schema=dict(EVENTS)))
    return made


def _event(citizen: int, kind: str, at: datetime, attributes: str | None) -> dict[str, Any]:
    told = {
        "event_id": f"{kind}-{citizen}",
        "citizen": citizen,
        "type": kind,
        "occurred_at": at,
        "known_at": at,
        "source": "hall",
        "case_type": "rare",
        "attributes": attributes,
        "order": 0,
    }
    return dict.fromkeys(EVENTS) | told


@pytest.fixture(scope="module")
def found(lake: Lake, pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Trials:
    return _trials(lake, pack, tmp_path_factory.mktemp("db"), NOW)


def _trials(lake: Lake, pack: Pack, folder: Path, now: datetime) -> Trials:
    database = Database(f"sqlite:///{folder / 'v.db'}")
    database.migrate()
    columns = Columns.of(dictionary(pack))
    result = trials(lake, pack, database, "rare", columns, now)
    database.close()
    return result


def test_everybody_counts_in_the_arm_they_were_drawn_into(found: Trials, lake: Lake) -> None:
    assert found.campaigns == 1
    assert found.experiment is not None
    assert found.experiment.arms == ("letter",)
    drawn = lake.scan("events").filter(pl.col("type") == "drawn").collect()
    assert len(found.experiment.arm) == drawn.height
    trial = found.experiment.trial("letter")
    assert trial.outcome[trial.treated].mean() > trial.outcome[~trial.treated].mean() + 0.1


def test_the_letter_itself_is_no_signal(found: Trials) -> None:
    """Signals are of the moment before: none of them tells who got a letter of the draw."""
    assert found.experiment is not None
    trial = found.experiment.trial("letter")
    told = np.nan_to_num(trial.matrix, nan=-1.0)
    between = told[trial.treated].mean(axis=0) - told[~trial.treated].mean(axis=0)
    spread = told.std(axis=0) / np.sqrt(len(trial) / 4)
    assert np.all(np.abs(between) <= 5 * spread + 1e-9)


def test_a_shown_signal_orders_the_pool(found: Trials) -> None:
    chosen = targeting("uplift", found, "letter", otherwise="need", seed=1, cost=2.0)
    assert (chosen.by, chosen.why) == ("uplift", "signal")
    assert isinstance(chosen.order, ByUplift)
    assert chosen.pursued.used == "uplift"
    assert "moves some people more" in chosen.sentence("en")
    assert "Kijk wie dat mist" in chosen.sentence("nl")
    expected = chosen.expected(100, "en")
    assert expected is not None
    assert "€ 200" in expected
    assert "for each person more" in expected


def test_a_channel_that_nobody_was_drawn_for_is_not_targeted(found: Trials) -> None:
    chosen = targeting("uplift", found, "home-visit", otherwise="random", seed=1, cost=None)
    assert (chosen.by, chosen.why) == ("random", "no-campaigns")
    assert isinstance(chosen.order, AtRandom)
    assert chosen.expected(100, "en") is None
    assert chosen.pursued.used == "unmet-need"
    assert chosen.pursued.why == chosen.sentence("en")


def test_a_campaign_that_is_not_over_tells_nothing_yet(
    lake: Lake, pack: Pack, tmp_path: Path
) -> None:
    early = _trials(lake, pack, tmp_path, DRAW + timedelta(days=60))
    assert early.experiment is None
    chosen = targeting("uplift", early, "letter", otherwise="need", seed=1, cost=None)
    assert (chosen.by, chosen.why) == ("need", "no-campaigns")


def test_without_a_signal_it_says_so_and_orders_by_need(found: Trials) -> None:
    assert found.experiment is not None
    shuffled = np.random.default_rng(1).permutation(found.experiment.outcome)
    blank = type(found.experiment)(
        **{
            name: shuffled if name == "outcome" else getattr(found.experiment, name)
            for name in found.experiment.__dataclass_fields__
        }
    )
    nothing = Trials(1, found.columns, blank)
    chosen = targeting("uplift", nothing, "letter", otherwise="need", seed=1, cost=None)
    assert (chosen.by, chosen.why) == ("need", "no-signal")
    assert isinstance(chosen.order, ByNeed)
    assert "would likely have been" in chosen.sentence("en")
    told = chosen.as_dict()["finding"]
    assert 0 < told["detectable_between_halves"] < 1


def test_need_is_by_need_and_nothing_is_looked_up() -> None:
    chosen = targeting("need", None, "letter", otherwise="random", seed=1, cost=None)
    assert (chosen.by, chosen.why) == ("need", "asked")
    assert chosen.sentence("nl").startswith("Wie de voorziening")


def test_a_household_is_all_who_are_tied_also_by_way_of_others() -> None:
    ties = pl.DataFrame(
        {"citizen": [1, 2, 7, 8], "relative": [2, 5, 8, None]},
        schema={"citizen": pl.Int64, "relative": pl.Int64},
    )
    home = households(pl.Series([1, 5, 7, 8, 9]), ties)
    assert home[0] == home[1]
    assert home[2] == home[3]
    assert len(set(home)) == 3
