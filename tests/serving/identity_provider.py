"""A small identity provider over HTTP, with real keys: OpenID Connect's code flow with PKCE."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET, AUDIENCE = "voorzet-pages", "a secret: 100% ours", "voorzet"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def signed(claims: dict[str, Any], name: str = "own", algorithm: str = "RS256") -> str:
    private = key(name) if algorithm != "none" else None
    return jwt.encode(claims, private, algorithm=algorithm, headers={"kid": "own"})


@dataclass
class IdentityProvider:
    """What it says and does; tests change it to what a provider must not do.

    ``id_token`` and ``access_token`` change claims; ``signature`` is the key and the algorithm of
    the ID token.
    """

    issuer: str = ""
    back: str = ""
    """The only address that people are sent back to."""
    roles: tuple[str, ...] = ("caseworker",)
    id_token: dict[str, Any] = field(default_factory=dict)
    access_token: dict[str, Any] = field(default_factory=dict)
    signature: tuple[str, str] = ("own", "RS256")
    away: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    """Every token that left."""
    asked: list[str] = field(default_factory=list)
    """Every address that was asked for."""

    def get(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any] | str]:
        """The answer to a GET: JSON, or where to go."""
        if path == "/.well-known/openid-configuration":
            places = {"authorization": "authorize", "token": "token", "end_session": "leave"}
            told = {f"{name}_endpoint": f"{self.issuer}/{at}" for name, at in places.items()}
            return 200, told | {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(key("own").public_key(), as_dict=True)
            return 200, {"keys": [public | {"kid": "own", "use": "sig", "alg": "RS256"}]}
        if path == "/authorize":
            return 303, self._authorize(query)
        return 404, {}

    def _authorize(self, asked: dict[str, str]) -> str:
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.back
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{self.back}?{urlencode(told)}"

    def post(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        """The answer at the token endpoint."""
        wanted = "Basic " + base64.b64encode(b"voorzet-pages:a+secret%3A+100%25+ours").decode()
        if basic != wanted:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = datetime.now(UTC)
        both = {"iss": self.issuer, "sub": "f3b1", "iat": now, "exp": now + timedelta(minutes=5)}
        id_token = {"aud": CLIENT, "nonce": asked["nonce"], "name": "Kim Caseworker"}
        access_token = {"aud": AUDIENCE, "roles": list(self.roles)}
        told = {
            "id_token": signed(both | id_token | self.id_token, *self.signature),
            "access_token": signed(both | access_token | self.access_token),
            "token_type": "Bearer",
        }
        self.sent += [told["id_token"], told["access_token"]]
        return 200, told


@contextmanager
def providing() -> Iterator[IdentityProvider]:
    """A provider that listens, on a site of its own: ``localhost``, not ``127.0.0.1``."""
    provider = IdentityProvider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            provider.asked.append(self.path)
            query = {name: one[0] for name, one in parse_qs(asked.query).items()}
            self._answer(*((503, {}) if provider.away else provider.get(asked.path, query)))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: one[0] for name, one in parse_qs(body).items()}
            basic = self.headers.get("Authorization", "")
            self._answer(*((503, {}) if provider.away else provider.post(form, basic)))

        def _answer(self, status: int, told: dict[str, Any] | str) -> None:
            self.send_response(status)
            if isinstance(told, str):
                self.send_header("Location", told)
            self.end_headers()
            if not isinstance(told, str):
                self.wfile.write(json.dumps(told).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        provider.issuer = f"http://localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield provider
        server.shutdown()
