"""The hook that case systems call: discovery, cards, feedback, and who may call it from where."""

from __future__ import annotations

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from serving.answers import Outcome
from serving.api.app import app_of
from serving.schema import decisions
from serving.workspace import Workspace, WorkspaceError
from tests.serving.office import AUDITOR, BAKKER, JANSEN, KIM, PURPOSE, Office

HOOK = "/cds-services/voorzet-suggestions"
SITE = "https://cases.example.org"


@pytest.fixture(autouse=True)
def undecided(office: Office) -> None:
    with office.application.database.write() as connection:
        connection.execute(delete(decisions))


@pytest.fixture(scope="module")
def client(office: Office) -> TestClient:
    app = app_of(office.application, embed_origins=[SITE])
    return TestClient(app, headers={"Authorization": f"Bearer {office.token(KIM)}"})


def opened(office: Office, **context: object) -> dict[str, object]:
    asked = {"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE, "language": "en"}
    return {
        "hook": "citizen-view",
        "hookInstance": str(uuid4()),
        "context": asked | context,
        "fhirAuthorization": {"whatever": "a client of the standard may send"},
    }


def cards(client: TestClient, office: Office) -> list[dict]:
    answer = client.post(HOOK, json=opened(office))
    assert answer.status_code == 200, answer.text
    return answer.json()["cards"]


def say(client: TestClient, **feedback: object):
    told = {"outcomeTimestamp": "2026-06-01T10:00:00Z"} | feedback
    return client.post(f"{HOOK}/feedback", json={"feedback": [told]})


def decided(office: Office):
    return office.application.decisions(
        office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM
    )


def test_a_card_says_who_speaks_for_the_citizen(client: TestClient, office: Office) -> None:
    guardian = office.people[4]
    context = {"citizen": str(office.citizen(BAKKER)), "language": "nl"}
    answer = client.post(HOOK, json=opened(office, **context))
    (card, *others) = answer.json()["cards"]
    (told,) = card["extension"]["voorzet"]["representatives"]
    assert (told["title"], told["name"], told["phone"]) == (
        *("Curator", guardian.name),
        guardian.phone,
    )
    assert told["decides"] == "De curator beslist."
    said = f"- ! Curator ({guardian.name}, {guardian.phone}). Spreek met de curator."
    for one in (card, *others):
        assert said in one["detail"]
        assert guardian.number not in str(one)
        assert "Dorpsstraat" not in str(one)
    looks = office.application.looks(office.citizen(guardian), purpose=PURPOSE, by=KIM)
    assert "read identity" in {look.action for look in looks}


def test_nobody_speaks_for_who_speaks_for_themselves(client: TestClient, office: Office) -> None:
    for card in cards(client, office):
        assert "representatives" not in card["extension"]["voorzet"]
        assert "- !" not in card["detail"]


def test_discovery_needs_no_token_and_tells_of_nobody(office):
    (service,) = TestClient(app_of(office.application)).get("/cds-services").json()["services"]
    assert (service["hook"], service["id"]) == ("citizen-view", "voorzet-suggestions")
    assert set(service) == {"hook", "id", "title", "description"}


def test_a_card_is_in_the_shape_of_the_standard_without_anything_empty(client, office):
    found = cards(client, office)
    assert len(found) == 3
    card = found[0]
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] == "warning"
    assert card["source"] == {
        "label": "Office",
        "topic": {"code": "top-up", "system": "urn:voorzet:services", "display": "Income top-up"},
    }
    assert card["selectionBehavior"] == "at-most-one"
    assert {one["code"] for one in card["overrideReasons"]} == {
        "does-not-want",
        "wrong-data",
        "has-partner",
    }
    assert card["links"][0]["type"] == "absolute"
    assert card["extension"]["voorzet"]["ask"][0]["fields"][0]["fact"] == "savings"
    assert "- ✓ Income is low. (Register, 2025-01-01, known since 2025-02-20)" in card["detail"]

    def empty(value: object) -> bool:
        if isinstance(value, dict):
            return not value or any(empty(one) for one in value.values())
        return value is None or value in ("", [])

    assert not empty({name: value for name, value in card.items() if name != "extension"})
    assert len({one["uuid"] for one in found}) == len(found)


def test_a_card_goes_into_the_ledger_and_feedback_refers_to_it(client, office):
    first, second, third = cards(client, office)
    accepted = [{"id": first["suggestions"][0]["uuid"]}]
    assert say(
        client, card=first["uuid"], outcome="accepted", acceptedSuggestions=accepted
    ).json() == {"kept": 1}
    reason = {"code": "does-not-want", "system": "urn:voorzet:override-reasons"}
    say(
        client,
        card=second["uuid"],
        outcome="overridden",
        overrideReason={"reason": reason, "userComment": "Said so."},
    )
    until = {"voorzet": {"until": "2026-07-01"}}
    say(client, card=third["uuid"], outcome="overridden", extension=until)
    told = {one.service: one for one in decided(office)}
    assert told["top-up"].outcome is Outcome.ACCEPTED
    assert (told["old-age"].reason, told["old-age"].comment) == ("does-not-want", "Said so.")
    assert told["rent-help"].outcome is Outcome.DEFERRED


def test_feedback_that_is_sent_again_is_kept_once(client, office):
    card = cards(client, office)[0]
    for _ in range(2):
        assert say(client, card=card["uuid"], outcome="accepted").status_code == 200
    assert len(decided(office)) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"hook": "patient-view"}, 400),
        ({"hookInstance": "1"}, 400),
        ({"context": {"purpose": PURPOSE}}, 400),
        ({"context": {"citizen": "7", "purpose": PURPOSE}}, 404),
    ],
)
def test_what_is_no_call_of_the_hook_is_a_problem_document(client, office, changed, status):
    answer = client.post(HOOK, json=opened(office) | changed)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_feedback_needs_a_card_that_was_shown_and_a_reason_of_its_own(client, office):
    assert say(client, card=str(uuid4()), outcome="accepted").status_code == 404
    card = cards(client, office)[0]["uuid"]
    assert say(client, card=card, outcome="overridden").status_code == 400
    assert decided(office) == ()


def test_nobody_else_may_call_it(office):
    app = app_of(office.application)
    assert TestClient(app).post(HOOK, json=opened(office)).status_code == 401
    other = TestClient(app, headers={"Authorization": f"Bearer {office.token(AUDITOR)}"})
    assert other.post(HOOK, json=opened(office)).status_code == 403


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        (HOOK, SITE, True),
        (f"{HOOK}/feedback", SITE, True),
        ("/embed/voorzet-suggestions.js", SITE, True),
        (HOOK, "https://elsewhere.example.org", False),
        (HOOK, "null", False),
        ("/v1/suggestions/_search", SITE, False),
        ("/v1/facts", SITE, False),
        ("/cds-services-else", SITE, False),
    ],
)
def test_other_sites_may_ask_only_this_and_only_when_named(client, path, origin, allowed):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.options(path, headers=asked)
    assert answer.headers.get("access-control-allow-origin") == (SITE if allowed else None)
    assert "access-control-allow-credentials" not in answer.headers


def test_no_site_may_embed_anything_as_long_as_none_is_named(office):
    answer = TestClient(app_of(office.application)).get("/cds-services", headers={"Origin": SITE})
    assert "access-control-allow-origin" not in answer.headers


def test_a_site_is_named_by_its_origin_alone(office, monkeypatch):
    for wrong in ('["*"]', '["https://cases.example.org/"]', '["cases.example.org"]'):
        monkeypatch.setenv("VOORZET_EMBED_ORIGINS", wrong)
        with pytest.raises(WorkspaceError):
            Workspace.open(office.workspace.folder)
    monkeypatch.setenv("VOORZET_EMBED_ORIGINS", f'["{SITE}"]')
    assert Workspace.open(office.workspace.folder).embed_origins == (SITE,)
