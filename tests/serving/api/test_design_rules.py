"""The OpenAPI document against the NL API Design Rules, each rule under the name it has there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from serving.api.app import app_of
from tests.serving.office import Office

Document = dict[str, Any]
OPERATIONS = ("get", "put", "post", "delete", "patch", "head", "options")
RULES: dict[str, Callable[[Document], list[str]]] = {}


@pytest.fixture(scope="module")
def document(office: Office) -> Document:
    return app_of(office.application).openapi()


def rule(name: str) -> Callable[[Callable[[Document], Iterator[str]]], None]:
    """A rule gives what is against it."""

    def kept(found: Callable[[Document], Iterator[str]]) -> None:
        RULES[name] = lambda document: list(found(document))

    return kept


def operations(document: Document) -> Iterator[tuple[str, Any]]:
    for path, told in document["paths"].items():
        for method, operation in told.items():
            if method in OPERATIONS:
                yield f"{method} {path}", operation


def responses(document: Document) -> Iterator[tuple[str, str, Any]]:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            yield f"{name} {status}", status, response


def properties(document: Document) -> Iterator[tuple[str, str, Any]]:
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            yield f"{name}.{field}", field, told


def resolved(document: Document, schema: Any) -> Any:
    return (
        document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "$ref" in schema
        else schema
    )


@rule("nlgov:openapi3")
def _(document: Document) -> Iterator[str]:
    if not re.fullmatch(r"3(\.\d+){1,2}", document["openapi"]):
        yield document["openapi"]


@rule("nlgov:semver")
def _(document: Document) -> Iterator[str]:
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", document["info"]["version"]):
        yield document["info"]["version"]


@rule("nlgov:info-contact-fields-exist")
def _(document: Document) -> Iterator[str]:
    yield from {"name", "email", "url"} - set(document["info"].get("contact", {}))


@rule("nlgov:include-major-version-in-uri")
def _(document: Document) -> Iterator[str]:
    major = document["info"]["version"].split(".")[0]
    yield from (
        one["url"] for one in document["servers"] if not re.search(rf"/v{major}\b", one["url"])
    )


@rule("nlgov:servers-use-https")
def _(document: Document) -> Iterator[str]:
    every = [*document["servers"]]
    every += [one for told in document["paths"].values() for one in told.get("servers", ())]
    yield from (one["url"] for one in every if one["url"].startswith("http://"))


@rule("nlgov:paths-no-trailing-slash")
def _(document: Document) -> Iterator[str]:
    yield from (path for path in document["paths"] if len(path) > 1 and path.endswith("/"))


@rule("nlgov:paths-kebab-case")
def _(document: Document) -> Iterator[str]:
    form = re.compile(r"(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][A-Za-z0-9]*\}))+(/_[a-z]+(-[a-z]+)*)?")
    yield from (path for path in document["paths"] if not form.fullmatch(path))


@rule("nlgov:http-methods")
def _(document: Document) -> Iterator[str]:
    allowed = {*OPERATIONS, "servers", "parameters", "summary", "description"}
    for path, told in document["paths"].items():
        yield from (f"{path}: {name}" for name in told if name not in allowed)


@rule("nlgov:query-keys-camel-case")
def _(document: Document) -> Iterator[str]:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query" and not _is_camel(parameter["name"]):
                yield f"{name}: {parameter['name']}"


@rule("property-names-camel-case")
def _(document: Document) -> Iterator[str]:
    yield from (
        where
        for where, field, _ in properties(document)
        if not _is_camel(field) and "Extension." not in where  # named by whose it is: nl.voorzet
    )


@rule("schema-names-pascal-case")
def _(document: Document) -> Iterator[str]:
    yield from (
        name
        for name in document["components"]["schemas"]
        if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name)
    )


@rule("nlgov:missing-version-header")
def _(document: Document) -> Iterator[str]:
    yield from (
        where
        for where, _, response in responses(document)
        if "API-Version" not in response.get("headers", {})
    )


@rule("nlgov:use-problem-schema")
def _(document: Document) -> Iterator[str]:
    for where, status, response in responses(document):
        if status[0] in "45" and list(response.get("content", {})) != ["application/problem+json"]:
            yield where


@rule("nlgov:problem-schema-members")
def _(document: Document) -> Iterator[str]:
    for where, status, response in responses(document):
        for content in response.get("content", {}).values() if status[0] in "45" else ():
            told = resolved(document, content["schema"])
            if not {"status", "title", "detail"} <= set(told["properties"]):
                yield where


@rule("nlgov:problem-invalid-input")
def _(document: Document) -> Iterator[str]:
    for name, operation in operations(document):
        asks = operation.get("parameters") or not name.startswith(("get", "delete"))
        if asks and "400" not in operation["responses"]:
            yield name


@rule("no-422")
def _(document: Document) -> Iterator[str]:
    yield from (where for where, status, _ in responses(document) if status == "422")


@rule("nlgov:date-time-ensure-timezone")
def _(document: Document) -> Iterator[str]:
    for where, _, told in properties(document):
        if set(_formats(told)) & {"date-time-local", "time"}:
            yield where


@rule("nlgov:use-date-instead-of-datetime")
def _(document: Document) -> Iterator[str]:
    for where, field, told in properties(document):
        if field == "date" or field.endswith("Date"):
            formats = set(_formats(told))
            if formats != {"date"}:
                yield where


@rule("nothing-about-a-person-in-an-address")
def _(document: Document) -> Iterator[str]:
    told = re.compile(r"citizen|bsn|person|name|birth|identifier|query|address|phone|mail", re.I)
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] in ("query", "path") and told.search(parameter["name"]):
                yield f"{name}: {parameter['name']}"


@rule("operations-are-described")
def _(document: Document) -> Iterator[str]:
    tags = {tag["name"] for tag in document.get("tags", ())}
    for name, operation in operations(document):
        if not operation.get("description") or not operation.get("summary"):
            yield name
        if not operation.get("tags") or not set(operation["tags"]) <= tags:
            yield f"{name}: tags"


@rule("operation-ids-are-unique-and-camel-case")
def _(document: Document) -> Iterator[str]:
    seen: set[str] = set()
    for name, operation in operations(document):
        number = operation["operationId"]
        if number in seen or not _is_camel(number):
            yield f"{name}: {number}"
        seen.add(number)


@rule("operations-have-examples")
def _(document: Document) -> Iterator[str]:
    for name, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (one for body in bodies for one in body.get("content", {}).values()):
            if not {"example", "examples"} & set(content):
                yield name


@rule("examples-fit-their-schema")
def _(document: Document) -> Iterator[str]:
    for name, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (one for body in bodies for one in body.get("content", {}).values()):
            whole = content.get("schema", {}) | {"components": document["components"]}
            for fault in Draft202012Validator(whole).iter_errors(content.get("example")):
                yield f"{name}: {fault.json_path}: {fault.message}"


@rule("writes-take-an-idempotency-key")
def _(document: Document) -> Iterator[str]:
    """Or are harmless to repeat: searches, changes to a state, and messages that bear an id."""
    harmless = re.compile(r"_(search|why-not|what-if|withdraw|change)$|/(events|notifications)$")
    for name, operation in operations(document):
        named = {one["name"] for one in operation.get("parameters", ())}
        versioned = "servers" not in document["paths"][name.partition(" ")[2]]
        writes = name.startswith("post") and versioned and not harmless.search(name)
        if writes and "Idempotency-Key" not in named:
            yield name


@rule("operations-are-closed")
def _(document: Document) -> Iterator[str]:
    open_to_all = {"get /healthz", "get /readyz", "get /metrics", "get /cds-services"}
    for name, operation in operations(document):
        if not operation.get("security") and name not in open_to_all:
            yield name


def _is_camel(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*", name) is not None


def _formats(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        if "format" in told:
            yield told["format"]
        for one in told.get("anyOf", ()):
            yield from _formats(one)


@pytest.mark.parametrize("name", RULES)
def test_the_document_keeps_to_the_rule(document: Document, name: str) -> None:
    assert RULES[name](document) == []


def test_the_document_is_valid(document: Document) -> None:
    validate(document)


BROKEN: dict[str, Callable[[Document], object]] = {
    "nlgov:semver": lambda told: told["info"].update(version="1"),
    "nlgov:include-major-version-in-uri": lambda told: told["servers"][0].update(url="/"),
    "nlgov:paths-no-trailing-slash": lambda told: told["paths"].update({"/things/": {}}),
    "nlgov:paths-kebab-case": lambda told: told["paths"].update({"/manyThings": {}}),
    "nlgov:missing-version-header": lambda told: _first(told)["responses"]["200"].pop("headers"),
    "nlgov:use-problem-schema": lambda told: _first(told)["responses"]["400"].update(content={}),
    "operations-have-examples": lambda told: _json(_first(told)).pop("example"),
    "examples-fit-their-schema": lambda told: _json(_first(told)).update(example={"a": 1}),
    "nothing-about-a-person-in-an-address": lambda told: _first(told)["parameters"].append(
        {"in": "query", "name": "bsn"}
    ),
    "operations-are-closed": lambda told: _first(told).pop("security"),
}


def _first(document: Document) -> Any:
    return document["paths"]["/services"]["get"]


def _json(operation: Any) -> Any:
    return operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_noticed(office: Office, name: str) -> None:
    document = app_of(office.application).openapi()
    BROKEN[name](document)
    assert RULES[name](document)
