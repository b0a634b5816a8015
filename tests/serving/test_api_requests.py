"""The API as a caller meets it: bodies, roles, faults, headers, and logs without identities."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.api.app import app_of
from serving.security import Caller, Role
from tests.serving.office import (
    AUDITOR,
    BAKKER,
    JANSEN,
    KIM,
    NOW,
    OLA,
    PURPOSE,
    Office,
)

SUGGESTIONS = "/v1/suggestions/_search"
PROBLEM = "application/problem+json"
ROUTES = [
    (SUGGESTIONS, {}),
    ("/v1/suggestions/_why-not", {}),
    ("/v1/timelines/_search", {}),
    ("/v1/persons/_search", {}),
    ("/v1/decisions/_search", {}),
]


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {office.token(KIM)}"
        yield client


def asked(office: Office, **more: Any) -> dict[str, Any]:
    return {"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE, "language": "en"} | more


def as_role(office: Office, caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {office.token(caller)}"}


def test_suggestions_come_as_cards_in_camel_case(client: TestClient, office: Office) -> None:
    answer = client.post(SUGGESTIONS, json=asked(office))
    assert answer.status_code == 200
    body = answer.json()
    assert body["citizen"] == str(office.citizen(JANSEN))
    card = body["cards"][0]
    assert (card["service"], card["group"], card["sure"]["dots"][0]) == ("top-up", "now", "●")
    assert card["ask"][0]["facts"] == ["savings"]
    assert card["modelVersion"] == office.bundle.version


def test_a_bsn_travels_in_the_body(client: TestClient, office: Office) -> None:
    identifier = {"scheme": "bsn", "value": JANSEN.number}
    answer = client.post(SUGGESTIONS, json={"identifier": identifier, "purpose": PURPOSE})
    assert answer.json()["citizen"] == str(office.citizen(JANSEN))
    identifier["value"] = "999999990"
    answer = client.post(SUGGESTIONS, json={"identifier": identifier, "purpose": PURPOSE})
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert "999999990" not in answer.text


def test_a_decision_is_stored_once_and_seen_again(client: TestClient, office: Office) -> None:
    body = asked(office, citizen=str(office.citizen(BAKKER)))
    card = client.post(SUGGESTIONS, json=body).json()["cards"][0]
    decision = {
        "suggestion": card["id"],
        "outcome": "deferred",
        "until": (NOW + timedelta(days=9)).date().isoformat(),
    }
    key = {"Idempotency-Key": "abc"}
    first = client.post("/v1/decisions", json=decision, headers=key)
    again = client.post("/v1/decisions", json=decision, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    other = client.post("/v1/decisions", json=decision | {"until": "2026-09-01"}, headers=key)
    assert other.status_code == 409
    stored = client.post("/v1/decisions/_search", json=body).json()["items"]
    assert [one["id"] for one in stored] == [first.json()["id"]]
    assert card["service"] not in [
        one["service"] for one in client.post(SUGGESTIONS, json=body).json()["cards"]
    ]


def test_all_faults_of_a_request_are_told_together_as_a_400(client: TestClient) -> None:
    answer = client.post(
        "/v1/decisions", json={"suggestion": "x", "outcome": "maybe", "until": "soon", "extra": 1}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert {fault["location"] for fault in problem["errors"]} == {
        "body.suggestion",
        "body.outcome",
        "body.until",
        "body.extra",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": PURPOSE},
        {"citizen": "1", "identifier": {"scheme": "bsn", "value": "1"}, "purpose": PURPOSE},
        {"citizen": "one", "purpose": PURPOSE},
        {"citizen": "99999999999999999999", "purpose": PURPOSE},
        {"citizen": "1", "purpose": PURPOSE, "slots": 0},
        {"citizen": "1", "purpose": "curiosity"},
        {"citizen": "1", "purpose": PURPOSE, "language": "fr"},
        {"identifier": {"scheme": "shoe", "value": "1"}, "purpose": PURPOSE},
        {"identifier": {"scheme": "bsn", "value": "123456789"}, "purpose": PURPOSE},
        {"identifier": {"scheme": "bsn", "value": "no number"}, "purpose": PURPOSE},
        [],
        None,
    ],
)
def test_what_cannot_be_asked_is_a_400(client: TestClient, body: object) -> None:
    answer = client.post(SUGGESTIONS, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


def test_broken_json_is_a_400(client: TestClient) -> None:
    answer = client.post(SUGGESTIONS, content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


@pytest.mark.parametrize(("path", "more"), ROUTES)
def test_an_unknown_citizen_is_a_404_problem(
    client: TestClient, path: str, more: dict[str, Any]
) -> None:
    if path == "/v1/decisions/_search":
        pytest.skip("nobody's decisions are an empty list")
    answer = client.post(path, json={"citizen": "12", "purpose": PURPOSE} | more)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize(("path", "more"), ROUTES)
def test_the_wrong_role_is_a_403_and_no_token_a_401(
    client: TestClient, office: Office, path: str, more: dict[str, Any]
) -> None:
    source = Caller("s", "S", frozenset({Role.SOURCE}))
    refused = client.post(path, json=asked(office) | more, headers=as_role(office, source))
    assert (refused.status_code, refused.headers["content-type"]) == (403, PROBLEM)
    nobody = client.post(path, json=asked(office) | more, headers={"Authorization": ""})
    assert (nobody.status_code, nobody.headers["content-type"]) == (401, PROBLEM)
    assert nobody.headers["www-authenticate"].startswith("Bearer")


def test_the_token_may_come_in_a_cookie(client: TestClient, office: Office) -> None:
    answer = client.post(
        SUGGESTIONS,
        json=asked(office),
        headers={"Authorization": "", "Cookie": f"voorzet={office.token(KIM)}"},
    )
    assert answer.status_code == 200


def test_objections_and_looks(client: TestClient, office: Office) -> None:
    somebody = str(office.citizen(office.people[-1]))
    body = {"citizen": somebody, "purpose": PURPOSE}
    made = client.post("/v1/objections", json=body)
    assert made.status_code == 201
    assert client.post(SUGGESTIONS, json=body).json()["cards"] == []
    withdrawn = client.post(f"/v1/objections/{made.json()['id']}/_withdraw")
    assert withdrawn.json()["withdrawnAt"] is not None
    looks = client.post("/v1/looks/_search", json=body, headers=as_role(office, AUDITOR)).json()[
        "items"
    ]
    assert {"suggest", "object", "withdraw objection"} <= {look["action"] for look in looks}
    unknown = client.post("/v1/objections", json=body | {"service": "nothing"})
    assert unknown.status_code == 404


def test_the_personal_approach_is_taken_up(client: TestClient, office: Office) -> None:
    body = asked(office, citizen=str(office.citizen(BAKKER)), taken=True)
    assert client.post("/v1/approaches", json=body).json()["owner"] == "Kim Caseworker"


def test_the_catalogue(client: TestClient) -> None:
    services = client.get("/v1/services", params={"language": "en"}).json()
    assert services[0]["title"] == "Income top-up"
    assert client.get("/v1/services/top-up").json()["provider"] == "Kantoor"
    assert client.get("/v1/services/nothing").status_code == 404
    assert [one["id"] for one in client.get("/v1/purposes").json()] == ["support", "mobility"]


def test_finding_people(client: TestClient, office: Office) -> None:
    body = {"query": "jansen", "purpose": PURPOSE}
    assert [one["name"] for one in client.post("/v1/citizens/_search", json=body).json()] == [
        "Jansen, A."
    ]
    refused = client.post("/v1/citizens/_search", json=body, headers=as_role(office, OLA))
    assert refused.status_code == 403


def test_health_needs_no_token(client: TestClient) -> None:
    assert client.get("/healthz", headers={"Authorization": ""}).json() == {"alive": True}
    ready = client.get("/readyz", headers={"Authorization": ""})
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


@pytest.mark.parametrize("path", ["/healthz", "/v1/campaigns", "/v1/nothing", "/v1/openapi.json"])
def test_every_answer_has_the_version_and_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["api-version"] == "1.0.0"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert ("access-control-allow-origin" in headers) == path.endswith("openapi.json")


def test_a_slash_at_the_end_is_a_404_and_no_redirect(client: TestClient) -> None:
    answer = client.get("/v1/services/", follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    wrong = client.get(SUGGESTIONS)
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, PROBLEM)


def test_the_openapi_document_tells_of_problems_and_no_422(client: TestClient) -> None:
    document = client.get("/v1/openapi.json", headers={"Authorization": ""}).json()
    assert document["openapi"].startswith("3.")
    assert set(document["info"]["contact"]) == {"name", "email", "url"}
    assert set(document["paths"]) >= {"/suggestions/_search", "/decisions", "/healthz"}
    fault = document["paths"]["/suggestions/_search"]["post"]["responses"]["400"]["content"]
    assert list(fault) == [PROBLEM]
    assert document["components"]["schemas"]["Suggestions"]["properties"]["citizen"]["type"] == (
        "string"
    )


def test_no_log_line_carries_an_identity(
    client: TestClient, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    identifier = {"scheme": "bsn", "value": JANSEN.number}
    client.post(SUGGESTIONS, json={"identifier": identifier, "purpose": PURPOSE})
    client.post("/v1/citizens/_search", json={"query": "Jansen", "purpose": PURPOSE})
    client.post("/v1/decisions", json={"comment": "Jansen", "suggestion": JANSEN.number})
    client.get(f"/v1/services/{JANSEN.number}")
    ours = [one for one in caplog.records if one.name.startswith("voorzet")]
    lines = [json.loads(one.getMessage()) for one in ours if one.name == "voorzet.requests"]
    assert {line["route"] for line in lines} >= {SUGGESTIONS, "/v1/services/{service}"}
    for record in ours:
        for secret in (JANSEN.number, "Jansen", str(office.citizen(JANSEN))):
            assert secret not in record.getMessage()


def test_an_unforeseen_fault_is_a_plain_500_and_the_log_has_the_trace(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(office.application)

    @app.get("/v1/breaks")
    def breaks() -> None:
        raise RuntimeError("inner details")

    app.router.routes.insert(0, app.router.routes.pop())
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/v1/breaks")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "inner details" not in answer.text
    assert any(one.exc_info for one in caplog.records if one.name == "voorzet.faults")
