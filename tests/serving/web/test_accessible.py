"""Every page, in both languages and both colour schemes: WCAG 2.2 AA by axe, and no wider than a
small phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import delete

from serving.answers import Outcome
from serving.casework.tables import caseload, facts_told, rights_requests
from serving.schema import approaches, decisions, objections
from serving.security import Caller, Role
from tests.serving.office import BAKKER, JANSEN, KIM, PURPOSE, VISSER, VRIES, Office
from tests.serving.web.conftest import served

pytestmark = [pytest.mark.browser, pytest.mark.slow("drives a real browser over every page")]
ANN = Caller(KIM.subject, "Kim", frozenset({Role.CASEWORKER, Role.AUDITOR}))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = """document.querySelectorAll('details').forEach(one => {
  one.removeAttribute('name'); one.open = true; })"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OF_A_VIEW = ("", "/why-not", "/looks", "/decisions", "/timeline", "/rights")


@pytest.fixture(scope="module")
def busy(office: Office) -> Office:
    """An office in which every part of every page has something to show."""
    application = office.application
    with application.database.write() as connection:
        for table in (decisions, objections, approaches, facts_told, caseload, rights_requests):
            connection.execute(delete(table))
    citizens = [office.citizen(one) for one in (JANSEN, VRIES, BAKKER, VISSER)]
    application.casework.caseloads.add(citizens, KIM.subject, by=KIM)
    bakker = citizens[2]
    application.object(bakker, purpose=PURPOSE, by=KIM, service="rent-help")
    application.casework.tell(bakker, "savings", "100", language="nl", purpose=PURPOSE, by=KIM)
    for kind, text in (("correction", "Het inkomen is lager."), ("erasure", None)):
        application.casework.ask_for(
            bakker, kind, purpose=PURPOSE, by=KIM, source="register", text=text
        )
    for choice, reason in (("taken", "stuck"), ("back", "solved")):
        application.choose_approach(
            bakker, choice, language="nl", purpose=PURPOSE, by=KIM, reason=reason
        )
    found = application.suggest(bakker, language="nl", purpose=PURPOSE, by=KIM)
    application.decide(found.cards[0].id, Outcome.ACCEPTED, by=KIM, language="nl")
    return office


@pytest.fixture(params=[("nl", "light"), ("en", "dark")], ids=["nl, light", "en, dark"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A browser in a colour scheme; the language is what the page's own browser asks for."""
    language, scheme = request.param
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=scheme, locale=language
    )
    yield context.new_page()
    context.close()


def log_in(page: Page, address: str, token: str) -> None:
    language = page.evaluate("navigator.language")[:2]
    page.goto(address)
    page.locator(f"button[name=language][value={language}]").click()
    page.locator("#token").fill(token)
    page.locator("main form button").click()
    page.locator("nav").first.wait_for()


def every_page(page: Page, address: str) -> Iterator[str]:
    """Opens one page after the other, with everything on it folded out."""
    for path in ("/caseload", "/search", "/audit", "/insight", "/nowhere"):
        page.goto(address + path)
        yield path
    page.goto(f"{address}/caseload")
    views = [
        page.get_by_role("link", name=name).get_attribute("href")
        for name in ("Bakker, C.", "Jansen, A.", "Vries, B. de")
    ]
    for place, view in enumerate(views):
        for part in OF_A_VIEW if place == 0 else OF_A_VIEW[:1]:
            page.goto(f"{address}{view}{part}")
            page.evaluate(OPEN_ALL)
            yield f"view {place}{part}"
    page.goto(f"{address}{views[1]}")
    page.evaluate(OPEN_ALL)
    page.locator("#card-top-up .answer input[type=text]").first.fill("90000")
    page.locator("#card-top-up .answer button[value=try]").first.click()
    yield "what if"


def test_axe_finds_nothing_on_any_page(busy: Office, page: Page) -> None:
    axe, found = Axe(), {}
    with served(busy) as address:
        page.goto(f"{address}/log-in")
        found["log in"] = wrong(axe, page)
        log_in(page, address, busy.token(ANN))
        for name in every_page(page, address):
            found[name] = wrong(axe, page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def wrong(axe: Axe, page: Page) -> list[str]:
    told = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response[
        "violations"
    ]
    return [
        f"{one['id']}: {node['html'][:140]} {node.get('failureSummary', '')[:160]}"
        for one in told
        for node in one["nodes"]
    ]


def test_no_page_is_wider_than_a_small_phone(busy: Office, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, locale="nl")
    page, wide = context.new_page(), {}
    with served(busy) as address:
        log_in(page, address, busy.token(ANN))
        for name in every_page(page, address):
            wide[name] = page.evaluate(OVERFLOW)
    context.close()
    assert {name: pixels for name, pixels in wide.items() if pixels} == {}
