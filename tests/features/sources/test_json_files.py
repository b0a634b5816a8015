"""Files of JSON messages: whatever way they are written, and whatever one of them is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.quarantine import Reason
from features.sources import json_files
from features.sources.chunks import TruncatedFile
from features.sources.json_files import NoMessage, messages
from features.sources.messages import flattened

LARGEST = 1000
ROOMY = 1_000_000

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
objects = st.dictionaries(st.text(max_size=6), values, max_size=4)


def told(path: Path, largest: int = LARGEST) -> list[Any]:
    """The messages of a file; of what is none, the reason."""
    return [
        found.reason if isinstance(found, NoMessage) else found for found in messages(path, largest)
    ]


def as_read(value: Any) -> Any:
    """A value as it is read: its numbers as they are written."""
    return json.loads(json.dumps(value), parse_int=str, parse_float=str)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    data = text.encode("utf8", errors="surrogatepass")
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@settings(max_examples=40)
@given(objects=st.lists(objects, min_size=1, max_size=4), block=st.integers(3, 40))
def test_lines_an_array_and_a_zipped_array_are_the_same_messages(
    objects: list[dict[str, Any]], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    lines = "\n".join(json.dumps(item) for item in objects)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_files, "BLOCK_BYTES", block)
        found = [
            told(write(folder, "a.jsonl", lines), ROOMY),
            told(write(folder, "a.json", json.dumps(objects)), ROOMY),
            told(write(folder, "pretty.json", json.dumps(objects, indent=2)), ROOMY),
            told(write(folder, "a.json.gz", json.dumps(objects, ensure_ascii=False)), ROOMY),
        ]
    assert found == [[as_read(item) for item in objects]] * 4


def test_one_object_may_be_a_file_in_one_line_or_in_many(tmp_path: Path) -> None:
    one = {"id": "1", "data": {"a": ["x", "y"]}}
    assert told(write(tmp_path, "a.json", json.dumps(one))) == [one]
    assert told(write(tmp_path, "b.json", "\ufeff" + json.dumps(one, indent=2))) == [one]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('{"id": }', Reason.MALFORMED_ROW),
        ('"a text"', Reason.MALFORMED_ROW),
        ("[1, 2]", Reason.MALFORMED_ROW),
        ('{"id": NaN}', Reason.MALFORMED_ROW),
        ('{"id": "' + "x" * LARGEST + '"}', Reason.MESSAGE_TOO_LARGE),
        ('{"a": ' * 200 + "1" + "}" * 200, Reason.MESSAGE_TOO_LARGE),
    ],
)
def test_what_is_no_message_costs_its_neighbours_nothing(
    tmp_path: Path, broken: str, reason: Reason
) -> None:
    first, last = {"id": 'one "]},{['}, {"id": "last\\"}
    texts = [json.dumps(first), broken, json.dumps(last)]
    for path in (
        write(tmp_path, "a.jsonl", "\n".join(texts) + "\n"),
        write(tmp_path, "a.json", "[" + ",".join(texts) + "]"),
    ):
        assert told(path) == [first, reason, last]


def test_a_nesting_without_end_is_malformed_and_not_a_crash(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"a":' * 300_000 + "1" + "}" * 300_000)
    (found,) = messages(path, 10_000_000)
    assert isinstance(found, NoMessage)


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_an_array_that_stops_short_gives_what_came_before(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, '[{"id": "1"}, {"id": "2"}, {"id"')
    found = []
    with pytest.raises(TruncatedFile):
        found.extend(messages(path, LARGEST))
    reader = messages(path, LARGEST)
    assert [next(reader), next(reader)] == [{"id": "1"}, {"id": "2"}]


def test_an_empty_file_or_array_has_no_messages(tmp_path: Path) -> None:
    assert told(write(tmp_path, "a.json", "")) == []
    assert told(write(tmp_path, "b.json", "[ ]")) == []


def test_nested_values_are_found_under_their_path() -> None:
    value = {"a": {"b": [{"c": True}, {"c": None}], "empty": {}}, "d.e": "x", "n": 1.5}
    assert flattened(value, "data") == {
        "data.a.b.0.c": "true",
        "data.a.b.1.c": None,
        "data.d.e": "x",
        "data.n": "1.5",
    }


@settings(max_examples=50)
@given(value=objects)
def test_flattening_loses_no_scalar(value: dict[str, Any]) -> None:
    found = flattened({str(place): inner for place, inner in enumerate(value.values())})
    assert len(found) <= _scalars(value)
    assert bool(found) == bool(_scalars(value))


def _scalars(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_scalars, value.values()))
    return sum(map(_scalars, value)) if isinstance(value, list) else 1
