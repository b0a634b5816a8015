"""Undoing a link gives back the lake as it was delivered, and the two stay apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deltalake
import polars as pl
import pytest
from deltalake.table import TableMerger
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import VoorzetError
from features.ingest import ingest
from features.lake import Lake
from features.linkage.undoing import settle, unlink
from features.links import LINKS, Aliases
from features.matches import MATCHES
from features.moving import rekey, rekey_relatives
from features.tables import CITIZEN_TABLES, LAYOUT, TABLES
from tests.features.silos import NOW, PSEUDONYMS, bsn, town, write

ANN, BOB = bsn(10_000_000), bsn(10_000_050)
STEPS = "id;client;step;at;entered;case;channel;amount;note\n"
CITIZENS = {
    name: PSEUDONYMS.one("bsn", number) for name, number in {"ann": ANN, "bob": BOB}.items()
}
C1 = PSEUDONYMS.one("client", "C-1")
KINDS: dict[Any, Any] = {
    pl.Int64: 1,
    pl.String: "x",
    pl.Float64: 1.0,
    pl.Boolean: False,
    pl.Date: date(2020, 1, 1),
}


def rows_of(table: str, citizens: list[int], relatives: list[int | None]) -> pl.DataFrame:
    """A row of each citizen, whatever its content."""
    schema = LAYOUT[table].schema
    made = []
    for place, citizen in enumerate(citizens):
        row = {
            name: KINDS.get(kind, datetime(2024, 1, 1, tzinfo=UTC)) for name, kind in schema.items()
        }
        row |= {"citizen": citizen, "alias": None, "order": place, schema.names()[0]: f"r{place}"}
        if table == "relations":
            row |= {"relative": relatives[place % len(relatives)], "relative_alias": None}
        made.append(row | ({"citizen": citizen} if "citizen" in schema else {}))
    return pl.DataFrame(made, schema=schema)


def contents(lake: Lake, tables: tuple[str, ...] = TABLES) -> dict[str, list[Any]]:
    lake.refresh()
    return {name: sorted(lake.scan(name).collect().rows(), key=repr) for name in tables}


def linked(lake: Lake, links: list[tuple[int, int]]) -> None:
    """The links as landing leaves them: noted, and every row moved."""
    frame = pl.DataFrame(
        [("client", alias, citizen, NOW, "cases") for alias, citizen in links],
        schema=LINKS,
        orient="row",
    )
    lake.append("links", frame)
    aliases = Aliases(frame)
    for table in CITIZEN_TABLES:
        rekey(lake, table, aliases.frame)
    rekey_relatives(lake, aliases.frame)


ALIASES, ENDS = [-3, 2, 5, 8], [100, 101]
FORESTS = st.tuples(
    *(st.sampled_from([None, *ALIASES[place + 1 :], *ENDS]) for place in range(len(ALIASES)))
)


@settings(max_examples=12, deadline=None)
@given(
    FORESTS,
    st.lists(st.sampled_from([*ALIASES, *ENDS]), min_size=3, max_size=8),
    st.lists(st.sampled_from([None, *ALIASES, *ENDS]), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_linking_and_unlinking_gives_back_every_row(
    forest: tuple[int | None, ...], citizens: list[int], relatives: list[int | None], draw: Any
) -> None:
    links = [(alias, end) for alias, end in zip(ALIASES, forest, strict=True) if end is not None]
    with TemporaryDirectory() as folder:
        lake = Lake(folder, buckets=3)
        for table in CITIZEN_TABLES:
            lake.append(table, rows_of(table, citizens, relatives))
        before = contents(lake, CITIZEN_TABLES)
        linked(lake, links)
        draw.shuffle(links)
        for alias, citizen in links:
            unlink(lake, alias, citizen, source="desk", now=NOW)
        assert contents(lake, CITIZEN_TABLES) == before
        assert lake.scan("links").collect().is_empty()


def test_an_alias_of_an_alias_follows_the_one_that_it_still_is(tmp_path: Path) -> None:
    """1 → 2 → 100. Without 2 → 100, what was delivered of 1 and 2 is 2's; without 1 → 2, of 1."""
    lake = Lake(str(tmp_path), buckets=3)
    lake.append("events", rows_of("events", [1, 2, 100], [None]))
    linked(lake, [(1, 2), (2, 100)])
    assert lake.scan("events").collect()["citizen"].to_list() == [100, 100, 100]
    unlink(lake, 2, None, source="desk", now=NOW)
    rows = lake.scan("events").sort("order").select("citizen", "alias").collect().rows()
    assert rows == [(2, 1), (2, None), (100, None)]
    unlink(lake, 1, None, source="desk", now=NOW)
    rows = lake.scan("events").sort("order").select("citizen", "alias").collect().rows()
    assert rows == [(1, None), (2, None), (100, None)]


def test_cutting_the_middle_tells_the_first_from_whoever_it_ended_at(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), buckets=3)
    lake.append("events", rows_of("events", [1, 2, 100], [None]))
    linked(lake, [(1, 2), (2, 100)])
    undone = unlink(lake, 1, None, source="desk", now=NOW)
    assert undone.citizens == (2, 100)
    rows = lake.scan("events").sort("order").select("citizen", "alias").collect().rows()
    assert rows == [(1, None), (100, 2), (100, None)]


def test_whoever_is_named_first_the_link_between_them_is_undone(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), buckets=3)
    lake.append("events", rows_of("events", [1], [None]))
    linked(lake, [(1, 100)])
    assert unlink(lake, 100, 1, source="desk", now=NOW).moved == 1
    assert lake.scan("events").collect()["citizen"].to_list() == [1]


def test_nothing_is_undone_where_nothing_is_linked(tmp_path: Path) -> None:
    with pytest.raises(VoorzetError, match="nothing links this alias"):
        unlink(Lake(str(tmp_path)), 1, None, source="desk", now=NOW)


def test_doing_it_twice_changes_nothing_more(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), buckets=3)
    lake.append("events", rows_of("events", [1, 1], [None]))
    linked(lake, [(1, 100)])
    assert unlink(lake, 1, None, source="desk", now=NOW).moved == 2
    before = contents(lake)
    assert unlink(lake, 1, None, source="desk", now=NOW).moved == 0
    assert contents(lake) == before


class Killed(BaseException):
    """The process ends here."""


def mortal(monkeypatch: pytest.MonkeyPatch, lives: int, moment: str) -> None:
    """The commit of that number is the last: nothing of it, or nothing after it, is done."""
    counted = itertools.count(1)

    def dying(commit: Callable[..., Any]) -> Callable[..., Any]:
        def committing(*given: Any, **named: Any) -> Any:
            last = next(counted) == lives
            if last and moment == "before":
                raise Killed
            outcome = commit(*given, **named)
            if last:
                raise Killed
            return outcome

        return committing

    commit = deltalake.DeltaTable.create_write_transaction
    monkeypatch.setattr(deltalake.DeltaTable, "create_write_transaction", dying(commit))
    monkeypatch.setattr(TableMerger, "execute", dying(TableMerger.execute))
    monkeypatch.setattr(deltalake.DeltaTable, "delete", dying(deltalake.DeltaTable.delete))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("lives", [1, 2, 3, 4, 5, 6])
def test_killed_at_any_commit_it_is_made_whole_by_doing_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lives: int, moment: str
) -> None:
    def lake_of(name: str) -> Lake:
        lake = Lake(str(tmp_path / name), buckets=3)
        for table in ("events", "facts", "relations"):
            lake.append(table, rows_of(table, [1, 2, 100], [1, None, 2]))
        linked(lake, [(1, 2), (2, 100)])
        return lake

    whole, hurt = lake_of("whole"), lake_of("hurt")
    unlink(whole, 2, 100, source="desk", now=NOW)
    with monkeypatch.context() as patched:
        mortal(patched, lives, moment)
        try:
            unlink(hurt, 2, 100, source="desk", now=NOW)
        except Killed:
            assert lives <= 6
    unlink(hurt, 2, 100, source="desk", now=NOW)
    assert contents(hurt) == contents(whole)


def test_a_later_crosswalk_does_not_link_them_again_and_says_so(tmp_path: Path) -> None:
    lake, silos = Lake(str(tmp_path / "lake"), buckets=4), tmp_path / "silos"
    step = "1;C-1;open;2024-03-01T09:00:00;2024-03-01T10:00:00;K1;web;1;\n"
    write(silos / "cases/steps-1.csv", STEPS + step)
    write(silos / "cases/clients-1.csv", f"client,bsn\nC-1,{ANN}\n")
    ingest(town(), lake, PSEUDONYMS, silos, now=NOW)
    assert lake.citizen("events", CITIZENS["ann"]).height == 1
    unlink(lake, C1, None, source="desk", now=NOW)
    assert lake.citizen("events", CITIZENS["ann"]).is_empty()
    assert lake.citizen("events", C1).height == 1

    again = tmp_path / "again"
    write(again / "cases/steps-2.csv", STEPS + step.replace("1;C-1", "2;C-1"))
    write(again / "cases/clients-2.csv", f"client,bsn\nC-1,{ANN}\nC-2,{ANN}\n")
    report = ingest(town(), lake, PSEUDONYMS, again, now=NOW)
    assert report.quarantined["cases"] == {"separated": 1}
    assert lake.citizen("events", C1).height == 2
    assert lake.scan("links").collect()["alias"].to_list() == [PSEUDONYMS.one("client", "C-2")]

    write(again / "cases/clients-3.csv", f"client,bsn\nC-1,{BOB}\n")
    ingest(town(), lake, PSEUDONYMS, again, now=NOW)
    assert lake.citizen("events", CITIZENS["bob"]).height == 2


def test_two_new_links_do_not_join_together_whom_one_may_not(tmp_path: Path) -> None:
    separations = pl.DataFrame({"alias": [1], "citizen": [100]})
    aliases = Aliases(LINKS.to_frame(), separations)
    new = pl.DataFrame({"alias": [1, 2, 3], "citizen": [2, 100, 101]})
    assert aliases.contradicts(new).to_list() == [True, True, False]
    assert aliases.contradicts(new.head(1)).to_list() == [False]


def test_an_innocent_link_to_the_same_citizen_is_let_by() -> None:
    aliases = Aliases(LINKS.to_frame(), pl.DataFrame({"alias": [1], "citizen": [100]}))
    new = pl.DataFrame({"alias": [1, 7, None], "citizen": [100, 100, 100]})
    assert aliases.contradicts(new).to_list() == [True, False, False]


def test_settling_a_lake_in_which_nothing_was_undone_moves_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), buckets=3)
    lake.append("relations", rows_of("relations", [1, 2, 100], [1, 2]))
    linked(lake, [(1, 2), (2, 100)])
    before = contents(lake)
    assert settle(lake) == 0
    assert contents(lake) == before


def test_undoing_a_match_leaves_no_trace_of_the_pair_but_the_separation(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), buckets=3)
    match = ("client", 9.0, -3.0, 0.98, "{}", "m", NOW, "linkage")
    rows = [(1, 100, *match), (1, 101, *match[:3], 0.01, *match[4:]), (2, 100, *match)]
    lake.append("matches", pl.DataFrame(rows, schema=MATCHES, orient="row"))
    lake.append("events", rows_of("events", [1, 100], [None]))
    events = contents(lake, ("events",))
    assert unlink(lake, 1, None, source="desk", now=NOW).citizens == (100,)
    kept = lake.scan("matches").sort("alias").collect().select("alias", "citizen").rows()
    assert kept == [(1, 101), (2, 100)]
    assert contents(lake, ("events",)) == events
    assert unlink(lake, 1, None, source="desk", now=NOW).citizens == (100,)
    assert lake.scan("separations").collect().height == 1
