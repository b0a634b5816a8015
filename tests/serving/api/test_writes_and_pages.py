"""Writes that are sent again, answers that still hold, lists in pages, and doors that stay shut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from starlette.testclient import TestClient

from serving.api.app import app_of
from serving.api.bodies import LARGEST
from serving.erased_rows import erase_rows
from serving.errors import ConflictError
from serving.repeats import Asked, Repeats
from serving.schema import audit, idempotency_keys, objections
from serving.security.rates import Rates
from serving.security.tokens import AUDIENCE, ISSUER
from tests.serving.office import BAKKER, JANSEN, KIM, NOW, OLA, PURPOSE, VISSER, Office

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {office.token(KIM)}"
        yield client


def about(office: Office, **more: Any) -> dict[str, Any]:
    return {"citizen": str(office.citizen(VISSER)), "purpose": PURPOSE} | more


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


# Writes that are sent again


def test_the_same_key_and_body_give_the_same_answer_and_another_body_a_conflict(
    client: TestClient, office: Office
) -> None:
    path, body = "/v1/objections", about(office, service="coffee")
    first = client.post(path, json=body, headers=key("a"))
    assert first.status_code == 201
    client.post(f"/v1/objections/{first.json()['id']}/_withdraw")
    again = client.post(path, json=body, headers=key("a"))
    assert (again.status_code, again.json()) == (201, first.json())
    other = client.post(path, json=body | {"service": "aid"}, headers=key("a"))
    assert (other.status_code, other.headers["content-type"]) == (409, PROBLEM)
    new = client.post(path, json=body, headers=key("b"))
    assert new.json()["id"] != first.json()["id"]
    ola = {"Authorization": f"Bearer {office.token(OLA)}"}
    theirs = client.post(path, json=body | {"service": "aid"}, headers=key("a") | ola)
    assert theirs.status_code == 201  # another's key is another key


def test_what_went_wrong_may_be_sent_again_under_its_key(
    client: TestClient, office: Office
) -> None:
    wrong = client.post("/v1/objections", json=about(office, service="x"), headers=key("c"))
    assert wrong.status_code == 404
    right = client.post("/v1/objections", json=about(office, service="aid"), headers=key("c"))
    assert right.status_code == 201


@pytest.mark.parametrize("name", ["", "é", "x" * 256, "a b"])
def test_a_key_that_is_none_is_a_400(client: TestClient, office: Office, name: str) -> None:
    headers = [(b"Idempotency-Key", name.encode())]
    answer = client.post("/v1/objections", json=about(office), headers=headers)
    assert answer.status_code == 400


def test_many_at_once_with_one_key_are_done_once(client: TestClient, office: Office) -> None:
    body = about(office, citizen=str(office.citizen(office.people[20])))

    def send(_: int) -> Any:
        return client.post("/v1/objections", json=body, headers=key("at-once"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    count = select(func.count()).where(objections.c.citizen == int(body["citizen"]))
    with office.application.database.read() as connection:
        assert connection.execute(count).scalar_one() == 1


class Clock:
    now = datetime(2026, 6, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_write_that_was_cut_off_may_be_done_again_after_a_while(office: Office) -> None:
    clock, asked = Clock(), Asked("kim", "/v1/things", uuid4().hex, "body")
    repeats = Repeats(office.application.database, office.application.sealing, clock)
    repeats._claim(asked, None)  # and then the lights went out
    with pytest.raises(ConflictError):
        repeats.once(asked, lambda: "done")
    clock.now += timedelta(minutes=6)
    assert repeats.once(asked, lambda: "done") == "done"
    assert repeats.once(asked, lambda: "not again") == "done"
    clock.now += timedelta(days=2)
    assert repeats.once(asked, lambda: "forgotten by now") == "forgotten by now"


def test_nothing_that_is_kept_of_an_answer_can_be_read_and_it_goes_with_the_citizen(
    client: TestClient, office: Office
) -> None:
    citizen = office.citizen(office.people[21])
    body = about(office, citizen=str(citizen))
    client.post("/v1/objections", json=body, headers=key("123456782"))
    database = office.application.database
    this = select(idempotency_keys).where(idempotency_keys.c.citizen == citizen)
    with database.read() as connection:
        row = connection.execute(this).one()
    for secret in (b"123456782", str(citizen).encode(), b"objection"):
        assert secret not in row.key + row.asked + row.answer
    with database.write() as connection:
        assert erase_rows(connection, [citizen])["idempotency_keys"] == 1


# Answers that still hold


def test_the_catalogue_is_sent_once_as_long_as_the_pack_is_the_same(client: TestClient) -> None:
    for path in ("/v1/services", "/v1/services/top-up", "/v1/purposes"):
        first = client.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        for told in (tag, f'"other", W/{tag}'):
            again = client.get(path, headers={"If-None-Match": told})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["api-version"]
        english = client.get(path, params={"language": "en"}, headers={"If-None-Match": tag})
        assert english.status_code == 200
        assert english.headers["etag"] != tag
    unspoken = client.get("/v1/services", params={"language": "fr"})
    assert unspoken.status_code == 400


# Lists in pages


@pytest.mark.parametrize("path", ["/v1/looks/_search", "/v1/timelines/_search"])
def test_pages_joined_are_the_whole(client: TestClient, office: Office, path: str) -> None:
    items = "items" if "looks" in path else "entries"
    body = about(office, citizen=str(office.citizen(BAKKER)))
    for _ in range(3):
        client.post("/v1/timelines/_search", json=body)
    whole = client.post(path, json=body).json()[items]
    joined: list[Any] = []
    cursor = None
    while True:
        answer = client.post(path, json=body | {"limit": 2, "cursor": cursor}).json()
        joined += answer[items]
        assert len(answer[items]) <= 2
        cursor = answer["next"]
        if cursor is None:
            break
    if "looks" in path:  # looking through the pages was looked at too
        joined = [one for one in joined if one["number"] <= whole[0]["number"]]
    assert len(whole) > 2
    assert joined == whole


def test_decisions_come_in_pages(client: TestClient, office: Office) -> None:
    body = about(office, citizen=str(office.citizen(JANSEN)))
    for days in (5, 6, 7):
        card = client.post("/v1/suggestions/_search", json=body).json()["cards"]
        if not card:
            break
        until = (NOW + timedelta(days=days)).date().isoformat()
        decision = {"suggestion": card[0]["id"], "outcome": "deferred", "until": until}
        assert client.post("/v1/decisions", json=decision).status_code == 201
    first = client.post("/v1/decisions/_search", json=body | {"limit": 1}).json()
    rest = client.post("/v1/decisions/_search", json=body | {"cursor": first["next"]}).json()
    whole = client.post("/v1/decisions/_search", json=body).json()
    assert len(whole["items"]) > 1
    assert first["items"] + rest["items"] == whole["items"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "cursor", ["!", "MTI", "YWJj", "2YPZh9w", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
@pytest.mark.parametrize("kind", ["decisions", "timelines"])
def test_a_cursor_that_is_none_is_a_400(
    client: TestClient, office: Office, kind: str, cursor: str
) -> None:
    answer = client.post(f"/v1/{kind}/_search", json=about(office, cursor=cursor))
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


# Doors that stay shut


def test_a_body_that_is_too_large_is_a_413_told_or_not(client: TestClient) -> None:
    large = b'{"purpose": "' + b"x" * LARGEST + b'"}'
    kind = {"Content-Type": "application/json"}
    for body in (large, iter([large[:9], large[9:]])):
        answer = client.post("/v1/objections", content=body, headers=kind)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
def test_a_body_that_is_no_json_is_a_415(client: TestClient, office: Office, kind: str) -> None:
    body = json.dumps(about(office))
    answer = client.post("/v1/objections", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (415, PROBLEM)


def test_who_asks_too_much_is_told_how_long_to_wait(office: Office) -> None:
    app = app_of(replace(office.application, rates=Rates("2/hour")))
    head = {"Authorization": f"Bearer {office.token(KIM)}"}
    client = TestClient(app)
    answers = [client.get("/v1/purposes", headers=head) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["content-type"] == PROBLEM
    assert 1 <= int(answers[2].headers["retry-after"]) <= 3600
    assert client.get("/healthz").status_code == 200


def forged(office: Office, **changes: Any) -> Iterator[str]:
    """Tokens that are not valid here, each for a reason of its own."""
    now = datetime.now(UTC)
    right = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "kim",
        "roles": ["caseworker"],
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    own = Ed25519PrivateKey.from_private_bytes(office.workspace.secret("token"))
    foreign = Ed25519PrivateKey.generate()
    yield jwt.encode(right, foreign, algorithm="EdDSA")
    yield jwt.encode(right, None, algorithm="none")
    yield jwt.encode(right, b"k" * 32, algorithm="HS256")
    for wrong in (
        {"aud": "another"},
        {"iss": "another"},
        {"exp": now - timedelta(minutes=1)},
        {"nbf": now + timedelta(hours=1)},
    ):
        yield jwt.encode(right | wrong, own, algorithm="EdDSA")
    yield "nonsense"
    yield "a.b.c"
    yield "x" * 20_000


def test_a_token_that_is_not_valid_is_a_401_and_nothing_is_told(
    client: TestClient, office: Office
) -> None:
    body = {"identifier": {"scheme": "bsn", "value": JANSEN.number}, "purpose": PURPOSE}
    told = set()
    for token in forged(office):
        head = {"Authorization": f"Bearer {token}"}
        answer = client.post("/v1/persons/_search", json=body, headers=head)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        told.add(answer.json()["detail"])
    assert told <= {"This token is not valid here.", "Your token has ended. Ask for a new one."}


def test_a_traceparent_is_carried_into_the_audit(client: TestClient, office: Office) -> None:
    trace = uuid4().hex
    head = {"traceparent": f"00-{trace}-{'1' * 16}-01"}
    client.post("/v1/timelines/_search", json=about(office), headers=head)
    with office.application.database.read() as connection:
        found = connection.execute(select(audit.c.action).where(audit.c.trace == trace)).scalars()
        assert list(found) == ["timeline"]
