"""Events through the API: accepted or refused one by one, seen at once, in the lake once."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from features.ingest import ingest
from features.lake import Lake
from serving.api.app import app_of
from serving.bootstrap import lander_of
from serving.errors import NotReadyError
from serving.inbox import Inbox
from serving.landing import GRACE, Lander
from serving.schema import inbox
from serving.security import Caller, Role
from tests.serving.office import (
    BAKKER,
    JANSEN,
    KIM,
    NOW,
    PURPOSE,
    VISSER,
    VRIES,
    Office,
    Somebody,
)

DESK = Caller("desk", "The desk's system", frozenset({Role.SOURCE}))
REGISTER = Caller("register", "The register", frozenset({Role.SOURCE}))
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
SENDER = "urn:nld:oin:00000001823288444000:systeem:desk"


@pytest.fixture(scope="module")
def office(any_office: Office) -> Office:
    """In each kind of database."""
    return any_office


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def lander(office: Office) -> Iterator[Lander]:
    made = lander_of(office.workspace, now=lambda: NOW)
    yield made
    made.close()
    made.database.close()


def event(name: str, somebody: Somebody, kind: str = "called", **more: Any) -> dict[str, Any]:
    data = {"bsn": somebody.number, "type": kind, "at": "2026-05-31T09:00:00+02:00"} | more
    told = {"specversion": "1.0", "id": name, "source": SENDER, "type": "nl.office.desk.happened"}
    return told | {"time": "2026-05-31T09:00:01+02:00", "data": data}


def send(
    client: TestClient, office: Office, body: Any, caller: Caller = DESK, kind: str = BATCH
) -> Any:
    headers = {"Authorization": f"Bearer {office.token(caller)}", "Content-Type": kind}
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/events", content=text, headers=headers)


def happened(office: Office, somebody: Somebody, kind: str) -> int:
    """How often something of a kind is on the timeline."""
    told = office.application.timeline(
        office.citizen(somebody), language="en", purpose=PURPOSE, by=KIM
    )
    return sum(entry.type == kind for entry in told.entries)


def in_lake(office: Office, table: str = "events") -> pl.DataFrame:
    lake = Lake(office.lake.uri, buckets=office.lake.buckets)
    return lake.scan(table).collect()


def test_what_was_accepted_counts_at_once_and_still_does_when_it_has_landed(
    client: TestClient, office: Office, lander: Lander
) -> None:
    citizen = office.citizen(VRIES)

    def whole() -> list[tuple[Any, ...]]:
        lake = office.application.suggester.lakes.current()
        frame = lake.citizen("events", citizen).drop("order")
        return frame.sort("event_id").rows()

    assert happened(office, VRIES, "called") == 0
    answer = send(client, office, [event("v-1", VRIES, minutes=4), event("v-2", VRIES)])
    assert (answer.status_code, answer.json()) == (
        202,
        {"accepted": 2, "known": 0, "refused": 0, "faults": []},
    )
    assert happened(office, VRIES, "called") == 2
    before = whole()
    assert lander.land().messages == 2
    assert whole() == before  # by a reader that still holds the lake of before
    office.application.suggester.lakes.renew()
    assert whole() == before  # and by one that sees it landed
    assert happened(office, VRIES, "called") == 2
    assert in_lake(office).filter(pl.col("event_id").is_in(["v-1", "v-2"])).height == 2


def test_an_event_changes_what_is_suggested_right_after(client: TestClient, office: Office) -> None:
    def gates() -> dict[str, str | None]:
        told = office.application.why_not(
            office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM
        )
        return {one.service: one.gate for one in told}

    assert gates()["coffee"] != "already-has"
    granted = event("granted", JANSEN, "granted", service="coffee")
    assert send(client, office, granted, kind=STRUCTURED).status_code == 202
    assert gates()["coffee"] == "already-has"


def test_the_same_event_again_changes_nothing(
    client: TestClient, office: Office, lander: Lander
) -> None:
    told = [event("again-1", VISSER), event("again-2", VISSER), event("again-1", VISSER)]
    assert send(client, office, told).json()["accepted"] == 2
    assert send(client, office, told).json() == {
        "accepted": 0,
        "known": 3,
        "refused": 0,
        "faults": [],
    }
    lander.land()
    lander.drain()
    with office.application.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(inbox)).scalar_one() == 0
    assert send(client, office, told).json()["accepted"] == 2  # nobody remembers, but the lake
    assert happened(office, VISSER, "called") == 2
    lander.land()
    assert in_lake(office).filter(pl.col("event_id").str.starts_with("again")).height == 2


def test_something_else_under_a_known_id_is_refused_and_set_aside(
    client: TestClient, office: Office, lander: Lander
) -> None:
    assert send(client, office, [event("one", BAKKER)]).status_code == 202
    answer = send(client, office, [event("one", BAKKER, "separated"), event("two", BAKKER)])
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["refused"]) == (1, 1)
    assert body["faults"][0] | {"detail": ""} == {
        "message": 1,
        "reason": "conflicting-duplicate",
        "at": "id",
        "detail": "",
    }
    lander.land()
    aside = in_lake(office, "quarantine").filter(pl.col("reason") == "conflicting-duplicate")
    assert aside.height == 1


def test_each_event_of_a_batch_is_judged_by_itself(
    client: TestClient, office: Office, lander: Lander
) -> None:
    bad = [
        event("b-1", JANSEN) | {"id": None},
        event("b-2", JANSEN, "flew-away"),
        event("b-3", JANSEN, at="yesterday"),
        event("b-4", JANSEN, bsn="123456789"),
        event("b-5", JANSEN) | {"subject": JANSEN.number},
        event("b-6", JANSEN) | {"type": "nl.elsewhere.happened"},
        "no event at all",
        event("b-8", JANSEN, minutes="many"),
    ]
    good = event("b-9", JANSEN)
    answer = send(client, office, [*bad, good])
    assert answer.status_code == 202
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (1, 8)
    assert [(one["message"], one["reason"], one.get("at")) for one in told["faults"]] == [
        (1, "invalid-message", "id"),
        (2, "unknown-event-type", "data.type"),
        (3, "bad-date", "data.at"),
        (4, "bsn-11-test", "data.bsn"),
        (5, "identifier-in-context", "subject"),
        (6, "unknown-event-type", "type"),
        (7, "malformed-row", None),
        (8, "bad-number", "data.minutes"),
    ]
    for private in (JANSEN.number, "123456789", "flew-away", "yesterday"):
        assert private not in answer.text
    before = in_lake(office, "quarantine").height
    lander.land()
    assert in_lake(office, "quarantine").height == before + 8
    assert send(client, office, bad).status_code == 400  # nothing of it could be accepted
    lander.land()
    # They were set aside already; what is no message at all is known by all that came with it.
    assert in_lake(office, "quarantine").height == before + 9
    corrected = send(client, office, [event("b-2", JANSEN)])
    assert corrected.json()["accepted"] == 1


def test_binary_mode_says_the_same_as_structured(client: TestClient, office: Office) -> None:
    told = event("binary", BAKKER)
    headers = {f"ce-{name}": text for name, text in told.items() if name != "data"}
    headers |= {"Authorization": f"Bearer {office.token(DESK)}", "Content-Type": "application/json"}
    answer = client.post("/v1/events", content=json.dumps(told["data"]), headers=headers)
    assert answer.json()["accepted"] == 1
    again = event("binary", BAKKER) | {"datacontenttype": "application/json"}
    assert send(client, office, again, kind=STRUCTURED).json()["known"] == 1


def test_data_may_be_base64(client: TestClient, office: Office) -> None:
    told = event("base64", BAKKER)
    data = base64.b64encode(json.dumps(told.pop("data")).encode()).decode()
    answer = send(client, office, told | {"data_base64": data}, kind=STRUCTURED)
    assert answer.json()["accepted"] == 1


def test_facts_are_corrected_and_withdrawn_at_once(
    client: TestClient, office: Office, lander: Lander
) -> None:
    citizen = office.citizen(BAKKER)

    def savings() -> list[str]:
        office.application.suggester.lakes.renew()
        told = office.application.timeline(citizen, language="en", purpose=PURPOSE, by=KIM)
        return sorted(
            entry.value or ""
            for entry in told.entries
            if entry.type == "savings" and entry.at.year == 2026
        )

    def register(name: str, at: str, **data: Any) -> None:
        about = {"bsn": BAKKER.number, "account": "A", "since": "2026-01-01"} | data
        told = event(name, BAKKER) | {"time": at, "data": about}
        assert send(client, office, [told], REGISTER).json()["accepted"] == 1

    register("s-1", "2026-05-01T10:00:00Z", savings=500)
    assert len(savings()) == 1
    first = savings()
    register("s-2", "2026-05-02T10:00:00Z", savings=70_000)
    corrected = savings()
    assert len(corrected) == 1
    assert corrected != first
    lander.land()
    assert savings() == corrected
    register("s-3", "2026-05-03T10:00:00Z", closed=True)
    assert savings() == []
    lander.land()
    assert savings() == []


def test_a_name_goes_to_the_vault_and_nowhere_else(
    client: TestClient, office: Office, lander: Lander
) -> None:
    about = {"bsn": VISSER.number, "name": "Visser-Zonneschijn, D.", "since": "2026-01-01"}
    told = event("named", VISSER) | {"data": about | {"income": 13_000}}
    assert send(client, office, [told], REGISTER).json()["accepted"] == 1
    person = office.application.person(
        office.citizen(VISSER), language="en", purpose=PURPOSE, by=KIM
    )
    assert person.name == "Visser-Zonneschijn, D."
    with office.application.database.read() as connection:
        kept = connection.execute(select(inbox.c.records)).scalars().all()
    assert kept
    assert not any("Zonneschijn" in records for records in kept)


def test_a_notification_of_a_case_system_is_answered_without_content(
    client: TestClient, office: Office
) -> None:
    root = "https://zaken.example.org/api/v1"
    told = {
        "kanaal": "contactmomenten",
        "hoofdObject": f"{root}/klantcontacten/a1",
        "resource": "klantcontact",
        "resourceUrl": f"{root}/klantcontacten/a1",
        "actie": "create",
        "aanmaakdatum": "2026-05-30T10:00:00Z",
        "kenmerken": {"bsn": VRIES.number},
    }
    headers = {"Authorization": f"Bearer {office.token(DESK)}"}
    before = happened(office, VRIES, "called")
    answer = client.post("/v1/notifications", json=told, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.post("/v1/notifications", json=told, headers=headers).status_code == 204
    assert happened(office, VRIES, "called") == before + 1
    test = client.post("/v1/notifications", json={"kanaal": "test"}, headers=headers)
    assert test.status_code == 204
    wrong = client.post("/v1/notifications", json=told | {"actie": 3}, headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["location"]) == (400, "body.1.actie")


@pytest.mark.parametrize("caller", [KIM, Caller("elsewhere", "Stray", frozenset({Role.SOURCE}))])
def test_only_a_source_of_the_pack_may_send(
    client: TestClient, office: Office, caller: Caller
) -> None:
    assert send(client, office, [event("x", JANSEN)], caller).status_code == 403


def test_what_is_no_cloudevent_is_told_so(client: TestClient, office: Office) -> None:
    assert send(client, office, b"x", kind="text/plain").status_code == 415
    assert send(client, office, b"[{]", kind=BATCH).status_code == 400
    assert send(client, office, b"", kind=STRUCTURED).status_code == 400
    assert send(client, office, b"x" * (17 << 20), kind=BATCH).status_code == 413
    assert send(client, office, b"[]", kind=BATCH).json()["accepted"] == 0


def test_a_full_inbox_asks_the_sender_to_come_back(
    client: TestClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Inbox(office.application.database, most=0)
    object.__setattr__(office.application.receiving, "inbox", full)
    answer = send(client, office, [event("late", JANSEN)])
    object.__setattr__(
        office.application.receiving, "inbox", Inbox(office.application.database, 200_000)
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert send(client, office, [event("late", JANSEN)]).json()["accepted"] == 1


def test_one_process_lands_at_a_time(office: Office, lander: Lander) -> None:
    lander.land()
    other = lander_of(office.workspace, now=lambda: NOW)
    with pytest.raises(NotReadyError, match="landing"):
        other.land()
    later = lander_of(office.workspace, now=lambda: NOW + timedelta(seconds=20))
    later.land()  # the first one has gone
    later.close()
    other.land()
    other.close()
    for made in (other, later):
        made.database.close()


def test_what_landed_leaves_the_inbox_after_a_while(
    client: TestClient, office: Office, lander: Lander
) -> None:
    send(client, office, [event("leaves", JANSEN)])
    lander.land()
    later = lander_of(office.workspace, now=lambda: NOW + GRACE + timedelta(seconds=30))
    assert later.land().cleared > 0
    later.close()
    later.database.close()


def test_the_same_messages_in_a_file_land_once_with_those_received(
    client: TestClient, office: Office, lander: Lander
) -> None:
    told = [event(f"file-{number}", VRIES) for number in range(3)]
    assert send(client, office, told[:2]).json()["accepted"] == 2
    file = office.workspace.silos / "desk" / "messages-1.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in told), encoding="utf-8")
    ingest(
        office.pack,
        office.workspace.open_lake(),
        office.workspace.pseudonyms(),
        office.workspace.silos,
        now=NOW,
    )
    lander.land()
    landed = in_lake(office).filter(pl.col("event_id").str.starts_with("file-"))
    assert sorted(landed["event_id"]) == ["file-0", "file-1", "file-2"]
