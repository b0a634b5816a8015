"""Visitors: who is looking at a page, and in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

from serving.errors import NotSignedInError
from serving.security import Caller
from serving.web.forms import SESSION
from serving.web.handles import HandleEndedError, Handles
from serving.web.texts import LANGUAGES

if TYPE_CHECKING:
    from serving.web.rendering import Pages

LANGUAGE = "voorzet_language"
PURPOSE = "voorzet_purpose"


@dataclass(frozen=True, slots=True)
class View:
    """What a view is of, and for which purpose."""

    citizen: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in."""

    caller: Caller
    language: str
    handles: Handles

    def view_path(self, view: View) -> str:
        """The address of a citizen's view, which names no citizen."""
        handle = self.handles.seal("view", citizen=str(view.citizen), purpose=view.purpose)
        return f"/view/{handle}"

    def open_view(self, handle: str) -> View:
        """What a view's address stands for; raises HandleEndedError."""
        said = self.handles.open("view", handle)
        return View(int(said["citizen"]), said["purpose"])

    def search_path(self, query: str, purpose: str) -> str:
        """The address of a search, which does not say what was searched."""
        return f"/search/{self.handles.seal('search', query=query, purpose=purpose)}"

    def open_search(self, handle: str) -> tuple[str, str]:
        """The query and the purpose behind a search's address; raises HandleEndedError."""
        said = self.handles.open("search", handle)
        return said["query"], said["purpose"]


def pages_of(request: Request) -> Pages:
    """What the pages are made with."""
    return cast("Pages", request.app.state.pages)


def language_of(request: Request) -> str:
    """The language chosen in this browser, or the pages' first."""
    chosen = request.cookies.get(LANGUAGE, "")
    return chosen if chosen in LANGUAGES else pages_of(request).language


def visitor(request: Request) -> Visitor:
    """Who asks for the page; raises NotSignedInError."""
    token = request.cookies.get(SESSION)
    if not token:
        raise NotSignedInError("Log in first.")
    caller = pages_of(request).application.visitor(token)
    return Visitor(caller, language_of(request), Handles(token))


__all__ = [
    "LANGUAGE",
    "PURPOSE",
    "HandleEndedError",
    "View",
    "Visitor",
    "language_of",
    "pages_of",
    "visitor",
]
