"""Under a purpose only what its sources told is there; the rest is unknown, as if missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.domain import EventType
from features.events import EVENTS
from features.facts import FACTS
from features.loading import load_pack
from features.records import known_records
from features.relations import RELATIONS

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack():
    return load_pack(Path("examples/gemeente"))


def test_what_another_purpose_may_use_is_not_there(pack):
    lawful = pack.sources_for("income-support")
    assert "tax" in lawful
    assert "creditors" not in lawful
    events = pl.DataFrame(
        {
            "event_id": ["a", "b"],
            "citizen": [1, 1],
            "type": ["arrears-reported", "moved"],
            "occurred_at": [AT, AT],
            "known_at": [AT, AT],
            "source": ["creditors", "register"],
            "order": [1, 2],
        },
        schema_overrides=EVENTS,
    )
    records = known_records(
        as_of=AT,
        citizens=pl.Series([1]),
        events=EVENTS.to_frame().select(
            *(
                events[name] if name in events.columns else pl.lit(None, kind).alias(name)
                for name, kind in EVENTS.items()
            )
        ),
        facts=FACTS.to_frame(),
        relations=RELATIONS.to_frame(),
        sources=frozenset({"register", "creditors"}),
    )
    told = records.told_by(lawful)
    assert told.events["type"].to_list() == ["moved"]
    assert told.sources == {"register"}
    assert isinstance(pack.domain.event_types["arrears-reported"], EventType)


def test_no_service_of_the_municipality_is_triggered_by_what_its_purpose_may_not_use(pack):
    late = [name for name, one in pack.services.items() if "late-payment" in one.triggers]
    assert late
    assert {pack.services[name].purpose for name in late} == {"debt-help"}
