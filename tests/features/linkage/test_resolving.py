"""Whose records count as whose: by purpose, at a date, for one citizen as for the population."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.domain import Domain
from features.events import EVENTS
from features.facts import FACTS
from features.lake import Lake
from features.linkage.resolving import counting
from features.linkage.undoing import unlink
from features.matches import MATCHES
from features.pack import Pack
from features.records import Records
from features.relations import RELATIONS
from features.snapshot import bucket_records, population, read
from features.timeline import read_records, timeline
from tests.features.silos import DOMAIN

AT = datetime(2026, 6, 1, tzinfo=UTC)
LATER = AT + timedelta(days=30)
THRESHOLDS = {"loose": 0.6, "usual": 0.9, "strict": 0.99, "never": None}


def pack_of_purposes() -> Pack:
    domain: dict[str, Any] = copy.deepcopy(DOMAIN)
    named = {"title": {"en": "A purpose"}, "legal_basis": "an act"}
    domain["purposes"] = {
        name: named | ({} if least is None else {"link_probability": least})
        for name, least in THRESHOLDS.items()
    }
    for source in domain["sources"].values():
        source["purposes"] = list(THRESHOLDS)
    return Pack(folder=Path(), domain=Domain.model_validate(domain), services={}, mappings={})


PACK = pack_of_purposes()


def rows(schema: pl.Schema, *told: dict[str, Any]) -> pl.DataFrame:
    made = [
        dict.fromkeys(schema)
        | {"known_at": AT, "source": "cases", "order": place}
        | {schema.names()[0]: f"r{place}"}  # its id; of a match it is replaced
        | row
        for place, row in enumerate(told)
    ]
    return pl.DataFrame(made, schema=schema)


def match(alias: int, citizen: int, probability: float, known_at: datetime = AT) -> dict[str, Any]:
    return {
        "alias": alias,
        "citizen": citizen,
        "probability": probability,
        "known_at": known_at,
        "contributions": "{}",
    }


def lake_of(folder: str, people: list[int], matches: list[dict[str, Any]]) -> Lake:
    """Each person has an event, a fact and a partner who is the next one."""
    lake = Lake(folder, buckets=3)
    following = [*people[1:], people[0]]
    happened = [
        {"citizen": one, "type": "moved", "occurred_at": AT, "case_id": f"r{place}"}
        for place, one in enumerate(people)
    ]
    lake.append("events", rows(EVENTS, *happened))
    held = [
        {"citizen": one, "name": "income", "value": "1", "number": 1.0, "valid_from": AT}
        for one in people
    ]
    lake.append("facts", rows(FACTS, *held))
    partners = [
        {"citizen": one, "kind": "partner", "relative": other, "valid_from": AT}
        for one, other in zip(people, following, strict=True)
    ]
    lake.append("relations", rows(RELATIONS, *partners))
    if matches:
        lake.append("matches", rows(MATCHES, *matches))
    return lake


def told(records: Records) -> dict[int, list[str]]:
    """The events of each citizen."""
    found = records.events.group_by("citizen").agg(pl.col("case_id").sort())
    return dict(found.rows())


def everybody(lake: Lake, as_of: datetime, purpose: str | None) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for bucket in range(lake.buckets):
        found |= told(bucket_records(lake, PACK, as_of, bucket, purpose=purpose))
    return found


def test_a_match_counts_for_the_purposes_that_it_is_sure_enough_for(tmp_path: Path) -> None:
    lake = lake_of(str(tmp_path), [1, 100], [match(1, 100, 0.95)])
    apart, together = {1: ["r0"], 100: ["r1"]}, {100: ["r0", "r1"]}
    for purpose, seen in {
        "loose": together,
        "usual": together,
        "strict": apart,
        "never": apart,
        None: apart,
    }.items():
        assert everybody(lake, LATER, purpose) == seen, purpose


def test_before_it_was_known_a_match_is_not_there(tmp_path: Path) -> None:
    lake = lake_of(str(tmp_path), [1, 100], [match(1, 100, 0.95, LATER)])
    assert everybody(lake, LATER - timedelta(seconds=1), "loose") == {1: ["r0"], 100: ["r1"]}
    assert everybody(lake, LATER, "loose") == {100: ["r0", "r1"]}


def test_the_last_word_on_a_pair_counts_and_the_past_stands(tmp_path: Path) -> None:
    versions = [match(1, 100, 0.95), match(1, 100, 0.0, LATER)]
    lake = lake_of(str(tmp_path), [1, 100], versions)
    assert everybody(lake, AT, "loose") == {100: ["r0", "r1"]}
    assert everybody(lake, LATER, "loose") == {1: ["r0"], 100: ["r1"]}


def test_a_relative_who_is_an_alias_is_the_citizen(tmp_path: Path) -> None:
    lake = lake_of(str(tmp_path), [1, 100, 101], [match(1, 100, 0.95)])
    relations = read_records(lake, PACK, LATER, [101], purpose="usual").relations
    assert relations.select("relative", "relative_alias").rows() == [(100, 1)]
    relations = read_records(lake, PACK, LATER, [101]).relations
    assert relations.select("relative", "relative_alias").rows() == [(1, None)]


def test_the_timeline_of_a_purpose_shows_what_counts_for_it(tmp_path: Path) -> None:
    lake = lake_of(str(tmp_path), [1, 100], [match(1, 100, 0.95)])
    seen = timeline(lake, PACK, 100, LATER, purpose="usual")
    assert seen.filter(pl.col("kind") == "event").height == 2
    assert timeline(lake, PACK, 100, LATER).filter(pl.col("kind") == "event").height == 1


def test_undoing_it_undoes_it_for_every_date_and_purpose(tmp_path: Path) -> None:
    lake = lake_of(str(tmp_path), [1, 100], [match(1, 100, 0.95)])
    assert everybody(lake, LATER, "loose") == {100: ["r0", "r1"]}
    unlink(lake, 1, 100, source="desk", now=LATER)
    for as_of in (AT, LATER):
        for purpose in THRESHOLDS:
            assert everybody(lake, as_of, purpose) == {1: ["r0"], 100: ["r1"]}


ALIASES, CITIZENS = [-2, 1, 4, 9], [100, 101, -105]
CHANCES = st.lists(st.floats(0, 1), min_size=len(CITIZENS), max_size=len(CITIZENS))


def shared(alias: int, chances: list[float], known_at: datetime) -> list[dict[str, Any]]:
    """Candidates whose probabilities add up to no more than one."""
    total = max(1.0, sum(chances))
    return [
        match(alias, citizen, chance / total, known_at)
        for citizen, chance in zip(CITIZENS, chances, strict=True)
    ]


@settings(max_examples=6, deadline=None)
@given(st.tuples(*(CHANCES for _ in ALIASES)), st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_stricter_purpose_never_sees_more_and_both_readers_see_the_same(
    chances: tuple[list[float], ...], late: list[bool]
) -> None:
    matches = [
        one
        for alias, share, later in zip(ALIASES, chances, late, strict=True)
        for one in shared(alias, share, LATER if later else AT)
    ]
    people = [*ALIASES, *CITIZENS]
    with TemporaryDirectory() as folder:
        lake = lake_of(folder, people, matches)
        for as_of in (AT, LATER):
            moved: dict[str, set[int]] = {}
            for purpose in (*THRESHOLDS, None):
                counted = counting(lake, PACK, as_of, purpose)
                assert counted["alias"].is_unique().all()
                moved[str(purpose)] = set(counted["alias"])
                all_of_them = everybody(lake, as_of, purpose)
                events = sorted(event for one in all_of_them.values() for event in one)
                assert events == [f"r{place}" for place in range(len(people))]
                for one in people:
                    alone = read_records(lake, PACK, as_of, [one], purpose=purpose)
                    assert told(alone).get(one) == all_of_them.get(one)
            assert moved["loose"] >= moved["usual"] >= moved["strict"] >= moved["never"] == set()
            assert moved["None"] == set()


@pytest.mark.parametrize("purpose", ["loose", "strict", None])
def test_signals_are_the_same_for_one_as_for_the_population(
    tmp_path: Path, purpose: str | None
) -> None:
    lake = lake_of(str(tmp_path), [1, 2, 100, 101], [match(1, 100, 0.95), match(2, 101, 0.999)])
    for snapshot in population(lake, PACK, LATER, purpose=purpose):
        citizens = snapshot.records.citizens.to_list()
        if not citizens:
            continue
        alone = read(lake, PACK, LATER, citizens, purpose=purpose)
        assert alone.signals.equals(snapshot.signals)
        assert alone.facts.equals(snapshot.facts)
