"""Examples for the OpenAPI document, made from the schemas themselves.

A field that says ``examples`` is shown with the first of them; others with what their kind and
name suggest. So every operation has examples, and none can differ from its schema unnoticed.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_FORMATS = {
    "uuid": "3f2b8c1e-6a0d-4a53-9a51-2f4c1d7e8b90",
    "date": "2026-06-01",
    "date-time": "2026-06-01T08:00:00Z",
    "uri": "https://example.org/",
    "uri-reference": "/example",
}
_NAMES: dict[str, Any] = {
    "purpose": "income-support",
    "language": "en",
    "service": "rent-allowance",
    "title": "Rent allowance",
    "serviceTitle": "Rent allowance",
    "provider": "Municipality",
    "channel": "letter",
    "by": "anna",
    "name": "A. Jansen",
    "query": "Jansen 1957-01-02",
    "value": "1500",
    "fact": "savings",
    "text": "Income is low.",
    "headline": "Rent allowance may fit this citizen",
    "action": "suggest",
    "source": "benefits",
    "sourceTitle": "Benefits",
    "modelVersion": "2026-05-01-a",
    "alive": True,
    "next": None,
    "cursor": None,
}
_DEEPEST = 8


def example_of(schema: Schema, schemas: dict[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value that fits ``schema``; ``schemas`` are those that it may refer to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth + 1)
    for told in ("examples", "enum"):
        if schema.get(told):
            return schema[told][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema or "oneOf" in schema:
        return _choice(schema.get("anyOf") or schema["oneOf"], schemas, name, depth)
    return _of_kind(schema, schemas, name, depth)


def _choice(options: list[Schema], schemas: dict[str, Schema], name: str, depth: int) -> Any:
    if _NAMES.get(name, "") is None and {"type": "null"} in options:
        return None
    told = [one for one in options if one.get("type") != "null"]
    return example_of(told[0], schemas, name, depth) if told and depth < _DEEPEST else None


def _of_kind(schema: Schema, schemas: dict[str, Schema], name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, schemas, depth)
        case "array":
            return _array(schema, schemas, name, depth)
        case "string":
            return _string(schema, name)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return bool(_NAMES.get(name, False))
    return {}


def _object(schema: Schema, schemas: dict[str, Schema], depth: int) -> Schema:
    """What must be told; and, near the top, what may be."""
    required = set(schema.get("required", ()))
    wanted = {
        name: example_of(one, schemas, name, depth + 1)
        for name, one in schema.get("properties", {}).items()
        if name in required or (depth < _DEEPEST and "default" not in one)
    }
    more = schema.get("additionalProperties")
    if not wanted and isinstance(more, dict):
        return {"not-eligible/criteria": example_of(more, schemas, "", depth + 1)}
    return wanted


def _array(schema: Schema, schemas: dict[str, Schema], name: str, depth: int) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(one, schemas, name, depth + 1) for one in schema["prefixItems"]]
    if depth > _DEEPEST and not schema.get("minItems"):
        return []
    return [example_of(schema.get("items", {}), schemas, name, depth + 1)]


def _string(schema: Schema, name: str) -> str:
    if (form := schema.get("format")) in _FORMATS:
        return _FORMATS[form]
    text = str(_NAMES.get(name) or "example")
    return text[: schema.get("maxLength", len(text))]


def _number(schema: Schema) -> float:
    if "minimum" in schema:
        return float(schema["minimum"]) if schema["type"] == "number" else int(schema["minimum"])
    return int(schema.get("exclusiveMinimum", 0)) + 1
