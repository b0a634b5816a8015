"""What a citizen may ask under the law, and the audit for auditors, over the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.access import Access
from serving.api.app import app_of
from tests.serving.office import AUDITOR, JANSEN, KIM, PURPOSE, Office

REQUESTS = "/v1/rights-requests"


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {office.token(KIM)}"
        yield client


def about(office: Office, **more: Any) -> dict[str, Any]:
    return {"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE} | more


def audit(client: TestClient, office: Office, **asked: Any) -> dict[str, Any]:
    token = {"Authorization": f"Bearer {office.token(AUDITOR)}"}
    answer = client.post("/v1/audit/_search", json=asked, headers=token)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_correction_is_asked_once_stands_in_the_report_and_is_settled(
    client: TestClient, office: Office
) -> None:
    body = about(office, kind="correction", source="register", about="income", text="It is lower.")
    key = {"Idempotency-Key": "one"}
    kept = client.post(REQUESTS, json=body, headers=key)
    assert kept.status_code == 201
    assert kept.json()["answerBefore"] == "2026-07-01"
    assert client.post(REQUESTS, json=body, headers=key).json() == kept.json()
    settled = client.post(f"{REQUESTS}/{kept.json()['id']}/_settle")
    assert settled.json() == {"settled": kept.json()["id"]}
    report = client.post("/v1/access-reports/_search", json=about(office, language="en")).json()
    (asked,) = report["requests"]
    assert (asked["text"], asked["sourceTitle"], asked["settledBy"]) == (
        "It is lower.",
        "Register",
        KIM.name,
    )
    assert {held["source"] for held in report["held"]} == {"register", "desk"}


def test_a_correction_says_where_and_what(client: TestClient, office: Office) -> None:
    nowhere = client.post(REQUESTS, json=about(office, kind="correction", text="It is lower."))
    assert (nowhere.status_code, nowhere.json()["status"]) == (400, 400)
    assert "at which source" in nowhere.json()["detail"]


def test_another_caseload_is_refused_and_the_refusal_audited(office: Office) -> None:
    caseloads = office.application.casework.caseloads
    held = Access(office.pack, office.application.audit, caseloads)
    casework = replace(office.application.casework, access=held)
    app = app_of(replace(office.application, access=held, casework=casework))
    client = TestClient(app, headers={"Authorization": f"Bearer {office.token(KIM)}"})
    for path, more in ((REQUESTS, {"kind": "erasure"}), ("/v1/access-reports/_search", {})):
        assert client.post(path, json=about(office, **more)).status_code == 403
    refused = audit(client, office, action="refused: another's caseload")["items"]
    assert [one["refused"] for one in refused] == [True, True]


def test_the_audit_is_read_page_by_page_and_says_that_it_is_whole(
    client: TestClient, office: Office
) -> None:
    citizen = str(office.citizen(JANSEN))
    client.post("/v1/access-reports/_search", json=about(office))
    client.post("/v1/access-reports/_search", json=about(office))
    wanted = {"citizen": citizen, "by": KIM.subject, "action": "access report"}
    first = audit(client, office, limit=1, **wanted)
    second = audit(client, office, limit=1, cursor=first["next"], **wanted)
    (one,), (other,) = first["items"], second["items"]
    assert first["whole"] is True
    assert one["number"] > other["number"]
    assert {one["citizen"], other["citizen"]} == {citizen}
    looked = audit(client, office, citizen=citizen, limit=1)["items"]
    assert [entry["action"] for entry in looked] == ["open audit trail"]
