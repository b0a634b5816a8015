"""Forms: only our own pages may post them.

Two locks. The browser says where a post comes from (``Sec-Fetch-Site``, ``Origin``), and each
form carries a token made from a cookie that other sites can neither read nor send (HttpOnly,
SameSite=Strict) and from the session itself.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request

from features.errors import VoorzetError

COOKIE = "voorzet_form"
SESSION = "voorzet_session"
FIELD = "form_token"
LARGEST = 64 * 1024
Form = dict[str, str]


class FormRefusedError(VoorzetError):
    """A form that did not come from our own, current page."""


def form_key(request: Request) -> str:
    """The key of this browser's forms; a new one when it has none."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(32)


def form_token(key: str, session: str) -> str:
    """The token that a form carries, for this browser and this session (empty before log-in)."""
    return hmac.new(key.encode(), sha256(session.encode()).digest(), sha256).hexdigest()


async def checked_form(request: Request) -> Form:
    """The fields of a posted form; raises FormRefusedError when it is not ours."""
    if not _from_here(request):
        raise FormRefusedError("The form came from another site.")
    if int(request.headers.get("content-length") or 0) > LARGEST:
        raise FormRefusedError("The form is too large.")
    async with request.form(max_files=0, max_fields=40) as posted:
        fields = {name: value for name, value in posted.items() if isinstance(value, str)}
    key = request.cookies.get(COOKIE)
    wanted = form_token(key, request.cookies.get(SESSION, "")) if key else ""
    given = fields.pop(FIELD, "")
    if not key or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise FormRefusedError("The form is no longer current.")
    return fields


def _from_here(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
