"""Tokens of an identity provider: whose are read, whose are refused, and keys that change."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from serving.errors import NotReadyError, NotSignedInError
from serving.security import Caller, Role
from serving.security.fetching import LARGEST, fetch
from serving.security.key_sets import KeySet
from serving.security.oidc import OidcTokens
from serving.security.settings import IdentityProvider
from serving.security.signing_in import SigningIn
from serving.security.tokens import Tokens

ISSUER = "https://login.example.org/town"
AUDIENCE = "voorzet"
SETTINGS: dict[str, Any] = {
    "issuer": ISSUER,
    "audience": AUDIENCE,
    "keys": f"{ISSUER}/keys",
    "role_claims": ["realm_access.roles", "scope"],
    "roles": {"balie": "caseworker", "voorzet:events": "source"},
}


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str) -> dict[str, Any]:
    told = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(name).public_key(), as_dict=True)
    return told | {"kid": name, "use": "sig", "alg": "RS256"}


class Provider:
    """What stands at the provider's addresses, and how often it was asked for."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.asked: list[str] = []
        self.down = False
        self.now = 1000.0

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        if self.down:
            raise OSError("no route")
        if address.endswith("openid-configuration"):
            return json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/found"}).encode()
        return json.dumps({"keys": self.keys}).encode()

    def tokens(self, **changes: Any) -> OidcTokens:
        provider = IdentityProvider.model_validate(SETTINGS | changes)
        keys = KeySet(provider.issuer, provider.keys, self.fetch, clock=lambda: self.now)
        return OidcTokens(provider, keys)


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = {
        "iss": ISSUER,
        "aud": ["account", AUDIENCE],
        "sub": "f3b1",
        "name": "Kim",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "realm_access": {"roles": ["balie", "emperor", 7]},
        "scope": "openid voorzet:events",
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def signed(told: dict[str, Any], key: str = "one", *, name: str | None = None) -> str:
    return jwt.encode(told, rsa_key(key), algorithm="RS256", headers={"kid": name or key})


def test_roles_and_scopes_come_from_the_claims_that_the_settings_name() -> None:
    found = Provider(public("one")).tokens().read(signed(claims()))
    assert found == Caller("f3b1", "Kim", frozenset({Role.CASEWORKER, Role.SOURCE}))
    none = Provider(public("one")).tokens(roles={}).read(signed(claims()))
    assert none.roles == frozenset()


def test_a_token_may_hold_its_caller_to_purposes() -> None:
    tokens = Provider(public("one")).tokens(purposes_claim="purposes")
    assert tokens.read(signed(claims(purposes=["support"]))).purposes == {"support"}
    assert tokens.read(signed(claims())).purposes == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://login.example.org/other"},
        {"aud": "another-application"},
        {"aud": None},
        {"sub": None},
        {"exp": None},
        {"exp": -timedelta(minutes=2)},
        {"nbf": timedelta(minutes=2)},
        {"iat": timedelta(hours=2)},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_token_with_wrong_claims_is_refused(changes: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    changes = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    with pytest.raises(NotSignedInError):
        Provider(public("one")).tokens().read(signed(claims(**changes)))


def test_clocks_may_differ_a_little() -> None:
    late = claims(exp=datetime.now(UTC) - timedelta(seconds=10))
    early = claims(nbf=datetime.now(UTC) + timedelta(seconds=10))
    for told in (late, early):
        assert Provider(public("one")).tokens().read(signed(told)).subject == "f3b1"
        with pytest.raises(NotSignedInError):
            Provider(public("one")).tokens(leeway=0).read(signed(told))


def test_another_key_algorithm_or_no_signature_is_refused() -> None:
    """Among them the public key of the provider, taken for a shared secret."""
    head, body, mark = signed(claims()).split(".")
    pem = rsa_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = b".".join(
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=")
        for one in ({"alg": "HS256", "kid": "one"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": "x"})
    )
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = confused + b"." + base64.urlsafe_b64encode(hmac.sign(confused, pem)).rstrip(b"=")
    elliptic = jwt.encode(claims(), ec_key(), algorithm="ES256", headers={"kid": "one"})
    longer = jwt.encode(claims(), rsa_key("one"), algorithm="RS512", headers={"kid": "one"})
    tokens = Provider(public("one")).tokens()
    for token in (
        signed(claims(), "foreign", name="one"),
        signed(claims(), "foreign"),
        jwt.encode(claims(), None, algorithm="none", headers={"kid": "one"}),
        f"{head}.{body}.",
        f"{head}.{body}.{mark[:-4]}AAAA",
        forged.decode(),
        elliptic,
        longer,
        "nonsense",
        "",
    ):
        with pytest.raises(NotSignedInError):
            tokens.read(token)


def test_keys_that_do_not_sign_are_not_read() -> None:
    secret = {"kty": "oct", "kid": "s", "k": "AAAA", "alg": "HS256"}
    sealing = public("two") | {"use": "enc"}
    strange = {"kty": "unheard-of", "kid": "u"}
    provider = Provider(secret, sealing, strange, public("one"), {"kty": "RSA"})
    tokens = provider.tokens()
    assert tokens.read(signed(claims())).subject == "f3b1"
    with pytest.raises(NotSignedInError):
        tokens.read(signed(claims(), "two"))


def test_a_new_key_is_asked_for_and_strangers_cannot_make_us_ask_on_and_on() -> None:
    provider = Provider(public("one"))
    tokens = provider.tokens()
    for _ in range(20):
        assert tokens.read(signed(claims())).subject == "f3b1"
    assert len(provider.asked) == 1
    provider.keys = [public("two")]
    provider.now += 31
    assert tokens.read(signed(claims(), "two")).subject == "f3b1"
    assert len(provider.asked) == 2
    for number in range(50):
        with pytest.raises(NotSignedInError):
            tokens.read(signed(claims(), "foreign", name=f"made-up-{number}"))
    with pytest.raises(NotSignedInError):  # taken out of the set, so it counts no more
        tokens.read(signed(claims()))
    assert len(provider.asked) == 2


def test_a_key_that_is_withdrawn_goes_within_the_hour() -> None:
    provider = Provider(public("one"))
    tokens = provider.tokens()
    tokens.read(signed(claims()))
    provider.keys, provider.now = [public("two")], provider.now + 3601
    with pytest.raises(NotSignedInError):
        tokens.read(signed(claims()))


def test_while_the_provider_is_away_known_keys_go_on_for_a_day() -> None:
    provider = Provider(public("one"))
    tokens = provider.tokens()
    tokens.read(signed(claims()))
    provider.down = True
    provider.now += 7200
    assert tokens.read(signed(claims())).subject == "f3b1"
    provider.now += 24 * 3600
    with pytest.raises(NotReadyError):
        tokens.read(signed(claims()))
    provider.down, provider.now = False, provider.now + 31
    assert tokens.read(signed(claims())).subject == "f3b1"


def test_where_the_keys_are_is_asked_of_the_issuer() -> None:
    provider = Provider(public("one"))
    assert provider.tokens(keys=None).read(signed(claims())).subject == "f3b1"
    assert provider.asked == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/found"]
    elsewhere = Provider(public("one")).tokens(keys=None, issuer="https://other.example.org")
    with pytest.raises(NotReadyError):
        elsewhere.read(signed(claims(iss="https://other.example.org")))


def test_the_issuer_chooses_who_reads_and_nobody_else_does() -> None:
    local = Tokens(b"t" * 32)
    kim = Caller("kim", "Kim", frozenset({Role.CASEWORKER}))
    oidc = Provider(public("one")).tokens()
    both = SigningIn(oidc, local)
    assert both.read(local.issue(kim)) == kim
    assert both.read(signed(claims())).subject == "f3b1"
    for token in (local.issue(kim), "nonsense", "", "a" * 20_000):
        with pytest.raises(NotSignedInError):
            SigningIn(oidc).read(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://login.example.org"},
        {"keys": "file:///etc/passwd"},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"roles": {"balie": "emperor"}},
    ],
)
def test_settings_that_would_not_be_safe_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IdentityProvider.model_validate(SETTINGS | changes)


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path != "/gone" else 410)
        self.end_headers()
        if self.path != "/gone":
            self.wfile.write(b"x" * (LARGEST + 1) if self.path == "/large" else b'{"keys": []}')

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_document_is_fetched_over_http(address: str) -> None:
    assert fetch(f"{address}/keys") == b'{"keys": []}'
    for path in ("/gone", "/large"):
        with pytest.raises(OSError, match=r"410|too large"):
            fetch(address + path)
    with pytest.raises(OSError, match="refused"):
        fetch("http://127.0.0.1:9/keys")
