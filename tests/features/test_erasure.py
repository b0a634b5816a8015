"""Erasure from the lake: nothing of the erased is left anywhere, and nobody else is touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from features.erasure import bury, erase, everyone_in, pseudonyms_of
from features.ingest import IngestReport, ingest
from features.lake import Lake
from features.leftovers import Leftover, Sought, files_in, leftovers_in
from features.rewriting import forget_history
from features.scrubbing import Scrubber
from features.tables import CITIZEN_TABLES, TABLES
from features.tombstones import Tombstones
from tests.features.silos import NOW, PSEUDONYMS, bsn, town, write

PEOPLE = 12


@dataclass
class Town:
    """Twelve people, each with a client number, a partner and a case; and their lake."""

    folder: Path

    def lake(self) -> Lake:
        return Lake(str(self.folder / "lake"), buckets=3)

    def ingest(self, *, now: datetime = NOW) -> IngestReport:
        return ingest(town(), self.lake(), PSEUDONYMS, self.folder / "silos", now=now)

    def deliver(self) -> None:
        register = ["bsn,name,address,born,entered,income,tenure,origin,partner"]
        steps, clients = ["id;client;case;step;at;entered;channel;amount;note"], ["client;bsn"]
        for one in range(PEOPLE):
            partner = number(one ^ 1)
            register.append(
                f"{number(one)},Name {one},Street {one},19{60 + one}-01-02,2024-01-01,"
                f'"{one}000,50",R,here,{partner}'
            )
            clients.append(f"C{one},{number(one)}")
            note = f"talked with {number((one + 3) % PEOPLE)}"
            steps += [
                f"{one}.{step};C{one};Z{one};open;2024-02-0{step + 1}T10:00:00;"
                f"2024-02-09T10:00:00;desk;{step};{note}"
                for step in range(3)
            ]
            steps.append(f"{one}.9;C{one};Z{one};dance;2024-02-01;2024-02-09;desk;1;{note}")
        silos = self.folder / "silos"
        write(silos / "register" / "people.csv", "\n".join(register) + "\n")
        write(silos / "cases" / "steps.csv", "\n".join(steps) + "\n")
        write(silos / "cases" / "clients.csv", "\n".join(clients).replace(";", ",") + "\n")


def number(one: int) -> str:
    return bsn(1000 + 20 * one)


def citizen(one: int) -> int:
    return PSEUDONYMS.one("bsn", number(one))


def tokens(people: set[int]) -> set[str]:
    return {Scrubber(PSEUDONYMS).text(number(one)) for one in people}


def sought(lake: Lake, people: set[int]) -> Sought:
    names = {f"Name {one}" for one in people} | {number(one) for one in people}
    pseudonyms = pseudonyms_of(lake, [citizen(one) for one in people])
    return Sought(pseudonyms, frozenset(names | tokens(people)))


def left_of(sought: Sought, folder: Path) -> set[Leftover]:
    return {
        leftover
        for path in files_in([folder])
        for leftover in leftovers_in(path, str(path.relative_to(folder)), sought)
    }


def take_out(lake: Lake, people: set[int]) -> frozenset[int]:
    everyone = pseudonyms_of(lake, [citizen(one) for one in people])
    bury(lake, PSEUDONYMS, everyone | tokens(people), NOW)
    erase(lake, PSEUDONYMS, everyone, tokens(people))
    forget_history(lake)
    return everyone


def buried(lake: Lake) -> set[int]:
    """Who has a tombstone and stands in the lake."""
    tombstones = Tombstones(lake.scan("tombstones").collect(), PSEUDONYMS)
    return {one for one in everyone_in(lake) if tombstones.has(one)}


@pytest.fixture
def towns(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.deliver()
    made.ingest()
    return made


def rows(lake: Lake, table: str) -> set[tuple[object, ...]]:
    return set(lake.scan(table).collect().rows())


def test_the_looking_finds_somebody_before_they_are_erased(towns: Town) -> None:
    lowest = min(range(PEOPLE), key=citizen)  # the log of the lake tells of each file's ends
    found = left_of(sought(towns.lake(), {lowest}), towns.folder / "lake")
    kinds = {(one.place.split("/")[0], one.column) for one in found}
    assert {("events", "citizen"), ("events", "alias"), ("facts", "citizen")} <= kinds
    assert {("relations", "relative"), ("links", "alias"), ("events", "attributes")} <= kinds
    assert {("quarantine", "record"), ("protected", "citizen")} <= kinds
    assert any("_delta_log" in one.place for one in found)


@settings(max_examples=5, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # each is a town
@given(people=st.sets(st.integers(0, PEOPLE - 1), min_size=1, max_size=PEOPLE))
def test_whoever_is_erased_is_nowhere_and_all_others_stay_row_for_row(
    people: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = Town(tmp_path_factory.mktemp("town"))
    made.deliver()
    made.ingest()
    lake = made.lake()
    looked_for = sought(lake, people)
    theirs = pl.Series(list(looked_for.citizens), dtype=pl.Int64).implode()
    texts = sorted(tokens(people))
    said = pl.any_horizontal(
        pl.lit(value=False), pl.col("^attributes|record$").str.contains_any(texts)
    ).fill_null(value=False)

    def others(table: str) -> set[tuple[object, ...]]:
        """Rows of others that do not name an erased citizen."""
        frame = lake.scan(table).collect()
        numbers = [name for name, kind in frame.schema.items() if kind == pl.Int64]
        about = pl.any_horizontal(
            pl.lit(value=False), *(pl.col(name).is_in(theirs).fill_null(False) for name in numbers)
        )
        return set(frame.filter(~about & ~said).rows())

    before = {table: others(table) for table in TABLES}
    counts = {table: lake.scan(table).collect() for table in ("relations", "events", "quarantine")}
    take_out(lake, people)
    assert left_of(looked_for, made.folder / "lake") == set()
    lake.refresh()
    for table in ("facts", "protected", "links", "loads", "revisions"):
        assert rows(lake, table) == before[table]
    for table in ("relations", "events", "quarantine"):
        assert before[table] <= rows(lake, table)
        own = counts[table]
        if table != "quarantine":  # of whom its rows are cannot be told
            own = own.filter(~pl.col("citizen").is_in(theirs))
        assert lake.scan(table).collect().height == own.height
    for one in set(range(PEOPLE)) - people:
        assert not lake.citizen("facts", citizen(one)).is_empty()


def test_somebody_else_who_names_them_keeps_the_relation_and_not_the_relative(towns: Town) -> None:
    lake = towns.lake()
    before = lake.citizen("relations", citizen(2))
    take_out(lake, {3})
    after = lake.citizen("relations", citizen(2))
    changed = ["relative", "relative_birth_date"]
    assert after.drop(changed).equals(before.drop(changed))
    assert before["relative"].to_list() == [citizen(3)]
    assert after["relative"][0] not in {None, citizen(3)}
    assert after["relative_birth_date"].to_list() == [None]


def test_a_note_of_somebody_else_loses_the_token_and_keeps_the_rest(towns: Town) -> None:
    lake = towns.lake()
    (token,) = tokens({3})
    before = lake.citizen("events", citizen(0))["attributes"]
    take_out(lake, {3})
    after = lake.citizen("events", citizen(0))["attributes"]
    assert before.str.contains(token).all()
    assert after.to_list() == before.str.replace(token, "erased").to_list()


def test_erasing_again_changes_nothing(towns: Town) -> None:
    lake = towns.lake()
    everyone = take_out(lake, {3, 4})
    held = {table: rows(lake, table) for table in TABLES}
    assert erase(lake, PSEUDONYMS, everyone, tokens({3, 4})) == {}
    assert bury(lake, PSEUDONYMS, everyone | tokens({3, 4}), NOW) == 0
    assert {table: rows(lake, table) for table in TABLES} == held


def test_aliases_are_found_from_either_side(towns: Town) -> None:
    lake = towns.lake()
    client = PSEUDONYMS.one("client", "C3")
    both = frozenset({citizen(3), client})
    assert pseudonyms_of(lake, [citizen(3)]) == both
    assert pseudonyms_of(lake, [client]) == both


def test_a_delivery_that_comes_again_brings_nobody_back(towns: Town) -> None:
    lake = towns.lake()
    take_out(lake, {3})
    held = {table: rows(lake, table) for table in TABLES if table != "loads"}
    silos = towns.folder / "silos"
    for path in silos.rglob("*.csv"):  # other content, so other loads, with the same records
        path.write_text(path.read_text() + "\n", encoding="utf8")
    report = towns.ingest()
    assert report.erased == 1 + 1 + 4  # the register's row, the link, the steps
    lake.refresh()
    assert {table: rows(lake, table) for table in TABLES if table != "loads"} == held


def test_a_new_client_number_of_an_erased_citizen_is_buried_too(towns: Town) -> None:
    lake = towns.lake()
    take_out(lake, {3})
    silos = towns.folder / "silos" / "cases"
    write(silos / "clients2.csv", f"client,bsn\nNEW,{number(3)}\n")
    head = "id;client;case;step;at;entered;channel;amount;note\n"
    step = "77.{};NEW;Z;open;2024-02-01T10:00:00;2024-02-09T10:00:00;desk;1;\n"
    write(silos / "steps2.csv", head + step.format(0))
    assert towns.ingest().erased == 2
    lake.refresh()
    assert buried(lake) == set()
    assert lake.citizen("events", PSEUDONYMS.one("client", "NEW")).is_empty()


def test_records_that_landed_before_their_link_was_known_are_found_as_buried(towns: Town) -> None:
    lake = towns.lake()
    silos = towns.folder / "silos" / "cases"
    head = "id;client;case;step;at;entered;channel;amount;note\n"
    write(silos / "steps2.csv", head + "7;NEW;Z;open;2024-02-01;2024-02-09T10:00:00;desk;1;\n")
    towns.ingest()
    lake.refresh()
    take_out(lake, {3})
    write(silos / "clients2.csv", f"client,bsn\nNEW,{number(3)}\n")
    towns.ingest()
    lake.refresh()
    assert buried(lake) == {PSEUDONYMS.one("client", "NEW")}


@pytest.mark.parametrize("done", range(6))
def test_an_erasure_that_was_cut_off_is_finished_by_doing_it_again(
    towns: Town, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = towns.lake()
    looked_for = sought(lake, {3})
    replace, left = Lake.replace, [done]

    def cut_off(self: Lake, *arguments: object) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        replace(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        take_out(lake, {3})
    monkeypatch.undo()
    again = towns.lake()
    assert pseudonyms_of(again, [citizen(3)]) == looked_for.citizens
    take_out(again, {3})
    assert left_of(looked_for, towns.folder / "lake") == set()


def test_what_a_table_holds_that_nobody_named_here_is_erased_too(towns: Town) -> None:
    """Any 64-bit number that is theirs makes a row theirs, whatever its column is called."""
    lake = towns.lake()
    rows = lake.scan("loads").collect().head(1).with_columns(rows=pl.lit(citizen(3)))
    lake.append("loads", rows)
    take_out(lake, {3})
    assert citizen(3) not in lake.scan("loads").collect()["rows"]


def test_every_table_of_citizens_says_whose_a_row_is() -> None:
    lake = Lake("nowhere")
    for table in CITIZEN_TABLES:
        schema = lake.scan(table).collect_schema()
        assert schema["citizen"] == pl.Int64
        assert schema["alias"] == pl.Int64
