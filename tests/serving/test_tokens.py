"""Tokens: pinned algorithm, issuer, audience and end; roles we know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.errors import InvalidRequestError, NotSignedInError
from serving.security import Caller, Role
from serving.security.tokens import ALGORITHM, AUDIENCE, ISSUER, Tokens

KEY = b"t" * 32
KIM = Caller("kim", "Kim", frozenset({Role.CASEWORKER, Role.AUDITOR}))


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "kim",
        "roles": ["caseworker"],
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    changed = told | changes
    return {name: value for name, value in changed.items() if value is not None}


def signed(told: dict[str, Any]) -> str:
    return jwt.encode(told, Ed25519PrivateKey.from_private_bytes(KEY), algorithm=ALGORITHM)


def test_a_caller_comes_back_from_their_token() -> None:
    tokens = Tokens(KEY)
    assert tokens.read(tokens.issue(KIM)) == KIM


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody-else"},
        {"aud": "another-service"},
        {"exp": datetime.now(UTC) - timedelta(minutes=1)},
        {"exp": None},
        {"sub": None},
        {"aud": None},
        {"iat": datetime.now(UTC) + timedelta(hours=1)},
    ],
)
def test_a_token_with_wrong_claims_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotSignedInError):
        Tokens(KEY).read(signed(claims(**changes)))


def test_a_token_of_another_key_or_algorithm_is_refused() -> None:
    others = Tokens(b"o" * 32).issue(KIM)
    unsigned = jwt.encode(claims(), None, algorithm="none")
    symmetric = jwt.encode(claims(), KEY, algorithm="HS256")
    whole = Tokens(KEY).issue(KIM)
    head, body, mark = whole.split(".")
    changed = ".".join([head, body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), mark])
    for token in (others, unsigned, symmetric, changed, "nonsense", ""):
        with pytest.raises(NotSignedInError):
            Tokens(KEY).read(token)


def test_roles_that_we_do_not_know_give_nothing() -> None:
    told = claims(roles=["caseworker", "emperor", 7])
    assert Tokens(KEY).read(signed(told)).roles == frozenset({Role.CASEWORKER})
    assert Tokens(KEY).read(signed(claims(roles="admin"))).roles == frozenset()


def test_what_is_not_issued() -> None:
    with pytest.raises(InvalidRequestError):
        Tokens(KEY).issue(Caller("kim", "Kim", frozenset()))
    for lasts in (timedelta(days=60), timedelta(0)):
        with pytest.raises(InvalidRequestError):
            Tokens(KEY).issue(KIM, lasts)
