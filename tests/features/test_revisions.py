"""Corrections and withdrawals: what a source took back is no longer true, but only from then on."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.domain import Sensitivity
from features.ingest import IngestReport, ingest
from features.lake import Lake
from features.revisions import REVISIONS, citizens_revisions, everyone_standing, standing
from features.snapshot import bucket_records
from features.sources import delimited
from features.timeline import protected_facts, read_records
from tests.features.silos import NOTICES, NOW, PSEUDONYMS, contents, town, write

HEADER = "kind,id,client,said,state,day,value\n"
CLIENTS = {name: PSEUDONYMS.one("client", name) for name in ("Ann", "Bob")}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=2)


def deliver(lake: Lake, folder: Path, name: str, *lines: str, **mapping: Any) -> IngestReport:
    path = write(folder / name / "notices/n.csv", HEADER + "".join(f"{line}\n" for line in lines))
    return ingest(town(**mapping), lake, PSEUDONYMS, path.parents[1], now=NOW)


def at(day: str) -> datetime:
    """Noon of a day of January 2024, when all that was said on the day is known."""
    return datetime.fromisoformat(f"2024-01-{day}T12:00:00+00:00")


def values(lake: Lake, client: str, day: str) -> list[float]:
    records = read_records(lake, town(), at(day), [CLIENTS[client]])
    return records.events["value"].to_list()


FIRST = "event,1,Ann,2024-01-05,,2024-01-01,10"


def test_a_correction_holds_from_when_it_was_known(lake: Lake, tmp_path: Path) -> None:
    deliver(lake, tmp_path, "a", FIRST, "event,1,Ann,2024-01-09,,2024-01-01,20")
    assert [values(lake, "Ann", day) for day in ("04", "05", "08", "09")] == [[], [10], [10], [20]]


def test_a_withdrawal_takes_a_record_back_from_when_it_was_known(
    lake: Lake, tmp_path: Path
) -> None:
    deliver(lake, tmp_path, "a", FIRST)
    deliver(lake, tmp_path, "b", "event,1,Ann,2024-01-09,gone,,")
    assert [values(lake, "Ann", day) for day in ("05", "08", "09")] == [[10], [10], []]
    assert lake.scan("quarantine").collect().is_empty()


def test_a_withdrawal_on_the_day_itself_takes_it_back(lake: Lake, tmp_path: Path) -> None:
    deliver(lake, tmp_path, "a", FIRST, "event,1,Ann,2024-01-05,gone,,")
    assert [values(lake, "Ann", day) for day in ("05", "09")] == [[], []]


def test_a_correction_that_moves_a_record_leaves_nothing_with_the_first(
    lake: Lake, tmp_path: Path
) -> None:
    deliver(lake, tmp_path, "a", FIRST)
    deliver(lake, tmp_path, "b", "event,1,Bob,2024-01-09,,2024-01-01,10")
    assert (values(lake, "Ann", "08"), values(lake, "Bob", "08")) == ([10], [])
    assert (values(lake, "Ann", "09"), values(lake, "Bob", "09")) == ([], [10])


def test_a_withdrawal_may_come_before_its_record_and_name_another_citizen(
    lake: Lake, tmp_path: Path
) -> None:
    deliver(lake, tmp_path, "a", "event,1,Bob,2024-01-09,gone,,")
    deliver(lake, tmp_path, "b", FIRST)
    assert (values(lake, "Ann", "08"), values(lake, "Ann", "09")) == ([10], [])


def test_another_content_at_the_same_moment_is_still_a_conflict(lake: Lake, tmp_path: Path) -> None:
    report = deliver(lake, tmp_path, "a", FIRST, FIRST.replace(",10", ",11"))
    assert report.quarantined["notices"] == {"conflicting-duplicate": 1}
    assert values(lake, "Ann", "05") == [10]


def test_a_withdrawal_without_an_id_or_a_moment_is_told(lake: Lake, tmp_path: Path) -> None:
    lines = (
        "event,,Ann,2024-01-09,gone,,",
        "event,1,Ann,,gone,,",
        "known-by,,Ann,2024-01-09,gone,,",
    )
    report = deliver(lake, tmp_path, "a", *lines)
    assert report.quarantined["notices"] == {"unknown-value": 1, "bad-date": 2}
    assert lake.rows("revisions") == 0


def test_a_delivery_again_adds_nothing(lake: Lake, tmp_path: Path) -> None:
    lines = (FIRST, "event,1,Bob,2024-01-09,,2024-01-02,20", "event,1,Bob,2024-01-10,gone,,")
    deliver(lake, tmp_path, "a", *lines)
    before = contents(lake, "events", "revisions", "quarantine")
    deliver(lake, tmp_path, "b", *reversed(lines))
    assert contents(lake, "events", "revisions", "quarantine") == before


def test_without_a_word_of_it_nothing_is_revised(lake: Lake, tmp_path: Path) -> None:
    file = NOTICES["files"][0]
    event = {k: v for k, v in file["events"][0].items() if k not in ("revisable", "withdrawn_when")}
    mapping = {**NOTICES, "files": [{**file, "events": [event]}]}
    report = deliver(
        lake, tmp_path, "a", FIRST, "event,1,Ann,2024-01-09,,2024-01-01,20", notices=mapping
    )
    assert report.quarantined["notices"] == {"conflicting-duplicate": 1}
    assert not lake.exists("revisions")
    assert citizens_revisions(lake, list(CLIENTS.values())) is None


def test_a_fact_from_before_its_mapping_said_so_can_be_withdrawn(
    lake: Lake, tmp_path: Path
) -> None:
    file = NOTICES["files"][0]
    fact = {k: v for k, v in file["facts"][1].items() if k not in ("revisable", "withdrawn_when")}
    mapping = {**NOTICES, "files": [{**file, "facts": [fact]}]}
    line = "known-by,,Ann,2024-01-05,,2024-01-01,10"
    deliver(lake, tmp_path, "a", line, notices=mapping)
    deliver(lake, tmp_path, "b", "known-by,,Ann,2024-01-09,gone,2024-01-01,")
    incomes = [
        read_records(lake, town(), at(day), [CLIENTS["Ann"]]).facts["number"].to_list()
        for day in ("08", "09")
    ]
    assert incomes == [[10.0], []]


def test_a_link_takes_revisions_along(lake: Lake, tmp_path: Path) -> None:
    deliver(lake, tmp_path, "a", FIRST, "event,1,Ann,2024-01-09,gone,,")
    write(tmp_path / "c/cases/clients.csv", "client,bsn\nAnn,123456782\n")
    ingest(town(), lake, PSEUDONYMS, tmp_path / "c", now=NOW)
    citizen = PSEUDONYMS.one("bsn", "123456782")
    for day, told in (("08", [10.0]), ("09", [])):
        records = read_records(lake, town(), at(day), [citizen])
        assert records.events["value"].to_list() == told
    deliver(lake, tmp_path, "b", FIRST, "event,1,Ann,2024-01-09,gone,,")
    assert lake.rows("revisions") == 1


def test_standing_tells_the_tables_and_sources_apart() -> None:
    moment = at("05")
    revision: dict[str, Any] = dict.fromkeys(REVISIONS.names())
    revision |= {"table": "events", "record_id": "1", "source": "tax", "citizen": 1}
    revision |= {"known_at": moment, "withdrawn": True}
    revisions = pl.DataFrame([revision], schema=REVISIONS)
    events = pl.DataFrame(
        {"event_id": ["1", "1"], "source": ["tax", "permits"], "known_at": [moment] * 2}
    )
    assert standing(events, revisions, "events", moment)["source"].to_list() == ["permits"]
    assert standing(events, revisions, "events", moment - timedelta(days=1)).height == 2
    facts = events.rename({"event_id": "fact_id"})
    assert standing(facts, revisions, "facts", moment).equals(facts)


@dataclass(frozen=True)
class Said:
    """One line of a delivery."""

    kind: str
    key: int
    client: str
    known: int
    withdrawn: bool
    day: int
    value: int

    @property
    def id(self) -> str:
        return "" if self.kind == "known-by" else f"r{self.key}"

    @property
    def begin(self) -> date:
        """A day in a month of its own key, so that no two keys are of one period."""
        month = self.key if self.kind != "known-by" else 10 + self.key
        return date(2023, month, 1 if self.kind == "known-by" else self.day)

    @property
    def record(self) -> tuple[Any, ...]:
        """What the record is known by."""
        whom = self.client if self.kind == "known-by" else ""
        return (self.kind, self.key, whom)

    def line(self) -> str:
        by_id = self.withdrawn and self.kind != "known-by"
        said = "" if by_id else f"{self.begin}"
        state, value = ("gone", "") if self.withdrawn else ("", f"{self.value}")
        known = f"2024-01-{self.known:02d}"
        return f"{self.kind},{self.id},{self.client},{known},{state},{said},{value}"


KINDS = ("event", "fact", "known-by", "protected", "relation")
SAID = st.builds(
    Said,
    kind=st.sampled_from(KINDS),
    key=st.integers(1, 2),
    client=st.sampled_from(sorted(CLIENTS)),
    known=st.integers(1, 5),
    withdrawn=st.booleans(),
    day=st.integers(1, 2),
    value=st.integers(1, 2),
)


def reference(said: list[Said], as_of: int) -> list[tuple[Any, ...]]:
    """What is true: of each record the last thing said, and of one moment the first version."""
    true = []
    for record in {one.record for one in said}:
        known = [one for one in said if one.record == record and one.known <= as_of]
        last = [one for one in known if one.known == max(known, key=lambda o: o.known).known]
        if last and not any(one.withdrawn for one in last):
            one = last[0]
            true.append((one.kind, CLIENTS[one.client], one.begin, one.value, one.known))
    return sorted(true)


RELATIVES = {PSEUDONYMS.one("client", str(value)): value for value in (1, 2)}
ORIGINS = {"here": 1, "elsewhere": 2}


RELATIVES = {PSEUDONYMS.one("client", str(value)): value for value in (1, 2)}
WATCHED = town()
WATCHED = replace(
    WATCHED,
    domain=WATCHED.domain.model_copy(
        update={
            "facts": {
                **WATCHED.domain.facts,
                "origin": WATCHED.domain.facts["origin"].model_copy(
                    update={"sensitivity": Sensitivity.CRITERION_ONLY}
                ),
            }
        }
    ),
)
"""The town, where a rule may ask for the origin."""


def told_on(moment: datetime) -> date:
    """The local day, in winter and summer alike, of a moment at local midnight."""
    return (moment + timedelta(hours=2)).date()


def known(lake: Lake, as_of: int) -> list[tuple[Any, ...]]:
    """The records that the lake gives, written as the reference writes them."""
    moment, citizens = at(f"{as_of:02d}"), sorted(CLIENTS.values())
    records = read_records(lake, town(), moment, citizens)
    protected = protected_facts(lake, WATCHED, citizens, moment)
    kinds = [
        ("event", records.events, "occurred_at", {1.0: 1, 2.0: 2}, "value"),
        ("fact", records.facts, "valid_from", {1.0: 1, 2.0: 2}, "number"),
        ("protected", protected, "valid_from", {"here": 1, "elsewhere": 2}, "value"),
        ("relation", records.relations, "valid_from", RELATIVES, "relative"),
    ]
    found = []
    for kind, frame, begins, codes, column in kinds:
        for row in frame.iter_rows(named=True):
            begin = told_on(row[begins])
            named = "known-by" if kind == "fact" and begin.month > 10 else kind
            code = codes[row[column]]  # type: ignore[index]
            found.append((named, row["citizen"], begin, code, told_on(row["known_at"]).day))
    return sorted(found)


def as_one_by_one(lake: Lake, as_of: int) -> None:
    """A bucket of the population sees what its citizens see one by one."""
    for bucket in range(lake.buckets):
        together = bucket_records(lake, town(), at(f"{as_of:02d}"), bucket)
        apart = read_records(lake, town(), together.as_of, together.citizens.to_list() or [0])
        assert together.events.equals(apart.events)
        assert together.facts.equals(apart.facts)
        assert together.relations.equals(apart.relations)
        everyone = everyone_standing(lake, "events", together.as_of).collect()
        mine = everyone.filter(pl.col("citizen").is_in(together.citizens.implode()))
        assert (
            mine.select(together.events.columns)
            .sort(pl.all())
            .equals(together.events.sort(pl.all()))
        )


@pytest.mark.slow("lands many deliveries")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SAID, min_size=1, max_size=10), st.data())
def test_whatever_the_order_and_the_pieces_the_truth_is_the_same(
    tmp_path: Path, said: list[Said], data: st.DataObject
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    lake = Lake(str(folder / "lake"), buckets=2)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(said)), max_size=2)))
    pieces = [said[i:j] for i, j in pairwise([0, *cuts, len(said)]) if i < j]
    block = data.draw(st.sampled_from([60, 10_000]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block)
        for number, piece in enumerate(pieces):
            deliver(lake, folder, str(number), *(one.line() for one in piece))
        before = contents(lake, "revisions")
        again = data.draw(st.permutations(said))
        for as_of in (1, 3, 5):
            assert known(lake, as_of) == reference(said, as_of)
            as_one_by_one(lake, as_of)
        deliver(lake, folder, "again", *(one.line() for one in again if one.withdrawn))
    assert contents(lake, "revisions") == before
