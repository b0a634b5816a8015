"""Ingest: deliveries become records once, whatever is wrong with them is told, nothing is lost."""

from __future__ import annotations

import gzip
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import VoorzetError
from features.events import EVENTS
from features.ingest import IngestReport, ingest
from features.lake import Lake
from tests.features.silos import CASES, LOG, NOW, PANEL, PSEUDONYMS, bsn, contents, town, write

ANN, BOB = bsn(12345678), bsn(76543210)

PEOPLE = f"""bsn,name,address,born,entered,income,tenure,origin,partner
{ANN},Ann de Groot,Dorpsstraat 1,1980-05-04,2020-01-02,"1.250,50",R,here,{BOB}
{BOB},Bob Visser,Dorpsstraat 1,1979-12-31,2020-01-02,,O,elsewhere,
"""

STEPS = """id;client;step;at;entered;case;channel;amount;note
1;C-0001;open;2024-03-01T09:00:00;2024-03-01T10:00:00;NA;desk;;first
2;C-0001;work;2024-03-02T09:00:00;2024-03-02T10:00:00;NA;web;12.5;
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


@pytest.fixture
def silos(tmp_path: Path) -> Path:
    folder = tmp_path / "silos"
    folder.mkdir()
    return folder


def run(lake: Lake, data: Path) -> IngestReport:
    return ingest(town(), lake, PSEUDONYMS, data, now=NOW)


def reasons(report: IngestReport) -> dict[str, int]:
    return {reason: n for found in report.quarantined.values() for reason, n in found.items()}


def test_a_register_becomes_facts_and_relations(lake: Lake, silos: Path) -> None:
    write(silos / "register/people.csv", PEOPLE)
    report = run(lake, silos)
    ann = PSEUDONYMS.one("bsn", ANN)
    assert (report.facts, report.relations, reasons(report)) == (7, 1, {})
    facts = lake.citizen("facts", ann)
    income = facts.row(by_predicate=pl.col("name") == "income", named=True)
    assert (income["value"], income["number"]) == ("1250.5", 1250.5)
    born = facts.row(by_predicate=pl.col("name") == "birth_date", named=True)
    assert (born["value"], born["number"]) == ("1980-05-04", 3776.0)
    assert born["valid_from"] == datetime(1980, 5, 3, 22, tzinfo=UTC)
    assert born["known_at"] == datetime(2020, 1, 2, 23, tzinfo=UTC)
    assert lake.citizen("relations", ann)["relative"].to_list() == [PSEUDONYMS.one("bsn", BOB)]


def test_protected_facts_stand_in_a_table_of_their_own(lake: Lake, silos: Path) -> None:
    write(silos / "register/people.csv", PEOPLE)
    run(lake, silos)
    assert lake.scan("protected").collect()["name"].unique().to_list() == ["origin"]
    assert "origin" not in lake.scan("facts").collect()["name"].to_list()


def test_a_case_called_na_is_a_case(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    assert run(lake, silos).events == 2
    events = lake.scan("events").sort("order").collect()
    assert events["case_id"].to_list() == ["NA", "NA"]
    assert events["attributes"].to_list() == ['{"note":"first"}', None]
    assert events["value"].to_list() == [None, 12.5]


def test_the_same_file_twice_adds_nothing_and_says_so(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    run(lake, silos)
    before = contents(lake)
    report = run(lake, silos)
    assert [file.status for file in report.files] == ["already-landed"]
    assert contents(lake) == before


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="concept:name" value="the log"/>
  <trace>
    <string key="concept:name" value="T1"/>
    <string key="person" value="P-1"/>
    <event>
      <string key="concept:name" value="Register &amp; check"/>
      <string key="org:resource" value="R1"/>
      <date key="time:timestamp" value="2024-03-01T09:00:00.000+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="Decide"/>
      <date key="time:timestamp" value="2024-03-02T09:00:00.000+01:00"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="T2"/>
    <string key="person" value="P-2"/>
    <event>
      <string key="concept:name" value="Decide"/>
      <string key="org:resource" value="R2"/>
      <date key="time:timestamp" value="2024-03-03T09:00:00.000+01:00"/>
    </event>
  </trace>
</log>
"""


def test_a_log_is_the_table_of_its_export(lake: Lake, silos: Path, tmp_path: Path) -> None:
    write(silos / "log/log.xes", XES)
    assert run(lake, silos).events == 3
    export = (
        "case:concept:name,case:person,concept:name,org:resource,time:timestamp\n"
        "T1,P-1,Register & check,R1,2024-03-01 09:00:00+01:00\n"
        "T1,P-1,Decide,,2024-03-02 09:00:00+01:00\n"
        "T2,P-2,Decide,R2,2024-03-03 09:00:00+01:00\n"
    )
    other = Lake(str(tmp_path / "other"), buckets=4)
    folder = write(tmp_path / "export/log/log.csv", export).parents[1]
    ingest(town(log=as_csv(LOG)), other, PSEUDONYMS, folder, now=NOW)
    assert contents(lake, "events") == contents(other, "events")


def as_csv(mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping of the log, for its CSV export."""
    return {
        **mapping,
        "files": [{**mapping["files"][0], "path": "log/*.csv", "format": "csv"}],
    }


def test_a_log_cut_off_lands_what_came_before(lake: Lake, silos: Path) -> None:
    path = silos / "log/log.xes.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(XES[: XES.index('value="T2"')].encode()))
    report = run(lake, silos)
    assert (report.events, reasons(report)) == (2, {"truncated-file": 1})
    path.write_bytes(gzip.compress(XES.encode()))
    assert run(lake, silos).events == 1


def test_a_log_without_a_column_is_refused(lake: Lake, silos: Path) -> None:
    write(silos / "log/log.xes", XES.replace('key="person"', 'key="human"'))
    (refused,) = run(lake, silos).refused
    assert "'case:person' is missing" in (refused.problem or "")


def test_a_parquet_file_keeps_its_types(lake: Lake, silos: Path) -> None:
    (silos / "log").mkdir()
    at = datetime(2024, 1, 1, 12, tzinfo=UTC)
    frame = pl.DataFrame({"person": ["P-1", "P-2"], "at": [at, at], "amount": [1, None]})
    frame.write_parquet(silos / "log/columns.parquet")
    run(lake, silos)
    events = lake.scan("events").sort("order").collect()
    assert events["occurred_at"].to_list() == [at, at]
    assert events["value"].to_list() == [1.0, None]


def test_a_wide_file_becomes_long(lake: Lake, silos: Path) -> None:
    write(silos / "panel/p.tsv", "id\tSep.93\tOct.93\tsex\n1\tschool\t\tm\n2\twork\twork\tf\n")
    panel = {
        **PANEL,
        "files": [
            {
                **PANEL["files"][0],
                "events": [
                    {
                        **PANEL["files"][0]["events"][0],
                        "occurred_at": {
                            "sql": "'01.' || month",
                            "format": "%d.%b.%y",
                            "granularity": "day",
                        },
                        "when": "state IS NOT NULL",
                    }
                ],
            }
        ],
    }
    assert ingest(town(panel=panel), lake, PSEUDONYMS, silos, now=NOW).events == 3
    one = lake.citizen("events", PSEUDONYMS.one("client", "2"))
    assert one["occurred_at"].to_list() == [
        datetime(1993, 8, 31, 22, tzinfo=UTC),
        datetime(1993, 9, 30, 23, tzinfo=UTC),
    ]


def test_identities_go_to_their_sink_and_nowhere_else(lake: Lake, silos: Path) -> None:
    write(silos / "register/people.csv", PEOPLE)
    handed: list[pl.DataFrame] = []
    report = ingest(town(), lake, PSEUDONYMS, silos, now=NOW, identities=handed.append)
    ann = pl.concat(handed).row(by_predicate=pl.col("identifier") == ANN, named=True)
    assert ann == {
        "citizen": PSEUDONYMS.one("bsn", ANN),
        "delivered_as": PSEUDONYMS.one("bsn", ANN),
        "name": "Ann de Groot",
        "birth_date": "1980-05-04",
        "address": "Dorpsstraat 1",
        "postcode": None,
        "city": None,
        "phone": None,
        "email": None,
        "protected_address": None,
        "identifier": ANN,
        "scheme": "bsn",
    }
    held = repr(contents(lake)) + repr(report.as_dict())
    for private in (ANN, BOB, "Ann", "Visser", "Dorpsstraat"):
        assert private not in held


LINKS = f"client,bsn\nC-0001,{ANN}\nC-0002,\nC-0003,123456789\n"


def test_a_link_joins_two_silos_in_one_citizen(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    write(silos / "cases/clients.csv", LINKS)
    report = run(lake, silos)
    assert (report.links, report.unlinked) == (1, 2)  # the two clients without a BSN
    assert reasons(report) == {"bsn-11-test": 1}
    assert lake.citizen("events", PSEUDONYMS.one("bsn", ANN)).height == 2


def test_a_link_that_comes_later_moves_what_was_there(
    lake: Lake, silos: Path, tmp_path: Path
) -> None:
    write(silos / "cases/steps.csv", STEPS)
    report = run(lake, silos)
    assert report.unlinked == 2
    alias = PSEUDONYMS.one("client", "C-0001")
    assert lake.citizen("events", alias).height == 2
    write(silos / "cases/clients.csv", LINKS)
    run(lake, silos)
    assert lake.citizen("events", alias).is_empty()
    together = Lake(str(tmp_path / "together"), buckets=4)
    ingest(town(), together, PSEUDONYMS, silos, now=NOW)
    assert contents(lake, "events", "links") == contents(together, "events", "links")
    before = contents(lake, "events")
    write(silos / "cases/steps.csv", STEPS + "3;C-0001;work;2024-03-03;2024-03-03;K;web;;\n")
    assert run(lake, silos).events == 1
    assert len(contents(lake, "events")["events"]) == len(before["events"]) + 1


def test_one_client_number_for_two_people_is_a_conflict(lake: Lake, silos: Path) -> None:
    write(silos / "cases/clients.csv", f"client,bsn\nC-1,{ANN}\nC-1,{BOB}\n")
    report = run(lake, silos)
    assert (report.links, reasons(report)) == (1, {"conflicting-duplicate": 1})


CELLS = st.tuples(
    st.sampled_from(["open", "work", "dance"]),
    st.integers(1, 9).map(lambda day: f"2024-03-0{day}T09:00:00"),
    st.sampled_from(["NA", "K1", ""]),
)
DELIVERY = st.lists(CELLS, min_size=1, max_size=12)


def _without_ids(rows: list[tuple[str, str, str]]) -> str:
    lines = [f";C-0001;{kind};{at};{at};{case};web;;\n" for kind, at, case in rows]
    return STEPS.splitlines()[0] + "\n" + "".join(lines)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DELIVERY, st.data())
def test_deliveries_may_overlap_and_be_shuffled(
    tmp_path: Path, rows: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    once, again = Lake(str(folder / "once"), buckets=2), Lake(str(folder / "again"), buckets=2)
    write(folder / "a/cases/steps.csv", _without_ids(rows))
    run(once, folder / "a")
    part = data.draw(st.integers(0, len(rows)))
    write(folder / "b/cases/steps-1.csv", _without_ids(rows[:part]))
    write(folder / "b/cases/steps-2.csv", _without_ids(data.draw(st.permutations(rows))))
    run(again, folder / "b")
    ours = [name for name in EVENTS.names() if name != "order"]
    first = once.scan("events").select(ours).collect().sort("event_id")
    assert first.equals(again.scan("events").select(ours).collect().sort("event_id"))
    assert first.height == sum(kind != "dance" for kind, _, _ in rows)
    assert once.rows("quarantine") == again.rows("quarantine")


def test_the_report_is_for_programs_too(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    told: list[tuple[str, int, int]] = []
    report = ingest(
        town(), lake, PSEUDONYMS, silos, now=NOW, progress=lambda *now: told.append(now)
    )
    assert json.loads(json.dumps(report.as_dict()))["events"] == 2
    size = len(STEPS)
    assert told[-1] == ("cases/steps.csv", size, size)


def test_only_the_sources_asked_for(lake: Lake, silos: Path) -> None:
    write(silos / "cases/steps.csv", STEPS)
    write(silos / "register/people.csv", PEOPLE)
    report = ingest(town(), lake, PSEUDONYMS, silos, now=NOW, sources=["register"])
    assert (report.events, report.facts, report.unused) == (0, 7, [])
    with pytest.raises(VoorzetError, match="no mapping for the source 'tax'"):
        ingest(town(), lake, PSEUDONYMS, silos, now=NOW, sources=["tax"])


def test_one_file_is_ingested_by_its_name(lake: Lake, silos: Path) -> None:
    path = write(silos / "anywhere/steps.csv", STEPS)
    assert run(lake, path).events == 2


def test_one_row_may_give_two_events_under_one_id(lake: Lake, silos: Path) -> None:
    event = CASES["files"][0]["events"][0]
    twice = [event, {**event, "type": {"const": "moved"}, "when": "step = 'open'"}]
    cases = {**CASES, "files": [{**CASES["files"][0], "events": twice}]}
    write(silos / "cases/steps-1.csv", STEPS)
    write(silos / "cases/steps-2.csv", STEPS + "\n")
    report = ingest(town(cases=cases), lake, PSEUDONYMS, silos, now=NOW)
    events = lake.scan("events").sort("order").collect()
    assert events["event_id"].to_list() == ["1", "1#1", "2"]
    assert events["type"].to_list() == ["case-opened", "moved", "case-step"]
    assert reasons(report) == {}


def test_a_lake_has_one_writer(lake: Lake, silos: Path) -> None:
    other = Lake(lake.uri, buckets=4)
    with other.sole_writer(), pytest.raises(VoorzetError, match="another process is writing"):
        run(lake, silos)
    assert run(lake, silos).files == []
