"""The formats of mappings: each is read, and a mapping that cannot work is refused at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from features.checks.mappings import REPEATING
from features.errors import PackError
from features.loading import load_pack
from features.sources.formats import FORMATS
from features.sources.mapping import FileMapping
from tests.features.sources.services_town import MAPPINGS, mapping, write_pack


def test_every_format_that_a_mapping_may_name_is_read() -> None:
    named = set(get_args(FileMapping.model_fields["format"].annotation))
    assert named == {*FORMATS, "sql"}
    assert set(REPEATING) == {
        name for name in named if name not in ("csv", "tsv", "parquet", "xes")
    }


def test_the_mappings_of_the_town_hold(tmp_path: Path) -> None:
    assert list(load_pack(write_pack(tmp_path / "pack")).mappings) == sorted(MAPPINGS)


@pytest.mark.parametrize("source", MAPPINGS)
def test_what_may_come_twice_needs_an_id(tmp_path: Path, source: str) -> None:
    told = MAPPINGS[source]["events"][0]
    without = {key: value for key, value in told.items() if key != "event_id"}
    folder = write_pack(tmp_path / "pack", **{source: MAPPINGS[source] | {"events": [without]}})
    with pytest.raises(PackError, match="give its event_id"):
        load_pack(folder)


@pytest.mark.parametrize(
    ("source", "changed", "told"),
    [
        (
            "register",
            {"subject": {"column": "burgerservicenummer.nr", "scheme": "bsn"}},
            "expected a context attribute or a path that begins with 'data'",
        ),
        ("register", {"unpivot": {"columns": "data.*"}}, "cannot be unpivoted"),
        ("debts", {"watermark": "changed; DROP TABLE x"}, "expected the name of a column"),
        ("debts", {"watermark": "bsn"}, "it says who a row is about"),
        (
            "debts",
            {"may_vanish": 0.1, "unpivot": {"columns": "amount"}},
            "rows that are made of columns have no key",
        ),
        (
            "debts",
            {
                "may_vanish": 0.1,
                "facts": [
                    {"name": "insured", "value": {"const": True}, "valid_from": {"column": "since"}}
                ],
            },
            "facts of this query have no key",
        ),
        (
            "debts",
            {
                "may_vanish": 0.1,
                "events": [MAPPINGS["debts"]["events"][0] | {"event_id": ["id of the row"]}],
            },
            "a key of plain column names",
        ),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(
    tmp_path: Path, source: str, changed: dict[str, Any], told: str
) -> None:
    folder = write_pack(tmp_path / "pack", **{source: MAPPINGS[source] | changed})
    with pytest.raises(PackError, match=told):
        load_pack(folder)


@pytest.mark.parametrize(
    ("beside", "refused"),
    [
        ({}, "arrears-of-old gives events of the same source"),
        ({"database": "elsewhere", "may_vanish": 0.1}, "arrears-of-old gives events"),
        ({"may_vanish": 0.1}, None),
    ],
)
def test_what_may_vanish_is_not_given_by_another_query_too(
    tmp_path: Path, beside: dict[str, Any], refused: str | None
) -> None:
    debts = MAPPINGS["debts"] | {"may_vanish": 0.1}
    folder = write_pack(tmp_path / "pack", debts=debts)
    files = [debts, MAPPINGS["debts"] | {"name": "arrears-of-old"} | beside]
    told = json.dumps({"source": "debts", "files": files})
    (folder / "sources" / "debts.yaml").write_text(told)
    if refused is None:
        assert len(load_pack(folder).mappings["debts"].files) == 2
        return
    with pytest.raises(PackError, match=refused):
        load_pack(folder)


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("debts", {"query": None}),
        ("debts", {"watermark": None}),
        ("debts", {"path": "arrears.csv"}),
        ("register", {"path": ""}),
        ("register", {"query": "SELECT 1"}),
        ("register", {"overlap": 0}),
        ("register", {"may_vanish": 0.1}),
    ],
)
def test_files_have_a_path_and_queries_a_watermark(source: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"query and a watermark|path of the files|goe?s? with"):
        mapping(source, **changed)
