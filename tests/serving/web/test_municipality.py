"""The whole of it: the command ``voorzet serve`` on the simulated municipality, in a browser."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from serving.bootstrap import bootstrap
from serving.cli.token import make_token
from serving.identities import Identity
from serving.security import Caller, Role
from tests.conftest import Municipality
from tests.serving.process import serving
from tests.serving.web.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow("a real server and browser")]
PURPOSE = "income-support"
LOOKED_AT = 300
SAM = Caller("sam", "Sam", frozenset({Role.CASEWORKER}))


@pytest.fixture
def somebody(municipality: Municipality) -> Identity:
    """A citizen with three suggestions or more, known by name and number."""
    application = bootstrap(municipality.workspace)
    try:
        citizens = municipality.lake.scan("events").select("citizen").unique().collect()
        for citizen in citizens["citizen"].sort().head(LOOKED_AT):
            found = application.suggest(citizen, language="nl", purpose=PURPOSE, by=SAM)
            if len(found.cards) >= 3 and not found.decisions:
                who = application.vault.read([citizen], purpose=PURPOSE, by=SAM)
                if citizen in who and who[citizen].identifier:
                    return who[citizen]
    finally:
        application.database.close()
    raise AssertionError("nobody in the municipality has three suggestions")


def test_decisions_outlive_a_restart(municipality: Municipality, somebody: Identity, desk: Desk):
    page, workspace = desk.page, municipality.workspace
    token = make_token(workspace, [Role.CASEWORKER], subject="sam", name="Sam")
    name, number = str(somebody.name), str(somebody.identifier)
    with serving(workspace) as address:
        desk.log_in(address, token)
        desk.open(number, name, PURPOSE)
        titles = []
        for outcome in ("Opgepakt", "Uitgesteld", "Niet passend"):
            card = page.locator(".group .card").first
            if outcome == "Opgepakt":
                card.get_by_role("button", name="Oppakken").click()
            elif outcome == "Uitgesteld":
                card.locator("summary", has_text="Later …").click()
                card.get_by_role("button", name="Leg weg tot dan").click()
            else:
                card.locator("summary", has_text="Niet passend …").click()
                card.get_by_role("radio").first.check()
                card.get_by_role("button", name="Leg weg").click()
            expect(page.get_by_role("status")).to_contain_text(outcome.lower())
            titles.append(page.get_by_role("status").inner_text())

    with serving(workspace) as address:
        desk.context.clear_cookies()
        desk.log_in(address, token)
        desk.open(number, name, PURPOSE)
        decided = page.get_by_role("region", name="Besloten").locator(".badge")
        expect(decided).to_have_count(3)
        assert [one.split(" ", 1)[1] for one in decided.all_inner_texts()] == [
            "Niet passend",
            "Uitgesteld",
            "Opgepakt",
        ]

    assert desk.said == []
    assert len(set(titles)) == 3
    for url in desk.asked:
        for secret in (number, str(somebody.citizen), name.casefold()):
            assert secret not in unquote(url).casefold()
