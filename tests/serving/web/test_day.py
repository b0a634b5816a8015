"""A caseworker's whole day in a real browser: from the list to the audit, in both languages."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from serving.casework.tables import caseload, facts_told, rights_requests
from serving.schema import approaches, decisions, objections
from tests.serving.office import AUDITOR, BAKKER, JANSEN, KIM, VRIES, Office
from tests.serving.web.conftest import served
from tests.serving.web.desk import Desk, card

pytestmark = [pytest.mark.browser, pytest.mark.slow("drives a real browser")]


@pytest.fixture(autouse=True)
def a_full_list(office: Office) -> None:
    """Kim has three people to see, and nothing was done yet."""
    with office.application.database.write() as connection:
        for table in (decisions, objections, approaches, facts_told, caseload, rights_requests):
            connection.execute(delete(table))
    office.application.casework.caseloads.add(
        [office.citizen(one) for one in (JANSEN, VRIES, BAKKER)], KIM.subject, by=KIM
    )


def test_the_whole_day(office: Office, desk: Desk) -> None:
    page = desk.page
    with served(office) as address:
        page.goto(address)
        page.get_by_label("Toegangscode").fill(office.token(KIM))
        page.get_by_role("button", name="Inloggen").click()

        # Whom to see today, and why.
        expect(page.get_by_role("heading", level=1)).to_have_text("Mijn lijst")
        names = page.locator(".attention .who a")
        assert names.all_inner_texts() == ["Bakker, C.", "Jansen, A.", "Vries, B. de"]
        expect(page.get_by_role("region", name="Loopt vast bij ons")).to_contain_text(
            "opnieuw contact over dezelfde vraag"
        )
        jansen = page.locator(".attention li", has_text="Jansen, A.")
        expect(jansen).to_contain_text("vraag open")
        before = jansen.inner_text()
        page.get_by_role("link", name="Jansen, A.").click()
        expect(card(page, "top-up")).to_contain_text("Het inkomen is laag.")
        expect(card(page, "top-up")).to_contain_text("Hoeveel spaargeld is er?")

        # Try an answer out: nothing is kept.
        def answer(value: str, button: str) -> None:
            card(page, "top-up").locator("summary", has_text="Antwoord invullen").click()
            card(page, "top-up").get_by_label("Spaargeld").fill(value)
            card(page, "top-up").get_by_role("button", name=button).click()

        answer("90.000", "Kijk wat dit verandert")
        expect(page.get_by_role("main")).to_contain_text("Stel: spaargeld is € 90.000.")
        expect(page.locator(".change-lost")).to_contain_text("Aanvulling: valt weg")
        page.get_by_role("link", name="Terug naar de inwoner").click()
        expect(card(page, "top-up")).to_be_visible()

        # Answer the question: the list changes.
        answer("1.500", "Vastleggen")
        expect(page.get_by_role("status")).to_contain_text("spaargeld € 1.500")
        expect(card(page, "top-up")).not_to_contain_text("Hoeveel spaargeld is er?")
        expect(card(page, "top-up")).to_contain_text("Gesprek met de inwoner")

        page.get_by_role("link", name="Mijn lijst").click()
        expect(jansen).not_to_contain_text("vraag open")
        answered = jansen.inner_text()
        assert answered != before
        page.get_by_role("link", name="Jansen, A.").click()

        # Accept one, override another with a reason.
        card(page, "top-up").get_by_role("button", name="Oppakken").click()
        expect(page.get_by_role("status")).to_contain_text("Aanvulling – opgepakt")
        card(page, "rent-help").locator("summary", has_text="Niet passend …").click()
        card(page, "rent-help").get_by_label("Wil dit niet").check()
        card(page, "rent-help").get_by_role("button", name="Leg weg").click()
        expect(page.get_by_role("status")).to_contain_text("Huurhulp – niet passend")

        # Both are off the list of what is still to be decided.
        expect(card(page, "rent-help")).to_have_count(0)
        page.get_by_role("link", name="Mijn lijst").click()
        assert jansen.inner_text() != answered

        # From the standard process to a personal approach, and why.
        page.get_by_role("link", name="Bakker, C.").click()
        approach = page.locator("#approach")
        approach.locator("summary", has_text="Persoonlijke aanpak …").click()
        approach.get_by_label("Loopt vast bij ons").check()
        approach.get_by_role("button", name="Ik pak dit op").click()
        expect(approach).to_contain_text("Opgepakt door Kim Caseworker")
        expect(approach).to_contain_text("Reden: Loopt vast bij ons")
        page.get_by_role("link", name="Mijn lijst").click()
        expect(page.get_by_role("region", name="Loopt vast bij ons")).to_have_count(0)

        # It is all in the audit.
        page.get_by_role("link", name="Bakker, C.").click()
        page.locator(".looked a").click()
        expect(page.get_by_role("main")).to_contain_text("persoonlijke aanpak gekozen")
        page.get_by_role("link", name="Mijn lijst").click()
        page.get_by_role("link", name="Jansen, A.").click()
        page.locator(".looked a").click()
        for words in ("antwoord vastgelegd", "bekeken wat er zou veranderen", "suggestie opgepakt"):
            expect(page.get_by_role("main")).to_contain_text(words)

        # An auditor sees what was done, and of whom only the pseudonym.
        page.get_by_role("button", name="Uitloggen").click()
        page.get_by_label("Toegangscode").fill(office.token(AUDITOR))
        page.get_by_role("button", name="Inloggen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Logboek")
        expect(page.get_by_role("main")).to_contain_text("Het logboek is heel.")
        page.get_by_label("Wat").select_option(label="persoonlijke aanpak gekozen")
        page.get_by_role("button", name="Toon").click()
        expect(page.locator("tbody tr").first).to_contain_text(KIM.subject)
        expect(page.get_by_role("main")).not_to_contain_text("Bakker")

    assert desk.said == []
    for url in desk.asked:
        for secret in (JANSEN.number, str(office.citizen(JANSEN)), "jansen", "1.500", "90.000"):
            assert secret not in unquote(url).casefold()


def test_an_answer_that_is_none_says_so(office: Office, desk: Desk) -> None:
    page = desk.page
    with served(office) as address:
        page.goto(address)
        page.get_by_label("Toegangscode").fill(office.token(KIM))
        page.get_by_role("button", name="Inloggen").click()
        page.get_by_role("link", name="Jansen, A.").click()
        top_up = card(page, "top-up")
        top_up.locator("summary", has_text="Antwoord invullen").click()
        top_up.get_by_label("Spaargeld").fill("genoeg")
        top_up.get_by_role("button", name="Vastleggen").click()
        expect(page.get_by_role("alert")).to_contain_text("Dit antwoord is niet bewaard")
        expect(top_up.get_by_label("Spaargeld")).to_be_visible()
    assert desk.said == []
