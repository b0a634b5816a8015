"""The dictionary of signals of each pack that comes with the product."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from features.events import EVENTS
from features.facts import FACTS
from features.loading import load_pack
from features.pack import Pack
from features.records import known_records
from features.relations import RELATIONS
from features.snapshot import dictionary, signals
from tests.features.told import AS_OF

EXAMPLES = sorted(Path(__file__).parents[3].glob("examples/*/domain.yaml"))


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.parent.name)
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(request.param.parent)


def test_every_signal_has_a_name_of_its_own_and_a_meaning(pack: Pack) -> None:
    declared = dictionary(pack)
    assert len({signal.name for signal in declared}) == len(declared) > 0
    for signal in declared:
        assert set(signal.meaning) == set(pack.languages)
        assert signal.sources <= pack.domain.sources.keys()
        assert signal.concept in pack.domain.concepts or signal.concept == "other", signal.name


def test_nothing_that_a_head_may_not_see_is_a_signal(pack: Pack) -> None:
    names = {signal.name for signal in dictionary(pack)}
    for name, fact in pack.domain.facts.items():
        if fact.sensitivity != "free" or not fact.signal:
            assert not {f"fact_{name}", f"fact_{name}_held_days", f"value_change_{name}"} & names
    for name, life_event in pack.life_events.items():
        if not life_event.signal:
            assert f"life_event_days_since_{name.replace('-', '_')}" not in names


def test_what_is_computed_is_what_is_declared(pack: Pack) -> None:
    records = known_records(
        as_of=AS_OF,
        citizens=pl.Series([1, 2]),
        events=EVENTS.to_frame(),
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=frozenset(),
    )
    found = signals(records, pack)
    assert found.columns == ["citizen", *(signal.name for signal in dictionary(pack))]
    assert found.height == 2
