"""CloudEvents: the NL GOV profile holds, one event costs another nothing, and no number leaks."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.lake import Lake
from features.pulled import ingest_pulled
from features.quarantine import Reason
from features.sources.chunks import Chunk, Malformed
from features.sources.cloudevents import BATCH, STRUCTURED, received
from features.sources.reading import needed_columns
from features.tables import TABLES
from tests.features.silos import NOW, PSEUDONYMS, contents
from tests.features.sources.services_town import (
    ANN,
    RECORDED,
    events,
    mapping,
    recorded_lines,
    run,
    services_town,
)

GOOD = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:nld:oin:00000001823288444000:systeem:BRP-component",
    "type": "nl.brp.overleden",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


def structured(event: Any) -> Chunk:
    return received({"Content-Type": STRUCTURED}, json.dumps(event).encode())


def only(chunk: Chunk) -> dict[str, str | None]:
    """The one row of a chunk without faults, what is null left out."""
    assert chunk.malformed == ()
    (row,) = chunk.frame.to_dicts()
    return {name: text for name, text in row.items() if text is not None}


def test_the_recorded_events_of_the_register_land(lake: Lake) -> None:
    report = run(lake, RECORDED / "brp.jsonl")
    assert [file.status for file in report.files] == ["landed"]
    moved, died = events(lake).to_dicts()
    assert (moved["type"], died["type"]) == ("moved", "died")
    assert moved["citizen"] == PSEUDONYMS.one("bsn", ANN)
    assert (moved["value"], moved["attributes"]) == (2.0, '{"town":"Utrecht"}')
    assert moved["known_at"].isoformat() == "2026-03-02T08:15:00+00:00"


@pytest.mark.parametrize("name", ["brp.jsonl", "brp.json", "brp-one.json"])
def test_an_event_comes_in_whatever_way_it_is_written(
    lake: Lake, tmp_path: Path, name: str
) -> None:
    told = recorded_lines("brp.jsonl")
    text = {
        "brp.jsonl": "\n".join(map(json.dumps, told)),
        "brp.json": json.dumps(told, indent=1),
        "brp-one.json": json.dumps(told[0], indent=1),
    }[name]
    (tmp_path / name).write_text(text)
    run(lake, tmp_path / name)
    assert events(lake).height == (1 if name == "brp-one.json" else 2)


def test_an_event_that_is_sent_again_lands_once(lake: Lake, tmp_path: Path) -> None:
    first, second = recorded_lines("brp.jsonl")
    (tmp_path / "brp-1.json").write_text(json.dumps([first, first]))
    (tmp_path / "brp-2.json").write_text(json.dumps([second, first]))
    run(lake, tmp_path)
    assert events(lake)["type"].to_list() == ["moved", "died"]
    assert contents(lake, "quarantine") == {"quarantine": []}


def test_a_request_lands_as_the_file_would(lake: Lake, tmp_path: Path) -> None:
    told = recorded_lines("brp.jsonl")
    wanted = mapping("register")
    request = received(
        {"content-type": BATCH}, json.dumps([told[0], {}, *told]).encode(), needed_columns(wanted)
    )
    report = ingest_pulled(
        services_town(), lake, PSEUDONYMS, "register", wanted, lambda: iter([request]), now=NOW
    )
    assert (report.events, report.quarantined) == (2, {"register": {"invalid-message": 1}})
    other = Lake(str(tmp_path / "other"), buckets=4)
    run(other, RECORDED / "brp.jsonl")
    assert events(lake).drop("order").equals(events(other).drop("order"))


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        ({"id": None}, "id"),
        ({"id": " "}, "id"),
        ({"id": 5}, "id"),
        ({"source": None}, "source"),
        ({"source": "a b"}, "source"),
        ({"type": ""}, "type"),
        ({"specversion": "0.3"}, "specversion"),
        ({"Subject": "x"}, "attribute name"),
        ({"sub_ject": "x"}, "attribute name"),
        ({"a" * 21: "x"}, "attribute name"),
        ({"subject": {"a": 1}}, "subject"),
        ({"sequence": 1.5}, "sequence"),
        ({"subject": "a\nb"}, "subject"),
        ({"subject": "\ud800"}, "subject"),
        ({"data_base64": "no base64!"}, "data_base64"),
        ({"data_base64": base64.b64encode(b"{").decode()}, "data"),
        ({"data": {}, "data_base64": ""}, "data_base64"),
    ],
)
def test_an_event_outside_the_profile_is_refused_with_the_place(
    broken: dict[str, Any], column: str
) -> None:
    chunk = structured(GOOD | broken)
    assert chunk.frame.height == 0
    assert chunk.malformed == (Malformed(1, Reason.INVALID_MESSAGE, column),)


def test_an_event_is_at_most_64_kb() -> None:
    size = len(json.dumps(GOOD | {"data": ""}))
    fits = GOOD | {"data": "x" * (64 * 1024 - size)}
    assert structured(fits).malformed == ()
    (fault,) = structured(fits | {"data": fits["data"] + "x"}).malformed
    assert fault.reason is Reason.MESSAGE_TOO_LARGE


@pytest.mark.parametrize(
    "broken",
    [
        {"subject": ANN},
        {"subject": f"bsn:{ANN}"},
        {"subject": f"{ANN[:4]}.{ANN[4:6]}.{ANN[6:]}"},
        {"id": f"x%20{ANN}"},
        {"dataref": f"https://brp.voorbeeld.nl/personen/{ANN}"},
        {"nlburger": ANN},
        {f"n{ANN}": "x"},
        {"time": f"on {ANN}"},
    ],
)
def test_nothing_is_kept_of_an_event_with_a_citizens_number_in_its_context(
    lake: Lake, tmp_path: Path, broken: dict[str, str]
) -> None:
    first, second = recorded_lines("brp.jsonl")
    (tmp_path / "brp.json").write_text(json.dumps([first | broken, second]))
    report = run(lake, tmp_path / "brp.json")
    assert report.quarantined["register"] == {"identifier-in-context": 1}
    assert events(lake)["type"].to_list() == ["died"]
    (row,) = lake.scan("quarantine").collect().to_dicts()
    assert (row["row"], row["record"]) == (1, None)
    kept = [str(lake.scan(table).collect().to_dicts()) for table in TABLES]
    assert not any(ANN in text or "Utrecht" in text for text in kept)


@pytest.mark.parametrize(
    "innocent",
    [
        {"id": f"0a1b2c3d-0000-4000-8000-a{ANN}bc"},
        {"traceparent": f"00-{'0af7651916cd43dd8448eb21'}-{ANN[:8]}-01"},
        {"time": f"2026-01-01T10:00:00.{ANN}Z"},
        {"subject": "123456789"},
    ],
)
def test_a_number_that_is_nobodys_is_no_reason_to_refuse(innocent: dict[str, str]) -> None:
    assert structured(GOOD | innocent).malformed == ()


context = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True).filter(
        lambda name: name not in ("data", "datacontenttype", *GOOD)
    ),
    st.text(
        st.characters(min_codepoint=0x20, max_codepoint=0x2FF, exclude_categories=["Cc", "Cs"]),
        min_size=1,
        max_size=10,
    ),
    max_size=3,
)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
data = st.dictionaries(
    st.text(min_size=1, max_size=5),
    scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars),
    max_size=3,
)


@settings(max_examples=40)
@given(extra=context, carried=data)
def test_a_binary_event_says_what_a_structured_one_says(
    extra: dict[str, str], carried: dict[str, Any]
) -> None:
    event = GOOD | extra
    headers = {f"Ce-{name}": quote(text) for name, text in event.items()}
    headers["Content-Type"] = "application/json"
    binary = received(headers, json.dumps(carried).encode())
    assert only(binary) == only(structured(event | {"data": carried}))


@settings(max_examples=40)
@given(
    batch=st.lists(
        st.builds(lambda extra, carried: GOOD | extra | {"data": carried}, context, data)
        | st.just({"id": "no event"}),
        max_size=4,
    )
)
def test_a_batch_is_its_events_one_by_one(batch: list[dict[str, Any]]) -> None:
    whole = received({"content-type": BATCH}, json.dumps(batch).encode())
    alone = [structured(event) for event in batch]
    rows = [number for number, one in enumerate(alone, 1) if one.frame.height]
    assert whole.rows.to_list() == rows
    faults = [
        (number, bad.reason, bad.column)
        for number, one in enumerate(alone, 1)
        for bad in one.malformed
    ]
    assert [(bad.row, bad.reason, bad.column) for bad in whole.malformed] == faults
    apart = pl.concat(
        [one.frame for one in alone if one.frame.height] or [pl.DataFrame()], how="diagonal"
    )
    assert whole.frame.to_dicts() == apart.select(whole.frame.columns).to_dicts() or not rows


def test_data_that_is_not_json_is_one_text() -> None:
    event = GOOD | {"datacontenttype": "text/xml", "data": "<a/>"}
    headers = {f"ce-{name}": text for name, text in GOOD.items()} | {"content-type": "text/xml"}
    assert only(structured(event)) == only(received(headers, b"<a/>"))
    assert only(structured(event))["data"] == "<a/>"


def test_data_in_base64_is_read_as_its_type_says() -> None:
    packed = base64.b64encode(b'{"a": {"b": 1}}').decode()
    assert only(structured(GOOD | {"data_base64": packed}))["data.a.b"] == "1"
    picture = GOOD | {
        "datacontenttype": "image/png",
        "data_base64": base64.b64encode(b"\xff").decode(),
    }
    assert "data" not in only(structured(picture))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": STRUCTURED}, b"{"),
        ({"content-type": STRUCTURED}, b"[]"),
        ({"content-type": BATCH}, b"{}"),
        ({"content-type": BATCH}, b'[{"id'),
        ({"content-type": "application/json"}, b"{}"),
        ({}, b""),
        (
            {"ce-id": "1", "content-type": "application/json"}
            | {f"ce-{k}": v for k, v in GOOD.items()},
            b"{",
        ),
    ],
)
def test_a_request_that_is_no_event_is_told_and_not_raised(
    headers: dict[str, str], body: bytes
) -> None:
    chunk = received(headers, body)
    assert chunk.frame.height == 0
    assert len(chunk.malformed) == 1
