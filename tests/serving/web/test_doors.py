"""Who comes in, which forms are taken, and what the browser may do."""

import re
from datetime import timedelta

import pytest

from serving.api.app import app_of
from tests.serving.office import JANSEN, KIM, OLA, PURPOSE
from tests.serving.web.conftest import Visit


def test_without_a_token_every_page_leads_to_the_log_in_page(stranger):
    for path in ("/", "/search", "/search/x", "/view/x", "/view/x/why-not"):
        page = stranger.get(path)
        assert page.url.path == "/log-in"
        assert page.status_code == 200
    assert "afgelopen" not in page.text


def test_a_wrong_token_is_refused_in_plain_words(stranger):
    page = stranger.log_in("nonsense")
    assert page.status_code == 400
    assert "Deze code klopt niet of is verlopen" in page.text
    assert stranger.get("/search").url.path == "/log-in"


def test_a_session_that_ended_is_said_to_have_ended(office, stranger):
    stranger.log_in(office.application.tokens.issue(KIM, timedelta(seconds=1)))
    stranger.client.cookies.set("voorzet_session", "ended", domain="testserver.local", path="/")
    page = stranger.get("/search")
    assert page.url.path == "/log-in"
    assert "uw sessie is afgelopen" in page.text


def test_logging_out_forgets_the_token(visit):
    assert visit.post("/log-out", page="/search").url.path == "/log-in"
    assert visit.get("/search").url.path == "/log-in"


def test_cookies_are_for_the_server_alone(office, stranger):
    stranger.client.follow_redirects = False
    for response in (stranger.get("/log-in"), stranger.log_in(office.token(KIM))):
        for cookie in response.headers.get_list("set-cookie"):
            assert "httponly" in cookie.lower()
            assert "samesite=strict" in cookie.lower()


def test_over_https_cookies_are_secure(office):
    visit = Visit(office.application)
    visit.client.base_url = "https://testserver"
    assert "secure" in visit.get("/log-in").headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["/log-in", "/language", "/log-out", "/search"])
def test_a_form_without_its_token_is_refused(visit, path):
    page = visit.client.post(path, data={"token": "x", "query": "x", "purpose": PURPOSE})
    assert page.status_code == 403
    assert "Dit formulier is verlopen" in page.text


def test_a_form_of_another_session_is_refused(office, visit):
    other = Visit(office.application)
    token = re.search(r'form_token" value="(\w+)"', other.get("/log-in").text).group(1)
    page = visit.client.post("/language", data={"form_token": token, "language": "en"})
    assert page.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
def test_a_form_from_another_site_is_refused(visit, headers):
    visit.client.headers.update(headers)
    assert visit.post("/log-out", page="/search").status_code == 403


def test_the_language_can_be_chosen_and_only_our_own_pages_are_gone_back_to(visit):
    page = visit.post("/language", page="/search", language="en", back="/search")
    assert page.url.path == "/search"
    assert '<html lang="en">' in page.text
    for back in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"):
        visit.client.follow_redirects = False
        page = visit.post("/language", page="/search", language="nl", back=back)
        assert page.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/log-in", "/nothing", "/static/voorzet.css", "/search"])
def test_every_answer_says_what_the_browser_may_do(stranger, path):
    headers = stranger.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert (
        ("immutable" in headers["cache-control"])
        or "max-age" in headers["cache-control"]
        or headers["cache-control"] == "no-store"
    )


def test_pages_are_kept_in_no_cache(visit):
    assert visit.get(visit.open("Jansen")).headers["cache-control"] == "no-store"


def test_another_role_is_told_so(office, stranger):
    stranger.log_in(office.token(OLA))
    page = stranger.post("/search", page="/insight", query="Jansen", purpose=PURPOSE)
    assert page.status_code == 403
    assert "Dit mag u niet bekijken" in page.text


def test_addresses_for_machines_stay_with_the_api(stranger):
    for path in ("/v1/nothing", "/v1", "/healthz/nothing"):
        page = stranger.get(path)
        assert page.headers["content-type"] == "application/problem+json"
    assert stranger.get("/healthz").json()


def test_what_is_not_there_is_told_in_the_house_style(visit):
    page = visit.get("/nothing")
    assert page.status_code == 404
    assert "Deze pagina is er niet" in page.text
    assert 'href="/search"' in page.text
    for path in ("/view/nonsense", "/search/nonsense"):
        page = visit.get(path)
        assert page.status_code == 404
        assert "Deze pagina is verlopen" in page.text


def test_a_view_opens_in_no_other_session(office, visit):
    path = visit.open("Jansen")
    other = Visit(office.application)
    other.log_in(office.application.tokens.issue(KIM, timedelta(hours=1)))
    assert other.get(path).status_code == 404


def test_what_nobody_foresaw_is_a_page_without_a_trace(office, caplog):
    app = app_of(office.application)
    pages = app.router.routes[-1].app._app

    @pages.get("/broken")
    def broken() -> None:
        raise RuntimeError(f"secret of {JANSEN.number}")

    visit = Visit(office.application)
    visit.client = type(visit.client)(app, raise_server_exceptions=False)
    page = visit.client.get("/broken")
    assert page.status_code == 500
    assert "Hier ging iets mis bij ons" in page.text
    assert "RuntimeError" not in page.text
    assert JANSEN.number not in page.text
    assert "a page failed" in caplog.text
