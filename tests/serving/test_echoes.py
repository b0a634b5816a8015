"""What an event and its life event both say is one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from serving.echoes import without_echoes
from tests.features.told import PACK

AT, LATER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def row(kind: str, name: str, **more: Any) -> dict[str, Any]:
    plain = {"kind": kind, "type": name, "title": name, "occurred_at": AT, "source": "register"}
    return plain | {"channel": None, "case_id": None, "case_type": None, "value": None} | more


def told(*rows: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["type"]) for one in without_echoes(rows, PACK)]


def test_an_event_is_told_as_the_life_event_that_it_makes():
    moved = row("event", "moved", channel="desk", case_id="Z1", case_type="question", value="3")
    (line,) = without_echoes([moved, row("life-event", "moving", title="Moving")], PACK)
    assert (line["kind"], line["type"], line["title"]) == ("life-event", "moving", "Moving")
    assert (line["channel"], line["case_id"], line["value"]) == ("desk", "Z1", "3")
    assert (line["case_type"], line["event"]) == ("question", "moved")


def test_two_events_of_one_moment_are_two_lines_of_that_life_event():
    moved = row("event", "moved")
    assert told(moved, row("life-event", "moving"), moved) == [("life-event", "moving")] * 2


def test_another_day_or_source_is_another_line():
    other = row("life-event", "moving", occurred_at=LATER)
    assert told(row("event", "moved"), other) == [("event", "moved"), ("life-event", "moving")]
    other = row("life-event", "moving", source="tax")
    assert len(told(row("event", "moved"), other)) == 2


def test_a_life_event_that_no_event_made_stays():
    fact = row("fact", "carer", value="true")
    assert told(fact, row("life-event", "caring")) == [("fact", "carer"), ("life-event", "caring")]
