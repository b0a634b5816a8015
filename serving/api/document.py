"""The OpenAPI document: one description of the API, for machines and for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.api.examples import example_of
from serving.api.problems import MEDIA_TYPE, Problem

VERSION = "/v1"
CONTACT = {
    "name": "Voorzet",
    "email": "voorzet@example.org",
    "url": "https://example.org/voorzet",
}
TAGS = {
    "suggestions": "What fits a citizen now, and why something else does not.",
    "decisions": "What people decide, and what citizens object to.",
    "citizens": "Finding a citizen, their timeline, and the personal approach.",
    "casework": "What citizens tell, and what would follow.",
    "cds-hooks": "Cards inside a case system, in the shape of CDS Hooks.",
    "catalogue": "Services and purposes.",
    "campaigns": "Outreach with a randomised hold-out.",
    "insight": "What became of suggestions and outreach, and the process; never of one person.",
    "events": "What sources send.",
    "accountability": "Who looked at what, and what a citizen may ask under the law.",
    "health": "For whoever keeps the service running.",
}
FAULTS = {
    "400": "The request has something to mend; all faults are told together.",
    "401": "There is no valid token.",
    "403": "The role, the purpose or the caseload does not allow this.",
    "404": "There is nothing here, or nobody is known.",
    "409": "It does not go together with what was done before.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
    "429": "Too much is asked; `Retry-After` says how many seconds to wait.",
    "500": "Something went wrong here; it has been written down.",
    "503": "Something that answers depend on is not there yet.",
}
_OF_BODIES = ("413", "415")
_HEADERS = {
    "API-Version": {
        "description": "The version of the API.",
        "schema": {"type": "string", "examples": ["1.0.0"]},
    }
}
_WAIT = {
    "Retry-After": {
        "description": "How many seconds to wait.",
        "schema": {"type": "string", "examples": ["7"]},
    }
}
_TAG = {
    "ETag": {
        "description": "What the answer is made from, for `If-None-Match`.",
        "schema": {"type": "string"},
    }
}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``, made once.

    Paths stand under the version that the server's address names; what has no version says so.
    """
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            contact=CONTACT,
            license_info=app.license_info,
            routes=app.routes,
            servers=[{"url": VERSION, "description": "This server."}],
            tags=[{"name": name, "description": told} for name, told in TAGS.items()],
        )
        _use_problems(made["components"]["schemas"])
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _complete(operation, made["components"]["schemas"], path)
        made["paths"] = dict(_placed(path, told) for path, told in made["paths"].items())
        app.openapi_schema = made
    return app.openapi_schema


def _use_problems(schemas: dict[str, Any]) -> None:
    """Problem documents in place of FastAPI's own faults."""
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    found = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= found.pop("$defs", {})
    schemas["Problem"] = found


def _complete(operation: dict[str, Any], schemas: dict[str, Any], path: str) -> None:
    operation["operationId"] = _camel(operation["summary"])
    responses, body = operation["responses"], operation.get("requestBody")
    responses.pop("422", None)
    for status, told in _faults(operation, path).items():
        responses.setdefault(status, {"description": told})
    for status, response in responses.items():
        if status[0] in "45":
            response.setdefault("content", _problem(status, response["description"]))
    for status, response in responses.items():
        response["headers"] = _HEADERS | response.get("headers", {})
        if status in ("429", "503"):
            response["headers"] |= _WAIT
        if "304" in responses and status in ("200", "304"):
            response["headers"] |= _TAG
    for told in (body, *responses.values()):
        for content in (told or {}).get("content", {}).values():
            if "schema" in content and not {"example", "examples"} & set(content):
                content["example"] = example_of(content["schema"], schemas)
    for parameter in operation.get("parameters", ()):
        if not {"example", "examples"} & set(parameter):
            told = example_of(parameter["schema"], schemas, parameter["name"])
            if told is not None:
                parameter["example"] = told


def _faults(operation: dict[str, Any], path: str) -> dict[str, str]:
    """Which faults an operation can answer with."""
    if not operation.get("security"):
        return {status: FAULTS[status] for status in ("500",)}
    writes = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    left_out = {
        *(() if operation.get("requestBody") else _OF_BODIES),
        *(() if writes or "{" in path else ("409",)),
    }
    return {status: told for status, told in FAULTS.items() if status not in left_out}


def _problem(status: str, told: str) -> dict[str, Any]:
    """The content of a fault, with an example that is one."""
    example: dict[str, Any] = {
        "status": int(status),
        "title": HTTPStatus(int(status)).phrase,
        "detail": told,
    }
    if status == "400":
        example["errors"] = [{"location": "body.purpose", "detail": "Field required"}]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {MEDIA_TYPE: {"schema": schema, "example": example}}


def _placed(path: str, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A path under the version, or beside it."""
    if path.startswith(f"{VERSION}/"):
        return path.removeprefix(VERSION), told
    return path, told | {"servers": [{"url": "/", "description": "Without a version."}]}


def _camel(summary: str) -> str:
    first, *others = summary.split()
    return first.lower() + "".join(word.capitalize() for word in others)
