"""Around every request: security headers, the version, and a log line without an identity."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import OTHER, observe
from serving.trace_context import Trace, begin, current

API_VERSION = "1.0.0"
OPENAPI = "/v1/openapi.json"
HEADERS = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
log = logging.getLogger("voorzet.requests")
Traced = Callable[[Trace, str, str, int], None]
"""Is told the trace, method, route and status of a request."""


class Conversation:
    """ASGI middleware: adds the headers a response does not set itself, and logs the request.

    The line tells method, route (its template, never the address itself), status, duration and a
    trace id. No body, no query, no caller. ``traced`` is told of each request as well.
    """

    def __init__(self, app: ASGIApp, traced: Traced | None = None) -> None:
        self._app = app
        self._traced = traced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        trace = begin(_parent(scope))

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"] == OPENAPI:
                    headers["Access-Control-Allow-Origin"] = "*"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - began
            observe(known_method(scope["method"]), _route(scope), status, seconds)
            if self._traced is not None:
                self._traced(trace, known_method(scope["method"]), _route(scope), status)
            told = _told(scope, status, seconds)
            log.info("%s", json.dumps(told), extra={"fields": told})


def known_method(method: str) -> str:
    """The method of a request; what is none of HTTP's could be any text of the caller's."""
    return method if method in METHODS else "_OTHER"


def _route(scope: Scope) -> str:
    """The template of the address; what stood in it is nobody's business."""
    return str(getattr(scope.get("route"), "path", OTHER))


def _told(scope: Scope, status: int, seconds: float) -> dict[str, object]:
    return {
        "method": known_method(scope["method"]),
        "route": _route(scope),
        "status": status,
        "ms": round(seconds * 1000, 1),
        "trace": current().trace,
    }


def _parent(scope: Scope) -> str | None:
    """What the caller says of the trace that this is part of."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value.decode("ascii", "replace"))
    return None
