"""Notifications lead to cases: kept, fetched over HTTP with a token, and in the lake once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from pydantic import SecretStr, ValidationError

from features.lake import Lake
from features.received import Reception
from features.sources.json_files import Json, NoMessage
from features.sources.zgw_pull import NotFetched
from serving.announcements import AT_ONCE, CLAIM, FIRST_PAUSE, Announcements
from serving.audit import Audit
from serving.case_fetching import CaseFetcher, Site
from serving.database import Database
from serving.identities import Vault
from serving.inbox import Inbox
from serving.landing import Lander
from serving.receiving import Receiving
from serving.sealing import Sealing
from serving.security import Caller, Role
from serving.standpoint import LakeView
from serving.zgw_client import ZgwClient
from serving.zgw_settings import ZgwApis
from tests.features.silos import NOW, PSEUDONYMS
from tests.features.sources.services_town import events, recorded, recorded_lines, services_town

RECORDED_AT = "https://zaken.voorbeeld.nl/"
SECRET = "a secret of both, known to nobody else in the town"
CASES = Caller("cases", "The case system", frozenset({Role.SOURCE}))


class Apis:
    """The recorded ZGW APIs on an address of this machine."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.down = False
        apis = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                apis.asked.append((self.path, self.headers.get("Authorization")))
                status, told = apis.answer(self.path)
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server.server_port}/"
        self.answers = self.here(recorded("zgw_api.json"))

    def here(self, told: Any) -> Any:
        """The recorded resources with addresses of this server."""
        return json.loads(json.dumps(told).replace(RECORDED_AT, self.root))

    def answer(self, path: str) -> tuple[int, Any]:
        url = self.root + path.removeprefix("/")
        if self.down:
            return 503, {}
        for name in ("statussen", "rollen"):
            if f"/{name}?zaak=" in url:
                wanted = unquote(url.partition("?zaak=")[2])
                return 200, {
                    "next": None,
                    "results": [one for one in self.answers[name] if one["zaak"] == wanted],
                }
        if path.endswith("/moved"):
            return 302, {}
        if path.endswith("/text"):
            return 200, b"no JSON"
        if path.endswith("/list"):
            return 200, []
        return (200, self.answers[url]) if url in self.answers else (404, {})


@pytest.fixture
def apis() -> Iterator[Apis]:
    made = Apis()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class Desk:
    """What takes notifications, fetches and lands, at an hour that can be set."""

    def __init__(self, folder: Path, apis: Apis) -> None:
        self.now = NOW
        pack, self.lake = services_town(), Lake(str(folder / "lake"), buckets=4)
        self.database = Database(f"sqlite:///{folder / 'voorzet.db'}")
        self.database.migrate()
        sealing = Sealing(b"k" * 32)
        vault = Vault(self.database, sealing, Audit(self.database, sealing))
        self.inbox = Inbox(self.database, 1000)
        self.announcements = Announcements(self.database)
        reception = Reception(pack, PSEUDONYMS, self.time)
        settings = ZgwApis(roots=(apis.root,), client_id="voorzet", secret=SecretStr(SECRET))
        self.client = ZgwClient(settings)
        site = Site(self.client, settings.roots)
        self.receiving = Receiving(
            pack=pack,
            lakes=LakeView(lambda: self.lake),
            reception=reception,
            inbox=self.inbox,
            announcements=self.announcements,
            fetched=frozenset({"cases"}),
            vault=vault,
            senders={},
            now=self.time,
        )
        self.fetcher = CaseFetcher(
            self.database, self.lake, reception, self.inbox, vault, {"cases": site}, self.time
        )
        self.lander = Lander(pack, self.database, self.lake, PSEUDONYMS, self.time)

    def time(self) -> datetime:
        return self.now

    def told(self, notifications: list[Json]) -> tuple[int, int, int]:
        receipt = self.receiving.receive("zgw-notifications", notifications, b"", by=CASES)
        return receipt.accepted, receipt.known, receipt.refused

    def landed(self) -> list[str]:
        self.lander.land()
        self.lake.refresh()
        return sorted(events(self.lake)["type"])


@pytest.fixture
def desk(tmp_path: Path, apis: Apis) -> Iterator[Desk]:
    made = Desk(tmp_path, apis)
    yield made
    made.lander.close()
    made.database.close()


def notifications(apis: Apis) -> list[Json]:
    found: list[Json] = apis.here(recorded_lines("notificaties.jsonl"))
    return found


WHOLE = sorted(
    "case-opened case-step case-step case-step case-handover case-planned decided".split()
)


def test_a_notification_brings_its_case_into_the_lake_once(desk: Desk, apis: Apis) -> None:
    told = notifications(apis)
    assert desk.told(told) == (len(told), 0, 0)
    assert desk.told(told) == (0, len(told), 0)
    assert desk.fetcher.fetch().cases == 1
    assert desk.landed() == WHOLE
    assert desk.announcements.waiting() == 0
    desk.told(told)
    assert desk.fetcher.fetch().cases == 1
    assert desk.landed() == WHOLE, "a case as it was says nothing new"


def test_a_case_that_moved_on_adds_what_is_new(desk: Desk, apis: Apis) -> None:
    told = notifications(apis)
    desk.told(told[:1])
    desk.fetcher.fetch()
    first = desk.landed()
    case = apis.answers[told[0]["hoofdObject"]]
    case["einddatum"] = "2026-03-18"
    desk.told(told[1:2])
    desk.fetcher.fetch()
    assert desk.landed() == sorted([*first, "case-closed"])


def test_the_token_says_who_asks(desk: Desk, apis: Apis) -> None:
    desk.told(notifications(apis)[:1])
    desk.fetcher.fetch()
    assert len(apis.asked) > 3
    for _, authorization in apis.asked:
        assert authorization is not None
        kind, _, token = authorization.partition(" ")
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
        assert (kind, claims["iss"], claims["client_id"]) == ("Bearer", "voorzet", "voorzet")


def test_apis_that_are_away_lose_nothing_and_are_asked_again_later(desk: Desk, apis: Apis) -> None:
    apis.down = True
    desk.told(notifications(apis)[:1])
    assert desk.fetcher.fetch().put_off == 1
    asked = len(apis.asked)
    assert desk.fetcher.fetch().put_off == 0
    assert len(apis.asked) == asked, "not before it is due"
    apis.down = False
    desk.now += FIRST_PAUSE
    assert desk.fetcher.fetch().cases == 1
    assert "case-opened" in desk.landed()
    assert desk.announcements.waiting() == 0


def test_what_was_being_fetched_when_the_process_ended_is_fetched_again(
    desk: Desk, apis: Apis
) -> None:
    desk.told(notifications(apis)[:1])
    assert len(desk.announcements.claim("cases", desk.now)) == 1
    assert desk.announcements.claim("cases", desk.now) == [], "another worker leaves it alone"
    desk.now += CLAIM
    assert desk.fetcher.fetch().cases == 1


def test_many_are_fetched_in_turns(desk: Desk, apis: Apis) -> None:
    (told, *_) = notifications(apis)
    many = [
        told
        | {"aanmaakdatum": (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n)).isoformat()}
        for n in range(AT_ONCE + 5)
    ]
    assert desk.told(many) == (AT_ONCE + 5, 0, 0)
    assert desk.fetcher.fetch().cases == 2
    assert desk.announcements.waiting() == 0


def test_what_leads_to_no_case_is_given_up_and_said(
    desk: Desk, apis: Apis, caplog: pytest.LogCaptureFixture
) -> None:
    (told, *_) = notifications(apis)
    elsewhere = told | {"hoofdObject": "https://elsewhere.example/zaken/1"}
    done = desk.told([elsewhere, told | {"hoofdObject": apis.root + "zaken/api/v1/zaken/gone"}])
    assert done == (2, 0, 0)
    found = desk.fetcher.fetch()
    assert (found.cases, found.put_off, found.given_up) == (0, 0, 2)
    assert desk.announcements.waiting() == 0
    assert "cases: 1 announced cases not fetched: the resource is gone" in caplog.text
    assert "elsewhere" not in caplog.text


def test_a_notification_that_is_none_is_refused_with_the_place(desk: Desk, apis: Apis) -> None:
    (told, *_) = notifications(apis)
    receipt = desk.receiving.receive(
        "zgw-notifications", [told, told | {"kanaal": ""}, {"kanaal": "zaken"}], b"", by=CASES
    )
    assert receipt.accepted == 1
    assert [(fault.message, fault.at) for fault in receipt.faults] == [
        (2, "kanaal"),
        (3, "hoofdObject"),
    ]


def test_more_than_a_notification_must_say_is_not_kept(desk: Desk, apis: Apis) -> None:
    (told, *_) = notifications(apis)
    desk.told([told | {"kenmerken": {"x": "Jansen"}, "y": "Jansen"}])
    (kept,) = desk.announcements.claim("cases", desk.now)
    assert "Jansen" not in json.dumps(kept.notification)


@pytest.mark.parametrize(
    ("path", "fault"),
    [("gone", NotFetched), ("moved", NotFetched), ("text", OSError), ("list", OSError)],
)
def test_what_is_no_resource_is_not_taken_for_one(
    desk: Desk, apis: Apis, path: str, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        desk.client.get(apis.root + path)
    assert not any(asked == "/elsewhere" for asked, _ in apis.asked)


@pytest.mark.parametrize("roots", [(), ("http://zaken.voorbeeld.nl/",), ("https://zaken.nl",)])
def test_credentials_go_over_closed_lines_to_named_addresses(roots: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        ZgwApis(roots=roots, client_id="voorzet", secret=SecretStr(SECRET))


def test_no_secret_is_shown() -> None:
    apis = ZgwApis(roots=("https://zaken.nl/",), client_id="voorzet", secret=SecretStr(SECRET))
    assert SECRET not in repr(apis)


def test_what_is_no_notification_is_not_kept(desk: Desk) -> None:
    with pytest.raises(NoMessage):
        desk.announcements.keep("cases", [{"kanaal": "zaken"}], NOW)
    assert desk.announcements.waiting() == 0
