"""When the standard process failed someone, read from records told in a line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.catalogue import Failing, Kind, Objective, Sign
from features.domain import EventType
from features.lake import Lake
from features.pack import Pack
from models.failing_process import Failings, failings, first_failing
from models.labels import Labels, labels, outcomes
from tests.features.friction.office import OFFICE
from tests.features.told import AS_OF, Row, at, event, tables

START = at("2025-01-01")


def _type(title: str, role: str) -> EventType:
    return EventType.model_validate({"title": {"en": title, "nl": title}, "role": role})


def office() -> Pack:
    """The office with an intervention for whom its process will fail."""
    types = {
        "objection": _type("Objection", "objection-filed"),
        "complaint": _type("Complaint", "complaint"),
        "withdrawn": _type("Withdrawn", "withdrawn"),
    }
    personal = OFFICE.services["allowance"].model_copy(
        update={
            "kind": Kind.INTERVENTION,
            "objective": Objective.FAILING_PROCESS,
            "failing": Failing(),
            "case_types": ("personal",),
            "horizon_days": 120,
            "criteria": (),
        }
    )
    domain = OFFICE.domain.model_copy(
        update={"event_types": {**OFFICE.domain.event_types, **types}}
    )
    return replace(OFFICE, domain=domain, services={**OFFICE.services, "personal": personal})


PACK = office()


def lake_of(folder: Path, *rows: Row) -> Lake:
    lake = Lake(str(folder / "lake"), buckets=2)
    lake.append("events", tables(*rows)[0])
    return lake


def found(folder: Path, *rows: Row) -> Failings:
    return failings(lake_of(folder, *rows), PACK, AS_OF)


def days(failing: Failings, *signs: Sign) -> dict[int, float]:
    """Days from the start of the year to the first sign of each citizen."""
    first = first_failing(failing, signs or tuple(Sign), START, timedelta(days=120))
    return {citizen: round(day) for citizen, day in first.iter_rows()}


def case(day: str, kind: str, *, citizen: int = 1, of: str = "allowance", **more: Any) -> Row:
    return event(kind, day, citizen=citizen, case_id=f"Z{citizen}", case_type=of, **more)


def test_a_case_is_overdue_on_the_day_it_passes_its_term(tmp_path):
    """The allowance has a term of forty days."""
    late = found(
        tmp_path,
        case("2025-01-10", "case-opened"),
        case("2025-03-20", "granted"),
        case("2025-01-10", "case-opened", citizen=2),
        case("2025-02-10", "granted", citizen=2),
        case("2025-04-01", "case-opened", citizen=3),
    )
    assert days(late, Sign.OVERDUE) == {1: 9 + 40}
    waiting = first_failing(late, (Sign.OVERDUE,), at("2025-04-01"), timedelta(days=60))
    assert waiting["citizen"].to_list() == [3]


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("objection", Sign.OBJECTION),
        ("complaint", Sign.COMPLAINT),
        ("withdrawn", Sign.DROP_OUT),
    ],
)
def test_what_is_recorded_counts_from_its_day_and_only_when_asked_for(tmp_path, kind, sign):
    failing = found(tmp_path, case("2025-02-01", kind))
    assert days(failing, sign) == {1: 31}
    assert days(failing, *(other for other in Sign if other is not sign)) == {}


def test_contact_again_counts_only_when_the_first_led_nowhere(tmp_path):
    def call(day: str, citizen: int) -> Row:
        return event("contact", day, citizen=citizen, case_type="allowance", source="contact")

    failing = found(
        tmp_path,
        call("2025-02-01", 1),
        call("2025-02-11", 1),
        call("2025-02-01", 2),
        case("2025-02-05", "case-step", citizen=2),
        call("2025-02-11", 2),
        call("2025-02-01", 3),
        call("2025-04-11", 3),
    )
    assert days(failing, Sign.REPEAT_CONTACT) == {1: 41}


def personal(folder: Path, *rows: Row) -> Labels:
    lake = lake_of(folder, *rows)
    people = pl.Series("citizen", [1, 2, 3], dtype=pl.Int64)
    return labels(outcomes(lake, PACK, AS_OF), PACK, "personal", START, people)


def test_the_intervention_ends_what_can_be_seen_of_the_standard_process(tmp_path):
    """One fails; of another the personal approach began first; a third fails before it begins."""
    seen = personal(
        tmp_path,
        case("2025-03-01", "complaint"),
        event("granted", "2025-02-01", citizen=2, case_id="P2", case_type="personal"),
        case("2025-03-01", "complaint", citizen=2),
        case("2025-02-01", "complaint", citizen=3),
        event("granted", "2025-03-01", citizen=3, case_id="P3", case_type="personal"),
    )
    assert seen.taken.tolist() == [1, 0, 1]
    assert seen.weight[1] == 0.0
    assert (seen.weight[[0, 2]] >= 1.0).all()


def test_silence_is_not_health(tmp_path):
    """Of one the source names no cases: that nothing shows says nothing. The next has a complaint
    all the same; of the third everything is told."""
    seen = personal(
        tmp_path,
        *(event("case-step", f"2025-02-0{day}", citizen=1) for day in range(1, 5)),
        *(event("case-step", f"2025-02-0{day}", citizen=2) for day in range(1, 5)),
        case("2025-03-01", "complaint", citizen=2),
        case("2025-02-01", "case-opened", citizen=3),
        case("2025-02-10", "granted", citizen=3),
    )
    assert seen.taken.tolist() == [0, 1, 0]
    assert (seen.weight > 0).tolist() == [False, True, True]


def test_it_says_how_completely_each_source_tells_it(tmp_path):
    failing = found(
        tmp_path,
        case("2025-02-01", "case-step"),
        event("case-step", "2025-02-02"),
        case("2025-02-01", "complaint"),
    )
    report = failing.report(tuple(Sign), PACK)
    assert report["overdue"]["sources"]["cases"] == {"records": 2, "told": 0.5}
    assert report["complaint"]["seen"] == 1
    assert report["drop-out"] == {"seen": 0, "sources": {}, "could_be_told_by": []}
