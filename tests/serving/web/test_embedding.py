"""The element in the page of an imaginary case system: another origin, under a strict policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from serving.answers import Outcome
from serving.schema import decisions
from tests.serving.office import JANSEN, KIM, PURPOSE, Office
from tests.serving.web.conftest import served
from tests.serving.web.desk import Desk
from tests.serving.web.test_accessible import OVERFLOW, wrong

pytestmark = [pytest.mark.browser, pytest.mark.slow("drives a real browser")]
CASE_SYSTEM = Path(__file__).parents[3] / "examples" / "case-system"
WRITTEN = "http://127.0.0.1:8000"
"""Where the example expects Voorzet."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and does not write about it."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def case_system(folder: Path) -> Iterator[ThreadingHTTPServer]:
    """The imaginary case system, on an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def undecided(office: Office) -> None:
    with office.application.database.write() as connection:
        connection.execute(delete(decisions))


@pytest.fixture
def there(office: Office, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The case system's address and one that Voorzet does not know; both show its suggestions."""
    with case_system(tmp_path) as server, case_system(tmp_path) as stranger:
        known, unknown = (f"http://127.0.0.1:{one.server_port}" for one in (server, stranger))
        with served(office, embed_origins=[known]) as voorzet:
            for file in CASE_SYSTEM.iterdir():
                text = file.read_text(encoding="utf-8").replace(WRITTEN, voorzet)
                (tmp_path / file.name).write_text(text, encoding="utf-8")
            yield known, unknown


def open_case(page: Page, address: str, office: Office, token: str | None = None) -> None:
    page.goto(f"{address}/index.html")
    page.get_by_label("Toegangscode").fill(token or office.token(KIM))
    page.get_by_label("Pseudoniem").fill(str(office.citizen(JANSEN)))
    page.get_by_label("Doel").fill(PURPOSE)
    page.get_by_role("button", name="Open de zaak").click()


def decided(office: Office) -> dict[str, Outcome]:
    found = office.application.decisions(
        office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
    )
    return {one.service: one.outcome for one in found}


def test_a_caseworker_decides_without_leaving_the_case(there, office: Office, desk: Desk) -> None:
    page, (address, _) = desk.page, there
    open_case(page, address, office)
    inside = page.locator("voorzet-suggestions")
    expect(inside.get_by_role("article")).to_have_count(3)
    top_up = inside.get_by_role("article", name="Aanvulling past misschien bij deze inwoner")
    expect(top_up).to_contain_text("Het inkomen is laag.")
    expect(top_up).to_contain_text("Hoeveel spaargeld is er?")

    top_up.get_by_role("button", name="Oppakken").click()
    expect(inside.get_by_role("status")).to_have_text("✓ Aanvulling – opgepakt")
    expect(page.locator("#log")).to_have_text("Genoteerd in de zaak: top-up (accepted).")

    old_age = inside.get_by_role("article", name="Pensioen past misschien")
    old_age.locator("summary", has_text="Later …").click()
    old_age.get_by_label("Tot wanneer?").fill("2027-01-15")
    old_age.get_by_role("button", name="Leg weg tot dan").click()
    expect(page.locator("#log")).to_contain_text("old-age (deferred)")

    rent = inside.get_by_role("article", name="Huurhulp past misschien")
    rent.locator("summary", has_text="Niet passend …").click()
    rent.get_by_label("Wil dit niet").check()
    rent.get_by_role("button", name="Leg weg").click()
    expect(page.locator("#log")).to_contain_text("rent-help (overridden)")

    assert decided(office) == {
        "top-up": Outcome.ACCEPTED,
        "old-age": Outcome.DEFERRED,
        "rent-help": Outcome.OVERRIDDEN,
    }
    assert desk.said == []  # nothing that the page's own policy would have stopped
    assert not [url for url in desk.asked if str(office.citizen(JANSEN)) in url]


def test_it_takes_over_the_house_style_and_reads_well(there, office: Office, desk: Desk) -> None:
    page, (address, _) = desk.page, there
    open_case(page, address, office)
    button = page.locator("voorzet-suggestions").get_by_role("button", name="Oppakken").first
    looks = button.evaluate(
        "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).fontFamily]"
    )
    assert looks == ["rgb(122, 31, 92)", "Georgia, serif"]
    assert wrong(Axe(), page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(OVERFLOW) == 0


def test_another_language_is_one_attribute(there, office: Office, desk: Desk) -> None:
    page, (address, _) = desk.page, there
    open_case(page, address, office)
    page.evaluate("document.querySelector('voorzet-suggestions').setAttribute('language', 'en')")
    inside = page.locator("voorzet-suggestions")
    expect(inside.get_by_role("heading", name="Suggestions")).to_be_visible()
    expect(inside.get_by_role("article").first).to_contain_text("Income is low.")


def test_a_token_that_has_ended_is_told_and_can_be_renewed(
    there, office: Office, desk: Desk
) -> None:
    page, (address, _) = desk.page, there
    open_case(page, address, office, token="ended")
    inside = page.locator("voorzet-suggestions")
    expect(inside.get_by_role("alert")).to_contain_text("uw toegang is verlopen")
    page.get_by_label("Toegangscode").fill(office.token(KIM))
    page.get_by_role("button", name="Open de zaak").click()
    expect(inside.get_by_role("article")).to_have_count(3)


def test_a_site_that_was_not_named_gets_nothing(there, office: Office, desk: Desk) -> None:
    page, (_, stranger) = desk.page, there
    open_case(page, stranger, office)
    inside = page.locator("voorzet-suggestions")
    expect(inside.get_by_role("alert")).to_contain_text("kunnen nu niet worden getoond")
    expect(inside.get_by_role("article")).to_have_count(0)
