"""Logging in to the pages at the identity provider, over HTTP and with real signatures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import expect
from pydantic import ValidationError

from serving.bootstrap import bootstrap
from serving.security.settings import IdentityProvider as Settings
from serving.workspace import Workspace, WorkspaceError
from tests.serving.identity_provider import AUDIENCE, CLIENT, SECRET, IdentityProvider, providing
from tests.serving.office import KIM, NOW, Office
from tests.serving.web.conftest import Visit, served
from tests.serving.web.desk import Desk

PAGES = "http://127.0.0.1"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with providing() as made:
        made.back = f"{PAGES}/log-in/back"
        yield made


def workspace_of(office: Office, provider: IdentityProvider, address: str = PAGES) -> Workspace:
    """The office's workspace, that lets people log in at ``provider``."""
    told = {
        "issuer": provider.issuer,
        "audience": AUDIENCE,
        "log_in": {"client": CLIENT, "address": address},
    }
    return office.workspace.model_copy(update={"oidc": Settings.model_validate(told)})


@pytest.fixture
def guest(
    office: Office, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    """Somebody at the pages of a workspace that has a provider."""
    monkeypatch.setenv("VOORZET_SECRET_OIDC_CLIENT", SECRET)
    application = bootstrap(workspace_of(office, provider), now=lambda: NOW)
    made = Visit(application)
    made.client.follow_redirects = False
    made.client.base_url = PAGES
    yield made
    application.database.close()


def go(guest: Visit) -> str:
    """To the provider, which sends back: the address that the browser is led to."""
    there = guest.get("/log-in/provider").headers["location"]
    return httpx2.get(there, follow_redirects=False).headers["location"]


def in_session(guest: Visit) -> bool:
    return guest.get("/search").status_code == 200


def test_one_logs_in_at_the_provider(
    guest: Visit, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert 'href="/log-in/provider"' in guest.get("/log-in").text
    back = go(guest)
    page = guest.get(back)
    assert page.status_code == 200
    assert 'content="0; url=/"' in page.text
    assert in_session(guest)
    assert "Kim Caseworker" in guest.get("/search").text
    cookies = [one.lower() for one in page.headers.get_list("set-cookie")]
    session = next(one for one in cookies if one.startswith("voorzet_session="))
    assert "httponly" in session
    assert "samesite=strict" in session
    # Of tokens, secret and verifier nothing is in a log, a page, a cookie or an address.
    seen = caplog.text + page.text + str(cookies) + str(provider.asked)
    for secret in (*provider.sent, SECRET, *(one.split(".")[1] for one in provider.sent)):
        assert secret not in seen


def test_the_provider_is_told_no_more_than_it_needs(guest: Visit) -> None:
    there = guest.get("/log-in/provider")
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked.keys() == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    cookie = there.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    for part in ("state", "nonce", "code_challenge"):
        assert asked[part][0].lower() not in cookie


def test_roles_and_purposes_are_those_of_the_claims(
    guest: Visit, provider: IdentityProvider
) -> None:
    provider.roles = ("auditor", "emperor")
    guest.get(go(guest))
    assert guest.get("/").headers["location"] == "/audit"
    provider.roles = ("emperor",)
    page = guest.get(go(guest))
    assert page.status_code == 403
    assert "nog geen rol" in page.text


def test_an_answer_counts_in_the_browser_that_asked_and_once(
    office: Office, guest: Visit, provider: IdentityProvider
) -> None:
    back = go(guest)
    other = Visit(guest.client.app.state.application)
    assert other.client.get(back).status_code == 400  # no attempt of its own
    assert provider.codes, "nothing was asked of the provider"
    attempt = guest.client.cookies["voorzet_log_in"]
    assert guest.get(back).status_code == 200
    guest.client.cookies.clear()
    assert guest.get(back).status_code == 400
    # Even with its cookie kept: the provider takes a code once.
    guest.client.cookies.set("voorzet_log_in", attempt)
    again = guest.get(back)
    assert again.status_code == 400
    assert "niet gelukt" in again.text
    assert not in_session(guest)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("state=", "state=x"),
        lambda url: url.replace("state=", "other="),
        lambda url: url.replace("code=", "error=access_denied&other="),
        lambda url: url.replace("code=", "code=x"),
        lambda url: url.replace("iss=", "iss=https%3A%2F%2Felsewhere.example&other="),
        lambda url: url.split("?")[0],
    ],
    ids=["wrong state", "no state", "refused there", "wrong code", "another issuer", "nothing"],
)
def test_an_answer_that_is_not_whole_is_refused(guest: Visit, change) -> None:
    page = guest.get(change(go(guest)))
    assert page.status_code == 400
    assert "niet gelukt" in page.text
    assert not in_session(guest)


@pytest.mark.parametrize(
    "said",
    [
        {"id_token": {"nonce": "another"}},
        {"id_token": {"nonce": None}},
        {"id_token": {"aud": AUDIENCE}},
        {"id_token": {"aud": [CLIENT, "other"], "azp": "other"}},
        {"id_token": {"iss": "https://elsewhere.example"}},
        {"id_token": {"exp": 1}},
        {"id_token": {"sub": "somebody-else"}},
        {"access_token": {"aud": "another-application"}},
        {"access_token": {"exp": 1}},
        {"access_token": {"iss": "https://elsewhere.example"}},
        {"signature": ("foreign", "RS256")},
        {"signature": ("own", "RS512")},
        {"signature": ("own", "none")},
    ],
    ids=str,
)
def test_tokens_that_are_not_right_are_refused(
    guest: Visit, provider: IdentityProvider, said
) -> None:
    vars(provider).update(said)
    assert guest.get(go(guest)).status_code == 400
    assert len(provider.sent) == 2, "the provider did hand tokens out"
    assert not in_session(guest)


def test_a_verifier_of_another_attempt_is_refused(guest: Visit, provider: IdentityProvider) -> None:
    """A code that was caught on its way is put in another browser's attempt."""
    caught = parse_qs(urlsplit(go(guest)).query)["code"][0]
    mine = parse_qs(urlsplit(go(guest)).query)
    page = guest.get(f"/log-in/back?code={caught}&state={mine['state'][0]}")
    assert page.status_code == 400
    assert not provider.sent


def test_a_provider_that_is_away_is_told_in_plain_words(
    guest: Visit, provider: IdentityProvider
) -> None:
    provider.away = True
    page = guest.get("/log-in/provider")
    assert page.status_code == 503
    assert "geeft geen antwoord" in page.text
    assert guest.get("/log-in").status_code == 200


def test_a_provider_that_goes_away_halfway(guest: Visit, provider: IdentityProvider) -> None:
    back = go(guest)
    provider.away = True
    page = guest.get(back)
    assert page.status_code == 503
    assert "geeft geen antwoord" in page.text


def test_logging_out_forgets_the_session_and_names_no_token(
    guest: Visit, provider: IdentityProvider
) -> None:
    guest.get(go(guest))
    out = guest.post("/log-out", page="/search")
    page = guest.get(out.headers["location"])
    assert "U bent uitgelogd" in page.text
    assert f"{provider.issuer}/leave?client_id=" in page.text
    assert "id_token_hint" not in page.text
    assert not in_session(guest)


def test_a_session_opens_no_door_of_the_api(
    office: Office, guest: Visit, provider: IdentityProvider
) -> None:
    guest.get(go(guest))
    for token in (guest.client.cookies["voorzet_session"], office.token(KIM)):
        answer = guest.client.get("/v1/services", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    theirs = {"Authorization": f"Bearer {provider.sent[1]}"}
    assert guest.client.get("/v1/services", headers=theirs).status_code == 200


def test_without_a_provider_there_is_no_such_door(visit: Visit) -> None:
    for path in ("/log-in/provider", "/log-in/back?code=x&state=y"):
        assert visit.get(path).url.path == "/log-in"
    assert "/log-in/provider" not in visit.get("/log-in").text


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "http://voorzet.example.org"},
        {"address": "http://localhost.example.org"},
        {"address": "https://voorzet.example.org/?next=x"},
        {"scopes": ["profile"]},
        {"client": ""},
        {"secret": "in the settings"},
        {"session_hours": 100},
    ],
    ids=str,
)
def test_settings_that_would_not_be_safe_are_refused(changes) -> None:
    pages = {"client": CLIENT, "address": "https://voorzet.example.org"} | changes
    told = {"issuer": "https://login.example.org", "audience": AUDIENCE, "log_in": pages}
    with pytest.raises(ValidationError):
        Settings.model_validate(told)


def test_the_secret_may_lie_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    pack = Path(__file__).parents[1] / "office_pack"
    workspace = Workspace.init(tmp_path / "one", pack)
    assert workspace.client_secret() is None
    file = workspace.secrets / "oidc-client.secret"
    file.write_text("ours\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(WorkspaceError, match="chmod 600"):
        workspace.client_secret()
    file.chmod(0o600)
    assert workspace.client_secret() == "ours"


@pytest.mark.browser
def test_a_browser_is_logged_in_after_it_comes_back_from_another_site(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session's cookie goes to no other site, and the provider is one."""
    monkeypatch.setenv("VOORZET_SECRET_OIDC_CLIENT", SECRET)
    with ExitStack() as open_:
        provider = open_.enter_context(providing())

        def settled(address: str) -> Workspace:
            provider.back = f"{address}/log-in/back"
            return workspace_of(office, provider, address)

        address = open_.enter_context(served(office, settled=settled))
        desk.page.goto(address)
        desk.page.get_by_role("link", name="Inloggen bij").click()
        expect(desk.page.get_by_role("heading", level=1)).to_have_text("Inwoner zoeken")
        assert desk.page.url == f"{address}/search"
        desk.page.go_back()
        assert "code=" not in desk.page.url
        desk.page.goto(f"{address}/search")
        desk.page.get_by_role("button", name="Uitloggen").click()
        expect(desk.page.get_by_role("status")).to_contain_text("U bent uitgelogd")
    assert desk.said == []
    for url in desk.asked:
        assert not any(token in url for token in provider.sent)
