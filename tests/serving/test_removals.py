"""Removals: the one that succeeds ends those of its kind that were cut off, and alone counts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from serving.database import Database
from serving.removals import Kind, Removals
from serving.sealing import Sealing

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_removal_ends_those_of_its_kind_that_were_cut_off(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'removals.db'}")
    database.migrate()
    removals = Removals(database, Sealing(bytes(32)))
    removals.begin(Kind.ERASURE, "ann", NOW, {"people": [1]})
    other = removals.begin(Kind.RETENTION, "ann", NOW, {})
    last = removals.begin(Kind.ERASURE, "ann", NOW, {"people": [1, 2]})

    removals.finish(last, NOW, lake={"events": 7}, removed={"events": 3}, citizens=2)

    assert removals.unfinished(Kind.ERASURE) == {}
    assert removals.unfinished(Kind.RETENTION) == {other: {}}
    ended = [one for one in removals.all() if one.kind is Kind.ERASURE]
    assert [one.lake for one in ended] == [{"events": 7}, {"events": 7}]
    assert sum(one.citizens for one in ended) == 2
    assert sum(one.removed.get("events", 0) for one in ended) == 3
    database.close()
