"""Every role at every address: who may what. An address that is not in the table fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from serving.api.app import app_of
from serving.security import Caller, Role
from serving.web.pages import MACHINES, PeopleMount
from tests.serving.office import JANSEN, PURPOSE, Office

CASEWORKER, OUTREACH, SCIENTIST = Role.CASEWORKER, Role.OUTREACH, Role.DATA_SCIENTIST
AUDITOR, SOURCE, ADMIN = Role.AUDITOR, Role.SOURCE, Role.ADMIN
EVERYBODY = frozenset(Role)
NOBODY_NEEDED = None
"""Open: no token is asked for."""
NONE_SUCH = "00000000-0000-0000-0000-000000000000"
CDS_HOOK = "/cds-services/voorzet-suggestions"

MAY: dict[tuple[str, str], frozenset[Role] | None] = {
    ("POST", "/v1/suggestions/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/suggestions/_why-not"): frozenset({CASEWORKER, AUDITOR}),
    ("POST", "/v1/suggestions/_what-if"): frozenset({CASEWORKER}),
    ("POST", "/v1/timelines/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/citizens/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/persons/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/approaches"): frozenset({CASEWORKER}),
    ("POST", "/v1/looks/_search"): frozenset({CASEWORKER, AUDITOR, ADMIN}),
    ("POST", "/v1/audit/_search"): frozenset({AUDITOR}),
    ("POST", "/v1/access-reports/_search"): frozenset({CASEWORKER, ADMIN}),
    ("POST", "/v1/rights-requests"): frozenset({CASEWORKER, ADMIN}),
    ("POST", "/v1/rights-requests/{request}/_settle"): frozenset({CASEWORKER, ADMIN}),
    ("POST", "/v1/decisions"): frozenset({CASEWORKER}),
    ("POST", "/v1/decisions/_search"): frozenset({CASEWORKER, AUDITOR}),
    ("POST", "/v1/objections"): frozenset({CASEWORKER, OUTREACH, ADMIN}),
    ("POST", "/v1/objections/{objection}/_withdraw"): frozenset({CASEWORKER, OUTREACH, ADMIN}),
    ("POST", "/v1/facts"): frozenset({CASEWORKER}),
    ("POST", "/v1/facts/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/facts/{answer}/_withdraw"): frozenset({CASEWORKER}),
    ("POST", "/v1/caseload/_search"): frozenset({CASEWORKER}),
    ("POST", "/v1/caseload/_change"): frozenset({CASEWORKER, ADMIN}),
    ("POST", "/v1/events"): frozenset({SOURCE}),
    ("POST", "/v1/notifications"): frozenset({SOURCE}),
    ("POST", "/v1/campaigns"): frozenset({OUTREACH}),
    ("GET", "/v1/campaigns"): frozenset({OUTREACH, SCIENTIST, AUDITOR}),
    ("GET", "/v1/campaigns/{campaign}"): frozenset({OUTREACH, SCIENTIST, AUDITOR}),
    ("POST", "/v1/campaigns/{campaign}/_draw"): frozenset({OUTREACH}),
    ("GET", "/v1/campaigns/{campaign}/effect"): frozenset({OUTREACH, SCIENTIST, AUDITOR}),
    ("GET", "/v1/insight/suggestions"): frozenset({SCIENTIST, AUDITOR, OUTREACH, ADMIN}),
    ("GET", "/v1/insight/process"): frozenset({SCIENTIST, AUDITOR, OUTREACH, ADMIN}),
    ("GET", "/v1/insight/outreach"): frozenset({OUTREACH, SCIENTIST, AUDITOR}),
    ("POST", "/v1/stops"): frozenset({ADMIN}),
    ("GET", "/v1/stops"): frozenset({ADMIN, AUDITOR}),
    ("POST", "/v1/stops/{stop}/_withdraw"): frozenset({ADMIN}),
    ("GET", "/v1/services"): EVERYBODY,
    ("GET", "/v1/services/{service}"): EVERYBODY,
    ("GET", "/v1/purposes"): EVERYBODY,
    ("GET", "/cds-services"): NOBODY_NEEDED,
    ("POST", "/cds-services/voorzet-suggestions"): frozenset({CASEWORKER}),
    ("POST", "/cds-services/voorzet-suggestions/feedback"): frozenset({CASEWORKER}),
    ("GET", "/embed/voorzet-suggestions.js"): NOBODY_NEEDED,
    ("GET", "/healthz"): NOBODY_NEEDED,
    ("GET", "/readyz"): NOBODY_NEEDED,
    ("GET", "/metrics"): NOBODY_NEEDED,
    ("GET", "/v1/openapi.json"): NOBODY_NEEDED,
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/citizens/_search": {"query": "nobody-of-this-name"},
    "/v1/approaches": {"taken": False},
    "/v1/objections": {"service": "coffee"},
    "/v1/facts": {"fact": "savings", "value": "1"},
    "/v1/suggestions/_what-if": {"suppose": [{"fact": "savings", "value": "1"}]},
    "/v1/decisions": {
        "suggestion": NONE_SUCH,
        "outcome": "accepted",
    },
    "/v1/caseload/_change": {"on": False},
    "/v1/rights-requests": {"kind": "erasure"},
    f"{CDS_HOOK}/feedback": {
        "feedback": [
            {
                "card": NONE_SUCH,
                "outcome": "accepted",
                "outcomeTimestamp": "2026-01-01T12:00:00Z",
            }
        ]
    },
    "/v1/stops": {"scope": "service", "name": "nothing", "reason": "to see who may"},
    "/v1/campaigns": {"service": "nothing", "channel": "phone", "capacity": 1, "holdout": 0.5},
}
WITHOUT_PURPOSE = {"/v1/audit/_search", "/v1/decisions", "/v1/campaigns", "/v1/stops"}
WITHOUT_CITIZEN = WITHOUT_PURPOSE | {"/v1/citizens/_search", "/v1/caseload/_search"}
KINDS = {"/v1/events": "application/cloudevents+json"}
IN_PATHS = {
    "objection": NONE_SUCH,
    "answer": NONE_SUCH,
    "campaign": NONE_SUCH,
    "service": "top-up",
    "stop": NONE_SUCH,
    "request": NONE_SUCH,
}


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(app_of(office.application), raise_server_exceptions=False) as client:
        yield client


def routes(found: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method and address for machines."""
    for route in found:
        if (included := getattr(route, "original_router", None)) is not None:
            yield from routes(included.routes)
        elif isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or ()) - {"HEAD"})
        else:
            assert isinstance(route, PeopleMount), f"what is {route}?"


def caller(role: Role) -> Caller:
    """Somebody in one role alone; a source is one of the pack's."""
    return Caller("desk" if role is SOURCE else role, role, frozenset({role}))


def ask(
    client: TestClient, office: Office, method: str, path: str, token: str | None
) -> tuple[int, str]:
    body: dict[str, Any] = {**BODIES.get(path, {})}
    if path not in WITHOUT_PURPOSE:
        body["purpose"] = PURPOSE
    if path not in WITHOUT_CITIZEN:
        body["citizen"] = str(office.citizen(JANSEN))
    if path == CDS_HOOK:
        body = {"hook": "citizen-view", "hookInstance": NONE_SUCH, "context": body}
    headers = {"Content-Type": KINDS.get(path, "application/json")}
    answer = client.request(
        method,
        path.format(**IN_PATHS),
        json=body if method == "POST" and "{" not in path else None,
        headers=headers | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    return answer.status_code, answer.text


def test_every_address_is_in_the_table_and_nothing_else(office: Office) -> None:
    assert set(routes(app_of(office.application).routes)) == set(MAY)


def test_the_addresses_for_machines_are_told_apart_from_pages() -> None:
    assert all(path.startswith(MACHINES) for _, path in MAY)


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_a_role_may_what_the_table_says_and_nothing_else(
    client: TestClient, office: Office, role: Role | None
) -> None:
    """Who may is answered, if need be with what is wrong; who may not is told no more."""
    who = None if role is None else office.token(caller(role))
    wrong = []
    for (method, path), allowed in MAY.items():
        status, text = ask(client, office, method, path, who)
        if allowed is None:
            expected = status < 400
        elif role is None:
            expected = status == 401
        elif role in allowed:
            expected = status < 500 and status not in (401, 403, 405)
        else:
            expected = status == 403
        if not expected:
            wrong.append((method, path, status, text[:200]))
        if status in (401, 403):
            assert str(office.citizen(JANSEN)) not in text
            assert "Jansen" not in text
    assert wrong == []
