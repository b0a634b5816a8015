"""Fetching from ZGW APIs, with a token signed by the secret that both sides know.

The APIs ask for a JWT (HS256) of the application (``iss``, ``client_id``) and for whom it asks
(``user_id``, ``user_representation``), issued a moment ago: VNG Realisatie, *Authenticatie en
autorisatie voor ZGW-API's*. No redirect is followed, for the token would go along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt

from features.sources.zgw_pull import NotFetched
from serving.zgw_settings import ZgwApis

SECONDS = 10
LARGEST = 10_000_000
USER = "voorzet"


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class ZgwClient:
    """Fetches resources one by one."""

    def __init__(self, apis: ZgwApis) -> None:
        self._apis = apis
        self._opener = build_opener(_NoRedirect)

    def get(self, url: str) -> Mapping[str, Any]:
        """The JSON object at ``url``.

        Raises
        ------
        NotFetched
            When it is answered with anything else than what is there.
        OSError
            When there is no answer.
        """
        asked = Request(url, headers=self._headers())  # noqa: S310  # of the roots alone
        try:
            with self._opener.open(asked, timeout=SECONDS) as answer:
                found = answer.read(LARGEST + 1)
        except HTTPError as fault:
            fault.close()
            raise NotFetched(fault.code) from None
        except HTTPException as fault:
            raise OSError("the answer cannot be read") from fault
        if len(found) > LARGEST:
            raise OSError("the answer is too large")
        try:
            told = json.loads(found)
        except ValueError:
            raise OSError("the answer is no JSON") from None
        if not isinstance(told, dict):
            raise OSError("the answer is no resource")
        return told

    def _headers(self) -> dict[str, str]:
        name = self._apis.client_id
        claims = {
            "iss": name,
            "iat": int(datetime.now(UTC).timestamp()),
            "client_id": name,
            "user_id": USER,
            "user_representation": USER,
        }
        token = jwt.encode(claims, self._apis.secret.get_secret_value(), algorithm="HS256")
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Crs": "EPSG:4326",
        }
