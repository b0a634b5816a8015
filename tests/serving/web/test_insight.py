"""The page of insight: what it tells, to whom, and that nobody is in it."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import replace

import pytest

from serving.security import Caller, Role
from serving.web.texts import texts
from tests.serving.office import KIM, OLA, PURPOSE, Office
from tests.serving.web.conftest import Visit

ADA = Caller("ada", "Ada", frozenset({Role.DATA_SCIENTIST}))


@pytest.fixture
def insight(office: Office) -> Visit:
    made = Visit(office.application)
    assert made.log_in(office.token(OLA)).url.path == "/insight"
    return made


def test_who_sees_no_citizens_begins_here_and_is_offered_no_search(
    office: Office, insight: Visit
) -> None:
    page = insight.get("/")
    assert page.url.path == "/insight"
    assert 'href="/search"' not in page.text
    other = Visit(office.application)
    assert other.log_in(office.token(ADA)).url.path == "/insight"


def test_a_caseworker_is_not_shown_it(visit: Visit) -> None:
    assert visit.get("/insight").status_code == 403
    assert 'href="/insight"' not in visit.get("/search").text


def test_it_tells_of_sources_and_suggestions_and_never_fewer_than_ten(
    office: Office, insight: Visit
) -> None:
    for somebody in office.people[10:22]:
        citizen = office.citizen(somebody)
        office.application.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM)
    page = insight.get("/insight").text
    assert "Balie" in page
    assert "Wat van suggesties kwam" in page
    body = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])
    assert "12" in body
    figures = re.findall(r'class="figure"[^>]*><span>(\d+)</span>', page)
    assert figures
    assert all(figure == "0" or int(figure) >= 10 for figure in figures)
    for somebody in office.people[:22]:
        assert somebody.name not in page
        assert str(office.citizen(somebody)) not in page


def test_while_it_is_being_counted_it_says_so(office: Office) -> None:
    process = office.application.process
    never: Future[object] = Future()
    waiting = replace(process, patience=0.0, _held=[], _counting=[never])
    visit = Visit(replace(office.application, process=waiting))
    visit.log_in(office.token(OLA))
    page = visit.get("/insight")
    assert page.status_code == 200
    assert texts("nl").say("insight.counting") in page.text
