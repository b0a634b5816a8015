"""Rendering: a template, the visitor's language, and what every page needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.application import Application
from serving.phrases import number_text
from serving.security import Caller, Role
from serving.web import dates
from serving.web.audited import audited_text
from serving.web.forms import COOKIE, FIELD, SESSION, form_key, form_token
from serving.web.texts import LANGUAGES, texts
from serving.web.visitors import Visitor, language_of

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Pages:
    """What the pages are made with.

    Parameters
    ----------
    language
        The language for whoever has not chosen one.
    """

    application: Application
    language: str

    @property
    def zone(self) -> ZoneInfo:
        """The domain's time zone, in which days are shown."""
        return ZoneInfo(self.application.pack.domain.time_zone)

    def today(self) -> date:
        """Today, where the domain is."""
        return datetime.now(UTC).astimezone(self.zone).date()

    def render(
        self,
        request: Request,
        template: str,
        *,
        visitor: Visitor | None = None,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """A page in the visitor's language."""
        key = form_key(request)
        page = (
            _templates()
            .get_template(template)
            .render(self._common(request, key, visitor.caller if visitor else None), **context)
        )
        response = HTMLResponse(page, status_code=status)
        if COOKIE not in request.cookies:
            set_cookie(request, response, COOKIE, key)
        return response

    def _services(self, language: str) -> dict[str, str]:
        pack = self.application.pack
        return {name: pack.say(one.title, language) for name, one in pack.services.items()}

    def _common(self, request: Request, key: str, caller: Caller | None) -> dict[str, object]:
        language = language_of(request)
        words = texts(language)
        today = self.today()
        session = request.cookies.get(SESSION, "")
        return {
            "say": words.say,
            "count": words.count,
            "says": words.says,
            "audited": lambda action: audited_text(action, words, self._services(language)),
            "language": language,
            "languages": LANGUAGES,
            "caller": caller,
            "may": lambda *roles: caller is not None and caller.may(*map(Role, roles)),
            "tomorrow": today + timedelta(days=1),
            "long_day": partial(dates.long_day, language=language),
            "short_day": partial(dates.short_day, language=language, today=today),
            "day_in": partial(dates.day_in, language=language, today=today),
            "many": partial(number_text, language=language, decimals=0),
            "month_name": partial(dates.month_of, language=language),
            "moment": partial(dates.moment, language=language, zone=self.zone),
            "base": base_of(request),
            "here": _here(request),
            "static": partial(_static, base_of(request)),
            "form_field": FIELD,
            "form_token": form_token(key, session),
            "clock": partial(dates.clock, zone=self.zone),
            "organisation": self.application.pack.say(
                self.application.pack.domain.organisation, language
            ),
        }


def base_of(request: Request) -> str:
    """The path under which the pages are mounted; empty at the root."""
    return str(request.scope.get("root_path", ""))


def _here(request: Request) -> str:
    """Where a visitor is, as far as one can go back to it."""
    return request.url.path.removeprefix(base_of(request)) if request.method == "GET" else "/"


def go(request: Request, path: str) -> RedirectResponse:
    """On to another page of ours, by GET."""
    return RedirectResponse(base_of(request) + path, status_code=303)


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    same_site: Literal["strict", "lax"] = "strict",
) -> None:
    """A cookie that no script reads and no other site sends; for the session unless ``seconds``.

    With ``lax``, whoever follows a link from another site brings it along.
    """
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=base_of(request) or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite=same_site,
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Takes a cookie of ours away."""
    response.delete_cookie(name, path=base_of(request) or "/", httponly=True, samesite="strict")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _static(base: str, name: str) -> str:
    return f"{base}/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
