"""CloudEvents after the NL GOV profile: context attributes and ``data.…`` as columns of text.

The same events whether they come in a file or in a request: structured (the event is the body),
in a batch (an array of them) or binary (the attributes are ``ce-`` headers, the body is the
data). Facts about a person belong in the data: an event with a citizen's number among its context
attributes, which every relay may log, is refused and nothing of it is kept.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from features.quarantine import Reason
from features.scrubbing import holds_bsn
from features.sources.chunks import Chunk
from features.sources.json_files import (
    Json,
    NoMessage,
    Number,
    elements,
    message,
    messages,
    parsed,
)
from features.sources.mapping import FileMapping
from features.sources.messages import Row, chunks, flattened, whole_chunk

LARGEST_EVENT = 64 << 10
REQUIRED = ("id", "source", "specversion", "type")

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_JSON = "application/json"

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INTEGER = re.compile(r"-?[0-9]+")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
"""A UUID or trace id: drawn at random, some hold digits that would pass for a number."""


def read_cloudevents(path: Path, mapping: FileMapping, columns: list[str]) -> Iterator[Chunk]:
    """The events of a file in order, a bounded chunk at a time, with ``columns`` alone."""
    found = messages(path, LARGEST_EVENT)
    return chunks(found, event_rows, columns, mapping.null_values)


def received(
    headers: Mapping[str, str], body: bytes, columns: Collection[str] | None = None
) -> Chunk:
    """The events of one request (structured, batch or binary, as its content type says).

    One row an event, numbered from 1, with ``columns`` (what a mapping needs), or every column
    that any of them has. An event that is not valid is among the malformed, with the reason.
    """
    return whole_chunk(requested(headers, body), event_rows, columns)


def requested(headers: Mapping[str, str], body: bytes) -> Iterator[Json | NoMessage]:
    """The structured events of one request in order; what is none as the fault it is."""
    told = {name.lower(): text for name, text in headers.items()}
    return _requested(media_type(told.get("content-type", "")), told, body)


def event_rows(event: Json) -> Iterable[Row]:
    """The one row that a structured event is.

    Raises
    ------
    NoMessage
        When it breaks the profile.
    """
    context = _context(event)
    row: dict[str, str | None] = dict(context)
    data = _data(event, context.get("datacontenttype", _JSON))
    if data is not None:
        row.setdefault("datacontenttype", _JSON)
        row.update(flattened(data, "data"))
    return (row,)


def _requested(kind: str, headers: Mapping[str, str], body: bytes) -> Iterator[Json | NoMessage]:
    if kind == BATCH:
        yield from elements(body, LARGEST_EVENT)
        return
    try:
        yield message(body, LARGEST_EVENT) if kind == STRUCTURED else _binary(headers, body)
    except NoMessage as fault:
        yield fault


def _binary(headers: Mapping[str, str], body: bytes) -> Json:
    """The structured event that says what a binary one says."""
    event: Json = {
        name.removeprefix("ce-"): unquote(text)
        for name, text in headers.items()
        if name.startswith("ce-")
    }
    if len(body) + sum(len(name) + len(text) for name, text in event.items()) > LARGEST_EVENT:
        raise NoMessage(Reason.MESSAGE_TOO_LARGE)
    if event.keys() & {"data", "datacontenttype"}:
        raise NoMessage(Reason.INVALID_MESSAGE, "attribute name")
    if "content-type" in headers:
        event["datacontenttype"] = headers["content-type"]
    if not body:
        return event
    kind = event.get("datacontenttype", _JSON)
    return event | {"data": _parsed_data(body) if _is_json(kind) else _text_data(body)}


def _context(event: Json) -> dict[str, str]:
    """The context attributes that are given; checked."""
    context: dict[str, str] = {}
    for name, value in event.items():
        if name in ("data", "data_base64") or value is None:
            continue
        if not _ATTRIBUTE.fullmatch(name):
            raise NoMessage(Reason.INVALID_MESSAGE, "attribute name")
        context[name] = _attribute(name, value)
    for name in REQUIRED:
        if not context.get(name, "").strip():
            raise NoMessage(Reason.INVALID_MESSAGE, name)
    if context["specversion"] != "1.0":
        raise NoMessage(Reason.INVALID_MESSAGE, "specversion")
    if re.search(r"\s", context["source"]):
        raise NoMessage(Reason.INVALID_MESSAGE, "source")
    return context


def _attribute(name: str, value: Any) -> str:
    known = name if not holds_bsn(name) else "attribute name"
    text = str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str) or (isinstance(text, Number) and not _INTEGER.fullmatch(text)):
        raise NoMessage(Reason.INVALID_MESSAGE, known)
    if name in REQUIRED and isinstance(value, bool | Number):
        raise NoMessage(Reason.INVALID_MESSAGE, known)
    if _CONTROL.search(text) or not _is_unicode(text):
        raise NoMessage(Reason.INVALID_MESSAGE, known)
    if known != name or _names_a_person(name, text):
        raise NoMessage(Reason.IDENTIFIER_IN_CONTEXT, known)
    return str(text)


def _names_a_person(name: str, text: str) -> bool:
    """Whether an attribute holds a number that passes the 11-test of the BSN."""
    if name == "time" and _TIMESTAMP.fullmatch(text):
        return False
    return any(holds_bsn(_RANDOM.sub("-", said)) for said in {text, unquote(text)})


def _data(event: Json, kind: str) -> Any:
    """What the event carries; None when nothing."""
    if event.get("data_base64") is None:
        return event.get("data")
    if event.get("data") is not None:
        raise NoMessage(Reason.INVALID_MESSAGE, "data_base64")
    try:
        body = base64.b64decode(event["data_base64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise NoMessage(Reason.INVALID_MESSAGE, "data_base64") from None
    return _parsed_data(body) if _is_json(kind) else _text_data(body)


def _parsed_data(body: bytes) -> Any:
    try:
        return parsed(body)
    except NoMessage:
        raise NoMessage(Reason.INVALID_MESSAGE, "data") from None


def _text_data(body: bytes) -> str | None:
    """Data that is text; what is not (a picture, say) is left out."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def media_type(text: str) -> str:
    """The media type in a ``content-type``, without its parameters."""
    return text.partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    media = media_type(kind)
    return media == _JSON or media.endswith("+json")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
