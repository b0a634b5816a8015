"""ZGW: cases become what happened in them, and notifications lead to them, lost or doubled."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest

from features.lake import Lake
from features.pulled import ingest_pulled
from features.quarantine import Reason
from features.sources.chunks import Chunk, Malformed
from features.sources.json_files import Json, NoMessage
from features.sources.reading import needed_columns
from features.sources.zgw_cases import case_rows
from features.sources.zgw_notifications import notification_rows
from features.sources.zgw_pull import NotFetched, Puller
from tests.features.silos import NOW, PSEUDONYMS, contents
from tests.features.sources.services_town import (
    ANN,
    RECORDED,
    events,
    mapping,
    recorded,
    recorded_lines,
    run,
    services_town,
)

ROOT = "https://zaken.voorbeeld.nl/"
ZAKEN = ROOT + "zaken/api/v1/"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


def case() -> Json:
    found: Json = recorded("zaken.json")["results"][0]
    return found


def happenings(told: Json) -> dict[str, dict[str, str | None]]:
    """The rows of a case by happening (the last one of each)."""
    return {str(row["happening"]): dict(row) for row in case_rows(told)}


# -- notifications -----------------------------------------------------------------------------


def test_a_notification_is_an_event_of_its_channel() -> None:
    (row,) = notification_rows(recorded_lines("notificaties.jsonl")[1])
    assert row["type"] == "nl.overheid.zaken.status-create"
    assert row["source"] == "https://zaken.voorbeeld.nl"
    assert row["time"] == "2026-02-03T09:00:02Z"
    assert row["subject"] == "6b1d9c1e-0c6a-4d0e-9f5a-000000000041"
    assert row["dataref"] == ZAKEN + "statussen/6b1d9c1e-0c6a-4d0e-9f5a-000000000061"
    assert row["data.kenmerken.vertrouwelijkheidaanduiding"] == "zaakvertrouwelijk"


def test_a_doubled_notification_is_one_event(lake: Lake, tmp_path: Path) -> None:
    told = recorded_lines("notificaties.jsonl")
    (tmp_path / "notificaties.json").write_text(json.dumps([*told, *told[:2]]))
    assert run(lake, tmp_path).events == len(told)


@pytest.mark.parametrize(
    "name", ["kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum"]
)
@pytest.mark.parametrize("value", [None, "", 7, {"a": 1}])
def test_a_notification_says_everything_it_must(name: str, value: Any) -> None:
    with pytest.raises(NoMessage) as refused:
        notification_rows(recorded_lines("notificaties.jsonl")[0] | {name: value})
    assert (refused.value.reason, refused.value.column) == (Reason.INVALID_MESSAGE, name)


def test_an_address_with_a_citizens_number_is_refused(lake: Lake, tmp_path: Path) -> None:
    told = recorded_lines("notificaties.jsonl")[0] | {"resourceUrl": f"{ROOT}x/{ANN}"}
    (tmp_path / "notificaties.json").write_text(json.dumps([told]))
    assert run(lake, tmp_path).quarantined["notices"] == {"identifier-in-context": 1}


# -- cases -------------------------------------------------------------------------------------


def test_the_recorded_case_lands_as_what_happened_in_it(lake: Lake) -> None:
    report = run(lake, RECORDED / "zaken.json")
    assert report.quarantined["cases"] == {}
    found = events(lake)
    assert sorted(found["type"]) == sorted(
        "case-opened case-step case-step case-step case-handover case-planned case-suspended "
        "case-closed granted decided decision-withdrawn".split()
    )
    assert found["citizen"].unique().to_list() == [PSEUDONYMS.one("bsn", ANN)]
    assert found["case_id"].unique().to_list() == ["ZAAK-2026-0000000041"]
    steps = found.filter(type="case-step")
    assert steps["actor"].to_list() == [None, "m.jansen", "m.jansen"]
    planned = json.loads(
        found.row(by_predicate=pl.col("type") == "case-planned", named=True)["attributes"]
    )
    assert planned == {
        "planned_end": "2026-03-02",
        "latest_end": "2026-04-27",
        "extension": "P28D",
        "suspended": "true",
    }


def test_notes_are_not_handed_on() -> None:
    for row in case_rows(case()):
        told = " ".join(text for text in row.values() if text)
        assert "wasmachine" not in told
        assert "gebeld" not in told


def test_a_closed_case_is_known_when_its_last_status_is() -> None:
    assert happenings(case())["closed"]["known"] == "2026-03-20T15:00:00Z"


def test_a_case_fetched_as_it_goes_on_tells_only_what_is_new(lake: Lake, tmp_path: Path) -> None:
    whole = case()
    early = copy.deepcopy(whole) | {"einddatum": None, "opschorting": {"indicatie": False}}
    early |= {"verlenging": None, "uiterlijkeEinddatumAfdoening": "2026-03-30"}
    early["_expand"] |= {
        "statussen": whole["_expand"]["statussen"][:2],
        "resultaat": None,
        "besluiten": [],
    }
    for number, told in enumerate([early, whole]):
        (tmp_path / f"zaken-{number}.json").write_text(json.dumps(told))
        run(lake, tmp_path / f"zaken-{number}.json")
    assert contents(lake, "quarantine") == {"quarantine": []}
    deadlines = events(lake).filter(type="case-planned")["attributes"]
    assert [json.loads(text)["latest_end"] for text in deadlines] == ["2026-03-30", "2026-04-27"]
    assert events(lake).filter(pl.col("type") != "case-planned").height == 10


def test_a_case_of_which_little_is_told_is_still_opened() -> None:
    rows = list(case_rows({"url": ROOT + "zaken/7", "startdatum": "2026-01-01"}))
    assert [(row["happening"], row["zaak.uuid"]) for row in rows] == [("opened", "7")]


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        ({"uuid": None, "url": None}, "uuid"),
        ({"startdatum": None}, "startdatum"),
        ({"_expand": {"statussen": [{"uuid": "1"}]}}, "datumStatusGezet"),
    ],
)
def test_what_is_no_case_is_malformed_and_its_neighbours_land(
    lake: Lake, tmp_path: Path, broken: Json, column: str
) -> None:
    (tmp_path / "zaken.json").write_text(json.dumps([case() | broken, case(), "no case"]))
    report = run(lake, tmp_path)
    assert report.events == 11
    told = lake.scan("quarantine").select("row", "reason", "column").collect().sort("row").rows()
    assert told == [(1, "invalid-message", column), (3, "malformed-row", None)]


@pytest.mark.parametrize("odd", [None, 1, "x", [], ["x"], {"a": {}}, [{"uuid": "1"}]])
@pytest.mark.parametrize("name", ["_expand", "verlenging", "opschorting", "status", "rollen"])
def test_a_case_in_an_odd_shape_never_raises_anything_else(name: str, odd: Any) -> None:
    told = case() | {name: odd}
    told["_expand"] = told["_expand"] if name == "_expand" else case()["_expand"] | {name: odd}
    try:
        list(case_rows(told))
    except NoMessage:
        assert name in ("rollen", "_expand", "status")


# -- fetching ----------------------------------------------------------------------------------


class Site:
    """The recorded API, and what was asked of it."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = recorded("zgw_api.json")
        self.down: set[str] = set()
        self.asked: list[str] = []

    def get(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url)
        if any(part in url for part in self.down):
            raise NotFetched(503)
        for name in ("statussen", "rollen"):
            if f"/{name}?zaak=" in url:
                wanted = unquote(url.partition("?zaak=")[2]).removesuffix("&page=2")
                found = [item for item in self.answers[name] if item["zaak"] == wanted]
                if url.endswith("&page=2"):
                    return {"results": found[1:], "next": None}
                following = url + "&page=2" if len(found) > 1 else None
                return {"count": len(found), "next": following, "results": found[:1]}
        if url not in self.answers:
            raise NotFetched(404)
        answer: Mapping[str, Any] = self.answers[url]
        return answer


COLUMNS = list(needed_columns(mapping("cases")))


def pulled(lake: Lake, puller: Puller, notifications: list[Json]) -> int:
    """How many events the notifications bring."""

    def chunks() -> Iterator[Chunk]:
        return puller.pull(notifications, COLUMNS)

    cases = mapping("cases")
    report = ingest_pulled(services_town(), lake, PSEUDONYMS, "cases", cases, chunks, now=NOW)
    assert report.refused == []
    return report.events


def test_notifications_lead_to_the_case_and_all_that_belongs_to_it(lake: Lake) -> None:
    site = Site()
    puller = Puller(site, [ROOT])
    assert pulled(lake, puller, recorded_lines("notificaties.jsonl")) == 7
    assert puller.missed == []
    assert sorted(events(lake)["type"]) == sorted(
        "case-opened case-step case-step case-step case-handover case-planned decided".split()
    )
    assert len(site.asked) == len(set(site.asked)), "everything is fetched once"
    known = events(lake)["known_at"].unique().to_list()
    assert [moment.isoformat() for moment in known] == ["2026-03-19T12:00:00+00:00"]


def test_doubled_late_and_shuffled_notifications_change_nothing(lake: Lake) -> None:
    told = recorded_lines("notificaties.jsonl")
    pulled(lake, Puller(Site(), [ROOT]), told)
    before = contents(lake)
    assert pulled(lake, Puller(Site(), [ROOT]), [*reversed(told), *told]) == 0
    assert contents(lake) == before


def test_what_a_lost_notification_would_have_told_comes_with_the_next(lake: Lake) -> None:
    told = recorded_lines("notificaties.jsonl")
    assert pulled(lake, Puller(Site(), [ROOT]), [told[1]]) == 6
    assert pulled(lake, Puller(Site(), [ROOT]), [told[4]]) == 1


def test_a_case_that_cannot_be_fetched_blocks_no_other_and_is_tried_again(lake: Lake) -> None:
    site, told = Site(), recorded_lines("notificaties.jsonl")[:1]
    other = json.loads(json.dumps(told[0]).replace("000000000041", "000000000042"))
    zaak = site.answers[told[0]["hoofdObject"]]
    site.answers[other["hoofdObject"]] = zaak | {
        "url": other["hoofdObject"],
        "uuid": other["hoofdObject"][-36:],
    }
    site.down = {told[0]["hoofdObject"]}
    puller = Puller(site, [ROOT])
    pulled(lake, puller, [told[0], other])
    assert [(missed.notification, missed.again) for missed in puller.missed] == [(told[0], True)]
    assert "503" in puller.missed[0].problem
    site.down = set()
    assert pulled(lake, puller, []) == 6
    assert puller.missed == []
    assert pulled(lake, Puller(site, [ROOT], kept=[told[0]]), []) == 0


def test_half_a_case_is_no_case(lake: Lake) -> None:
    site = Site()
    site.down = {"rollen?"}
    puller = Puller(site, [ROOT])
    assert pulled(lake, puller, recorded_lines("notificaties.jsonl")) == 0
    assert len(puller.missed) == 5
    assert contents(lake, "events", "quarantine") == {"events": [], "quarantine": []}


def test_a_connection_that_breaks_is_tried_again() -> None:
    class Broken:
        def get(self, url: str) -> Mapping[str, Any]:
            raise ConnectionResetError

    puller = Puller(Broken(), [ROOT])
    assert list(puller.pull(recorded_lines("notificaties.jsonl"), COLUMNS)) == []
    assert {missed.again for missed in puller.missed} == {True}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"hoofdObject": ROOT + "zaken/api/v1/zaken/gone"}, False),
        ({"hoofdObject": "https://elsewhere.example/zaken/1"}, False),
        ({"hoofdObject": ROOT.replace("nl/", "nl.elsewhere.example/") + "zaken/1"}, False),
        ({"hoofdObject": ROOT + "../secret"}, False),
        ({"kanaal": "documenten"}, False),
        ({"actie": "destroy"}, False),
    ],
)
def test_what_will_never_be_there_is_told_and_not_tried_again(
    changed: dict[str, str], again: bool
) -> None:
    site = Site()
    notification = recorded_lines("notificaties.jsonl")[0] | changed
    puller = Puller(site, [ROOT])
    assert list(puller.pull([notification], COLUMNS)) == []
    assert [missed.again for missed in puller.missed] == [again]
    assert all(url.startswith(ROOT) and ".." not in url for url in site.asked)
    assert list(puller.pull([], COLUMNS)) == []
    assert puller.missed == []


def test_what_is_no_notification_is_malformed_and_blocks_nothing() -> None:
    told = recorded_lines("notificaties.jsonl")[0]
    (chunk,) = Puller(Site(), [ROOT]).pull(
        [{"kanaal": "zaken"}, told | {"aanmaakdatum": "yesterday"}, told], COLUMNS
    )
    assert chunk.malformed == (
        Malformed(1, Reason.INVALID_MESSAGE, "hoofdObject"),
        Malformed(2, Reason.INVALID_MESSAGE, "aanmaakdatum"),
    )
    assert chunk.frame.height == 7


def test_a_root_is_an_address_that_ends_in_a_slash() -> None:
    with pytest.raises(ValueError, match="slash"):
        Puller(Site(), ["https://zaken.voorbeeld.nl"])
