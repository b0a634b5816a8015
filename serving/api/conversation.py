"""Around every request: security headers, the version, and a log line without an identity."""

from __future__ import annotations

import json
import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
log = logging.getLogger("voorzet.requests")


class Conversation:
    """ASGI middleware: adds the headers a response does not set itself, and logs the request.

    The line tells method, route (its template, never the address itself), status, duration and a
    trace id. No body, no query, no caller.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

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
            log.info(_line(scope, status, time.perf_counter() - began))


def _line(scope: Scope, status: int, seconds: float) -> str:
    route = getattr(scope.get("route"), "path", "-")
    return json.dumps(
        {
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "trace": _trace(scope),
        }
    )


def _trace(scope: Scope) -> str:
    """The trace id of a W3C ``traceparent``, or one of our own."""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            parts = value.decode("ascii", "replace").split("-")
            if len(parts) == 4 and len(parts[1]) == 32 and parts[1].isalnum():
                return str(parts[1])
    return secrets.token_hex(16)
