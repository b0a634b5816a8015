"""What a page of another site may load and ask: the element, and the hook that it calls.

Only the origins that the workspace names, only these addresses, and never with cookies: a foreign
page proves who is looking with a bearer token of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ELEMENT = Path(__file__).parents[1] / "web" / "static" / "voorzet-suggestions.js"
OPENED = ("/cds-services", "/embed")
"""The addresses that other sites may call."""

router = APIRouter(include_in_schema=False)


@router.get("/embed/voorzet-suggestions.js")
def element() -> FileResponse:
    """The element ``<voorzet-suggestions>``, one file without dependencies."""
    headers = {
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=3600",
    }
    return FileResponse(ELEMENT, media_type="text/javascript", headers=headers)


class Embedding:
    """ASGI middleware: lets the pages of ``origins`` call :data:`OPENED`, and nothing else."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = str(scope.get("path", ""))
        opened = any(path == one or path.startswith(f"{one}/") for one in OPENED)
        await (self._shared if opened else self._app)(scope, receive, send)
