"""Sessions: ours alone, ended in time, and with no more than the roles that there are."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.errors import NotSignedInError
from serving.security import Caller, Role
from serving.security.sessions import Sessions
from serving.security.tokens import Tokens

KEY = bytes(range(32))
KIM = Caller("kim", "Kim", frozenset({Role.CASEWORKER}), frozenset({"support"}))
SESSIONS = Sessions(KEY, timedelta(hours=8))


def test_it_reads_what_it_began() -> None:
    assert SESSIONS.read(SESSIONS.begin(KIM)) == KIM


def test_a_role_that_there_is_no_more_is_left_out() -> None:
    claims = jwt.decode(SESSIONS.begin(KIM), options={"verify_signature": False})
    claims["roles"] = ["caseworker", "archivist"]
    token = jwt.encode(claims, Ed25519PrivateKey.from_private_bytes(KEY), algorithm="EdDSA")
    assert SESSIONS.read(token).roles == {Role.CASEWORKER}


def test_a_session_that_ended_and_a_token_are_none() -> None:
    ended = Sessions(KEY, timedelta(seconds=-1)).begin(KIM)
    for other in (ended, Tokens(KEY).issue(KIM), Sessions(bytes(32), timedelta(1)).begin(KIM)):
        with pytest.raises(NotSignedInError):
            SESSIONS.read(other)
    with pytest.raises(NotSignedInError):
        Tokens(KEY).read(SESSIONS.begin(KIM))
