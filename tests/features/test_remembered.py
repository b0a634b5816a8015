"""What was worked out for records is kept with them, and goes when they go."""

from __future__ import annotations

import gc
import weakref

import pytest

from features.pack import Pack
from features.past_events import EventTable, event_table, past_events
from features.records import Records
from features.remembered import kept_with_records
from tests.features.told import PACK, event, known


def test_an_answer_is_worked_out_once_for_the_same_records_and_pack() -> None:
    asked: list[Records] = []

    @kept_with_records
    def count(records: Records, pack: Pack) -> int:
        asked.append(records)
        return records.events.height

    here, there = known(event("moved", "2025-01-01")), known()
    assert [count(here, PACK), count(here, PACK), count(there, PACK)] == [1, 1, 0]
    assert asked == [here, there]
    with pytest.raises(TypeError, match="by position"):
        count(here, pack=PACK)


def test_records_of_fewer_sources_have_answers_of_their_own() -> None:
    every = known(event("moved", "2025-01-01"))
    assert len(past_events(every, PACK, ["moved"])) == 1
    assert len(past_events(every.told_by(frozenset({"tax"})), PACK, ["moved"])) == 0


def test_nothing_outlives_the_records() -> None:
    gc.disable()  # no circle keeps them until somebody looks for circles
    try:
        records = known(event("moved", "2025-01-01"), event("moved", "2025-02-01"))
        past_events(records, PACK, PACK.domain.event_types)
        table: weakref.ref[EventTable] = weakref.ref(event_table(records, PACK))
        assert table() is not None
        del records
        assert table() is None
    finally:
        gc.enable()
