"""Whatever is asked, by whoever: an answer that the OpenAPI document tells of, and never a 5xx."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from starlette.types import ASGIApp, Message

from serving.api.app import app_of
from serving.security import Caller, Role
from serving.security.rates import Rates
from tests.serving.api.test_who_may_what import caller
from tests.serving.office import JANSEN, PURPOSE, Office

load_all_checks()
CONFORMS = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    )
]
EACH = 3
MALFORMED = 10_000


@pytest.fixture(scope="module")
def app(office: Office) -> ASGIApp:
    return app_of(replace(office.application, rates=Rates("1000000/second")))


def tokens(office: Office) -> dict[Role, str]:
    return {role: office.token(caller(role)) for role in Role}


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every path written out."""
    paths = {}
    for path, told in document["paths"].items():
        rest = {name: one for name, one in told.items() if name != "servers"}
        paths[path if "servers" in told else f"/v1{path}"] = rest
    return document | {"paths": paths, "servers": [{"url": "/"}]}


def to_the_point(case: Any, office: Office) -> None:
    """What is asked concerns somebody who is known, for a purpose that there is."""
    known = {"purpose": PURPOSE, "language": "en", "service": "top-up", "fact": "savings"}
    if isinstance(case.body, dict):
        case.body |= {name: value for name, value in known.items() if name in case.body}
        if "citizen" in case.body or "identifier" in case.body:
            case.body.pop("identifier", None)
            case.body["citizen"] = str(office.citizen(JANSEN))


@pytest.mark.slow("asks every operation in every role")
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_every_operation_answers_every_role_as_documented(
    office: Office, app: Any, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(whole(app.openapi()))
    schema.app = app
    seen: Counter[int] = Counter()
    known = tokens(office)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # a schema that cannot be used raises here
        if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
            continue

        @seed(1)
        @settings(
            max_examples=EACH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(mode))
        def asked(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                to_the_point(case, office)
            for token in known.values():
                response = case.call(headers={"Authorization": f"Bearer {token}"})
                seen[response.status_code] += 1
                case.validate_response(response, checks=CONFORMS)

        asked()
    expected = {200, 403, 404} if mode is GenerationMode.POSITIVE else {400, 403}
    assert expected <= set(seen), seen


def _takes_anything(operation: Any) -> bool:
    return any((operation.body, operation.query, operation.path_parameters, operation.headers))


NASTY: tuple[Any, ...] = (
    None, True, -1, 2**63, -(2**63) - 1, 10**400, 1e308, "", "x" * 300, "\x00", "é" * 70, "٣",
    [], [[]], {}, {"a": {}}, "NaN", "null", "-", "+1", " 1", "1_0", "2026-13-45", "9" * 19,
    "0x10", "'; drop table audit; --", "../../etc/passwd", "\u202e", "\ufffe",
)  # fmt: skip
ODD: tuple[bytes, ...] = (
    b"", b"{", b"}", b"[", b'"', b"null", b"1", b"NaN", b"Infinity", b"\xff\xfe", b"\x00" * 9,
    b'{"a":1', b'{"a":1,}', b"{'a':1}", b'{"purpose":"\\ud800"}', b'{"purpose":"\\ud800x"}',
    b"[" * 3000, b'{"a":' * 3000, b"9" * 5000, b'{"citizen":' + b"9" * 5000 + b"}",
    b'{"citizen":"1","citizen":"2"}', b"\xef\xbb\xbf{}", '{"purpose":"é"}'.encode("utf-16"),
)  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "/v1/suggestions/_search": {"slots": 5, "language": "nl"},
    "/v1/suggestions/_why-not": {"service": "top-up", "slots": 5},
    "/v1/suggestions/_what-if": {"suppose": [{"fact": "savings", "value": "1"}]},
    "/v1/timelines/_search": {"sources": ["desk"], "since": "2026-01-01", "limit": 3},
    "/v1/citizens/_search": {"query": "jansen", "limit": 3},
    "/v1/persons/_search": {"language": "en"},
    "/v1/approaches": {"taken": True},
    "/v1/looks/_search": {"limit": 3, "cursor": "MTI"},
    "/v1/decisions/_search": {"limit": 3, "cursor": "MTI"},
    "/v1/decisions": {"suggestion": "x", "outcome": "accepted", "until": "2026-01-01"},
    "/v1/objections": {"service": "coffee"},
    "/v1/facts": {"fact": "savings", "value": "1", "since": "2026-01-01"},
    "/v1/campaigns": {"service": "top-up", "channel": "phone", "capacity": 3, "holdout": 0.2},
}


def malformed(office: Office, draw: random.Random) -> Iterator[tuple[str, bytes]]:
    """Addresses with bodies that each have something wrong."""
    frame = {"citizen": str(office.citizen(JANSEN)), "purpose": PURPOSE}
    paths = list(BODIES)
    while True:
        path = draw.choice(paths)
        if draw.random() < 0.2:
            yield path, draw.choice(ODD)
            continue
        body = frame | BODIES[path]
        for _ in range(draw.randint(1, 3)):
            body[draw.choice([*body, "extra"])] = draw.choice(NASTY)
        body["wrong"] = draw.choice(NASTY)  # so that none is right by chance
        text = json.dumps(body, ensure_ascii=draw.random() < 0.5).encode("utf-8")
        if draw.random() < 0.2:
            text = text[: draw.randint(0, len(text))]
        yield path, text


@pytest.mark.slow("sends ten thousand requests")
def test_ten_thousand_malformed_bodies_are_refused_and_none_is_a_5xx(
    office: Office, app: ASGIApp
) -> None:
    sent = malformed(office, random.Random(20))
    both = Caller("both", "Both", frozenset({Role.CASEWORKER, Role.OUTREACH}))
    head = f"Bearer {office.token(both)}".encode()
    seen: Counter[int] = Counter()

    async def all_of_them() -> None:
        for _ in range(MALFORMED):
            path, body = next(sent)
            status = await answered(app, path, body, head)
            seen[status] += 1
            assert status < 500, (path, body[:200])

    # in a thread of its own: where a browser was opened before, this one has a loop running
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, all_of_them()).result()
    assert set(seen) == {400}


async def answered(app: ASGIApp, path: str, body: bytes, head: bytes) -> int:
    """The status of one request, straight to the application."""
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json"), (b"authorization", head)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return status
