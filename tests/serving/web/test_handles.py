"""A handle says what a page shows to its own session, for a working day, and nothing to others."""

import pytest

from serving.web import handles
from serving.web.handles import HandleEndedError, Handles


def test_a_handle_opens_for_its_own_session():
    mine = Handles("token-of-kim")
    handle = mine.seal("view", citizen="-42", purpose="support")
    assert mine.open("view", handle) == {"citizen": "-42", "purpose": "support"}
    assert Handles("token-of-kim").open("view", handle)["citizen"] == "-42"


@pytest.mark.parametrize(("token", "kind"), [("token-of-ola", "view"), ("token-of-kim", "search")])
def test_a_handle_opens_for_nobody_else_and_for_nothing_else(token, kind):
    handle = Handles("token-of-kim").seal("view", citizen="-42")
    with pytest.raises(HandleEndedError):
        Handles(token).open(kind, handle)


@pytest.mark.parametrize("handle", ["", "a", "nonsense", "é", "A" * 80])
def test_nonsense_is_no_handle(handle):
    with pytest.raises(HandleEndedError):
        Handles("token-of-kim").open("view", handle)


def test_a_handle_ends(monkeypatch):
    mine = Handles("token-of-kim")
    monkeypatch.setattr(handles, "LASTS_SECONDS", -1)
    handle = mine.seal("view", citizen="-42")
    with pytest.raises(HandleEndedError):
        mine.open("view", handle)


def test_handles_of_one_citizen_differ_and_tell_nothing_by_their_length():
    mine = Handles("token-of-kim")
    first, second = (mine.seal("search", query="123456782") for _ in range(2))
    assert first != second
    assert len(first) == len(mine.seal("search", query="jan"))
    assert "123456782" not in first
