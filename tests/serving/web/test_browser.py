"""A caseworker's day in a real browser, on a real server, with a restart in between."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from serving.casework.tables import caseload, facts_told, rights_requests
from serving.schema import approaches, decisions, objections
from tests.serving.office import JANSEN, KIM, Office
from tests.serving.web.conftest import served
from tests.serving.web.desk import Desk, card

pytestmark = [pytest.mark.browser, pytest.mark.slow("drives a real browser")]
WIDTHS = (1280, 390, 360)


@pytest.fixture(autouse=True)
def undecided(office: Office) -> None:
    """Every test begins with nothing decided."""
    with office.application.database.write() as connection:
        for table in (decisions, objections, approaches, facts_told, caseload, rights_requests):
            connection.execute(delete(table))


def test_a_caseworkers_day(office, desk):
    page, token = desk.page, office.token(KIM)
    with served(office) as address:
        desk.log_in(address, token)
        desk.open(JANSEN.number, "Jansen, A.")
        expect(page.locator(".card")).to_have_count(3)
        expect(card(page, "top-up")).to_contain_text("Hoeveel spaargeld is er?")

        card(page, "top-up").get_by_role("button", name="Oppakken").click()
        expect(page.get_by_role("status")).to_contain_text("Aanvulling – opgepakt")

        old_age = card(page, "old-age")
        old_age.locator("summary", has_text="Later …").click()
        old_age.get_by_label("1 maand").check()
        old_age.get_by_role("button", name="Leg weg tot dan").click()
        expect(page.get_by_role("status")).to_contain_text("Pensioen – uitgesteld tot")

        rent = card(page, "rent-help")
        rent.locator("summary", has_text="Niet passend …").click()
        rent.get_by_label("De gegevens kloppen niet").check()
        rent.get_by_label("Wilt u iets toelichten?").fill("Woont nu bij familie.")
        rent.get_by_role("button", name="Leg weg").click()
        expect(page.get_by_role("status")).to_contain_text("Huurhulp – niet passend")

    with served(office) as address:
        desk.context.clear_cookies()
        desk.log_in(address, token)
        desk.open("Jansen", "Jansen, A.")
        decided = page.get_by_role("region", name="Besloten")
        for words in ("Aanvulling", "Pensioen", "Huurhulp", "Woont nu bij familie."):
            expect(decided).to_contain_text(words)
        for service in ("top-up", "old-age", "rent-help"):
            expect(card(page, service)).to_have_count(0)

    assert desk.said == []
    citizen = str(office.citizen(JANSEN))
    for url in desk.asked:
        assert JANSEN.number not in url
        assert citizen not in url
        assert "jansen" not in unquote(url).casefold()
        assert url.startswith("http://127.0.0.1:")


def test_reload_and_back_are_pleasant(office, desk):
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Jansen", "Jansen, A.")
        desk.page.reload()
        expect(desk.page.get_by_role("heading", level=1)).to_have_text("Jansen, A.")
        desk.page.get_by_role("link", name="Waarom niet een andere dienst?").first.click()
        expect(desk.page.get_by_role("heading", level=2)).to_have_text("Waarom niet?")
        desk.page.go_back()
        desk.page.go_back()
        expect(desk.page.get_by_role("heading", level=2)).to_have_text("1 inwoner gevonden")
    assert desk.said == []


def test_the_timeline_filters_in_place(office, desk):
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Jansen", "Jansen, A.")
        here, timeline = desk.page.url, desk.page.locator("#timeline")
        expect(timeline).to_contain_text("Scheiding")
        timeline.get_by_label("Bron").select_option("register")
        timeline.get_by_role("button", name="Toon").click()
        expect(timeline).not_to_contain_text("Scheiding")
        assert desk.page.url == here
    assert desk.said == []


def test_every_step_works_without_scripts(office, chromium):
    context = chromium.new_context(java_script_enabled=False)
    desk = Desk(context.new_page(), context)
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Jansen", "Jansen, A.")
        later = card(desk.page, "top-up")
        later.locator("summary", has_text="Later …").click()
        later.get_by_role("button", name="Leg weg tot dan").click()
        expect(desk.page.get_by_role("status")).to_contain_text("uitgesteld")
        desk.page.get_by_label("Bron").select_option("register")
        desk.page.get_by_role("button", name="Toon").click()
        expect(desk.page.locator("#timeline")).not_to_contain_text("Scheiding")
    context.close()


FOCUSED = """() => {
  const on = document.activeElement;
  const box = on.getBoundingClientRect();
  const style = getComputedStyle(on);
  return [(on.innerText || on.value || on.name || '').trim(), style.outlineStyle, box.width];
}"""


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(office, desk):
    page = desk.page
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Jansen", "Jansen, A.")
        page.evaluate("document.activeElement.blur()")
        steps = []
        for _ in range(100):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            text, outline, width = page.evaluate(FOCUSED)
            steps.append(text)
            assert outline != "none", f"{text}: the focus does not show"
            assert width > 0
        assert steps[0] == "Naar de inhoud"
        wanted = ["Voorzet", "Zoeken", "Oppakken", "Later …", "Niet passend …", "Waarom niet …?"]
        places = [steps.index(text) for text in wanted]
        assert places == sorted(places)
        assert steps.index("Toon") > places[-1]

        card(page, "top-up").locator("summary", has_text="Later …").focus()
        page.keyboard.press("Enter")
        expect(card(page, "top-up").get_by_label("2 weken")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(card(page, "top-up").get_by_label("2 weken")).to_be_hidden()
        assert page.evaluate(FOCUSED)[0] == "Later …"


OPEN_ALL = "document.querySelectorAll('details:not([name])').forEach(one => { one.open = true })"


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_runs_off_the_side(office, desk, width):
    page = desk.page
    page.set_viewport_size({"width": width, "height": 800})
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    with served(office) as address:
        page.goto(address)
        assert page.evaluate(overflow) == 0
        desk.log_in(address, office.token(KIM))
        desk.open("Bakker", "Bakker, C.")
        view = page.url
        page.evaluate(OPEN_ALL)
        page.locator(".choose summary").first.click()
        assert page.evaluate(overflow) == 0
        for part in ("why-not", "looks", "decisions", "timeline"):
            page.goto(f"{view}/{part}")
            assert page.evaluate(overflow) == 0, part


NAMELESS = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter(one => one.type !== 'hidden')
  .filter(one => !one.textContent.trim() && !one.getAttribute('aria-label')
    && !(one.labels && one.labels.length))
  .map(one => one.outerHTML)"""
TWICE = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""
BROKEN = """() => [...document.querySelectorAll('[aria-labelledby],[aria-describedby],label[for]')]
  .flatMap(one => [one.getAttribute('aria-labelledby'), one.getAttribute('aria-describedby'),
                   one.getAttribute('for')])
  .filter(Boolean).flatMap(ids => ids.split(' ')).filter(id => !document.getElementById(id))"""


def test_every_control_has_a_name_and_every_page_its_landmarks(office, desk):
    page = desk.page
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Bakker", "Bakker, C.")
        view = page.url
        for part in ("", "/why-not", "/looks", "/decisions", "/timeline"):
            page.goto(view + part)
            assert page.evaluate(NAMELESS) == []
            assert page.evaluate(TWICE) == []
            assert page.evaluate(BROKEN) == []
            for landmark in ("banner", "main", "contentinfo", "navigation"):
                expect(page.get_by_role(landmark)).to_have_count(1)
            assert page.locator("h1").count() == 1
            assert re.fullmatch("nl|en", page.locator("html").get_attribute("lang") or "")


def test_print_shows_the_cards_and_no_buttons(office, desk):
    page = desk.page
    with served(office) as address:
        desk.log_in(address, office.token(KIM))
        desk.open("Jansen", "Jansen, A.")
        page.emulate_media(media="print")
        expect(card(page, "top-up")).to_contain_text("Hoeveel spaargeld is er?")
        expect(page.get_by_role("button", name="Oppakken").first).to_be_hidden()
        expect(page.locator("#timeline form")).to_be_hidden()
