"""The citizen's view: finding somebody, cards, decisions, timeline, why not, who looked."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import delete

from serving.schema import approaches, decisions, objections
from serving.web.texts import texts
from tests.serving.office import JANSEN, KIM, PURPOSE, Office, bsn
from tests.serving.web.conftest import Visit


@pytest.fixture(autouse=True)
def undecided(office: Office) -> None:
    """Every test begins with nothing decided."""
    with office.application.database.write() as connection:
        for table in (decisions, objections, approaches):
            connection.execute(delete(table))


def cards(page) -> list[str]:
    return re.findall(r'<article class="card" id="card-([a-z-]+)"', page.text)


def suggestion(page, service: str) -> str:
    card = page.text.split(f'id="card-{service}"')[1]
    return re.search(r'name="suggestion" value="([0-9a-f-]+)"', card).group(1)


def decide(visit: Visit, view: str, page, service: str, **fields: str):
    return visit.post(
        f"{view}/decide",
        page=view,
        suggestion=suggestion(page, service),
        service=service,
        **fields,
    )


@pytest.mark.parametrize("query", ["Jansen", "jansen 1957-01-02", JANSEN.number])
def test_a_citizen_is_found_and_no_address_says_who(visit, query):
    found = visit.post("/search", page="/search", query=query, purpose=PURPOSE)
    assert "1 inwoner gevonden" in found.text
    assert "Jansen, A." in found.text
    view = visit.get(visit.open(query))
    for step in (*found.history, found, view):
        address = unquote(str(step.url)).casefold()
        assert JANSEN.number not in address
        assert "jansen" not in address
    assert "<title>Inwoner · Voorzet</title>" in view.text


def test_a_citizen_is_found_by_pseudonym(office, visit):
    found = visit.post(
        "/search", page="/search", query=str(office.citizen(JANSEN)), purpose=PURPOSE
    )
    assert "Jansen, A." in found.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("123456789", "Een geldig BSN is het niet"),
        ("1234.56.789", "Een geldig BSN is het niet"),
        ("Jansen 1957-99-99", "Dit is geen datum"),
    ],
)
def test_what_cannot_be_a_number_or_a_date_is_not_told_as_nobody(visit, query, said):
    found = visit.post("/search", page="/search", query=query, purpose=PURPOSE)
    assert said in found.text
    assert "Niemand gevonden" not in found.text
    assert 'aria-invalid="true"' in found.text


@pytest.mark.parametrize("query", ["Nobody", bsn(9999), "99-99-99", "1234567890123"])
def test_nobody_found_is_said_so(visit, query):
    found = visit.post("/search", page="/search", query=query, purpose=PURPOSE)
    assert found.status_code == 200
    assert "Niemand gevonden" in found.text


@pytest.mark.parametrize(
    ("query", "purpose", "said"),
    [
        ("", PURPOSE, "Vul in wie u zoekt"),
        ("Jansen", "", "Kies waarvoor u kijkt"),
        ("Jansen", "nonsense", "Kies waarvoor u kijkt"),
    ],
)
def test_a_search_needs_somebody_and_a_purpose(visit, query, purpose, said):
    page = visit.post("/search", page="/search", query=query, purpose=purpose)
    assert page.status_code == 400
    assert said in page.text


def test_the_view_says_who_why_and_what_may_fit(visit):
    page = visit.get(visit.open("Jansen"))
    assert page.status_code == 200
    assert re.search(r"<h1>Jansen, A\.</h1>", page.text)
    assert "Doel: <strong>Hulp</strong>" in page.text
    assert "top-up" in cards(page)
    card = page.text.split('id="card-top-up"')[1].split("</article>")[0]
    order = [card.index(word) for word in ("<h3", "why-now", ">Waarom<", ">Vraag<", ">Doen<")]
    assert order == sorted(order)
    assert "Aanvulling past misschien bij Jansen, A.</h3>" in card
    assert "Hoeveel spaargeld is er?" in card
    assert "van 4)" in card
    assert "vóór 10 augustus" in card


def test_english_is_complete(visit):
    view = visit.open("Jansen")
    visit.post("/language", page="/search", language="en", back="/search")
    page = visit.get(view)
    assert "How much savings are there?" in page.text
    assert not re.search(r"Waarom|Oppakken|Tijdlijn|Doel:", page.text)


def test_a_secret_address_is_not_shown(visit):
    page = visit.get(visit.open("Vries"))
    assert "Het adres van deze inwoner is geheim" in page.text
    assert "Dorpsstraat" not in page.text


def test_a_card_that_is_taken_up_is_seen_again(office, visit):
    view = visit.open("Jansen")
    page = decide(visit, view, visit.get(view), "top-up", outcome="accepted")
    assert page.status_code == 200
    assert "Bewaard:" in page.text
    assert "Opgepakt" in page.text
    assert "top-up" not in cards(page)
    again = Visit(office.application)
    again.log_in(office.token(KIM))
    assert "Opgepakt" in again.get(again.open("Jansen")).text


def test_later_takes_a_day_that_was_offered_or_ones_own(visit):
    view = visit.open("Jansen")
    page = visit.get(view)
    offered = re.search(r'name="until" value="(\d{4}-\d{2}-\d{2})"', page.text).group(1)
    page = decide(visit, view, page, "top-up", outcome="deferred", until=offered)
    assert "Uitgesteld" in page.text
    page = decide(
        visit, view, page, "old-age", outcome="deferred", until="day", until_day="2027-02-03"
    )
    assert "tot 3 februari 2027" in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"outcome": "deferred", "until": "day"}, "Kies een dag in de toekomst"),
        ({"outcome": "deferred", "until": "2020-01-01"}, "Kies een dag in de toekomst"),
        ({"outcome": "deferred", "until": "soon"}, "Kies een dag in de toekomst"),
        ({"outcome": "overridden"}, "Kies waarom dit niet past"),
        ({"outcome": "overridden", "reason": "nonsense"}, "Kies waarom dit niet past"),
        ({"outcome": "nonsense"}, "Uw keuze is niet bewaard"),
    ],
)
def test_a_choice_that_is_not_complete_is_not_kept(office, visit, fields, said):
    view = visit.open("Jansen")
    page = decide(visit, view, visit.get(view), "top-up", **fields)
    assert said in page.text
    assert 'role="alert" id="fault"' in page.text
    assert "top-up" in cards(page)


def test_not_suitable_keeps_the_reason_and_the_word(visit):
    view = visit.open("Jansen")
    page = decide(
        visit,
        view,
        visit.get(view),
        "top-up",
        outcome="overridden",
        reason="wrong-data",
        comment="Verdient <meer> nu",
    )
    assert "De gegevens kloppen niet" in page.text
    assert "Verdient &lt;meer&gt; nu" in page.text
    everything = visit.get(f"{view}/decisions")
    assert "Verdient &lt;meer&gt; nu" in everything.text


def test_a_decision_can_be_taken_back(visit):
    view = visit.open("Jansen")
    page = decide(
        visit, view, visit.get(view), "top-up", outcome="overridden", reason="does-not-want"
    )
    decided = page.text.split('class="decisions"')[1]
    first = re.search(r'name="suggestion" value="([0-9a-f-]+)"', decided).group(1)
    page = visit.post(f"{view}/decide", page=view, suggestion=first, outcome="accepted")
    assert "badge-accepted" in page.text


def test_wrong_data_points_to_the_source(visit):
    page = visit.get(visit.open("Jansen"))
    card = page.text.split('id="card-top-up"')[1].split("</article>")[0]
    assert "verbeteren bij de bron" in card
    assert re.search(r"bij de bron: [^.]*Register", card)


def test_somebody_who_gets_stuck_can_be_given_a_personal_approach(visit):
    view = visit.open("Bakker")
    assert "Loopt vast in het gewone proces" in visit.get(view).text
    page = visit.post(f"{view}/approach", page=view, choice="taken")
    assert "Persoonlijke aanpak gekozen" in page.text
    assert "Opgepakt door Kim Caseworker op" in page.text
    page = visit.post(f"{view}/approach", page=view, choice="not-now")
    assert "Kim Caseworker koos op" in page.text


def test_why_not_tells_what_held_every_other_service_back(office, visit):
    view = visit.open("Jansen")
    shown = set(cards(visit.get(view)))
    page = visit.get(f"{view}/why-not")
    told = set(re.findall(r'<li id="([a-z-]+)">', page.text))
    assert told == set(office.pack.services) - shown
    assert "Hoort bij een ander doel" in page.text
    assert "Voldoet niet aan een voorwaarde" in page.text


def test_the_timeline_can_be_filtered(visit):
    view = visit.open("Jansen")
    whole = visit.get(f"{view}/timeline").text
    assert "Scheiding" in whole
    assert "bekend sinds" in whole
    assert "entry-life-event" in whole
    register = visit.get(f"{view}/timeline?source=register").text
    assert "Scheiding" not in register
    assert visit.get(f"{view}/timeline?since=0").status_code == 200
    for faulty in ("source=nonsense", "since=nonsense"):
        assert visit.get(f"{view}/timeline?{faulty}").status_code == 400


def test_another_purpose_is_another_view(visit):
    view = visit.open("Jansen")
    page = visit.post(f"{view}/purpose", page=view, purpose="mobility")
    assert "Doel: <strong>Vervoer</strong>" in page.text
    assert cards(page) == ["bus-pass"]
    assert page.url.path != view


def test_who_looked_is_told(office, visit):
    view = visit.open("Jansen")
    visit.get(view)
    page = visit.get(f"{view}/looks")
    assert "kim" in page.text
    assert "suggesties bekeken" in page.text
    looks = office.application.looks(office.citizen(JANSEN), purpose=PURPOSE, by=KIM)
    for look in looks:
        assert texts("nl").says(f"looks.action.{look.action.replace(' ', '-')}"), look.action


def test_an_objection_stops_suggestions_until_it_is_withdrawn(visit):
    view = visit.open("Jansen")
    page = visit.post(f"{view}/objections", page=view, service="")
    assert "Deze inwoner wil geen suggesties" in page.text
    assert cards(page) == []
    assert "Er zijn nu geen suggesties" in page.text
    objection = re.search(r'name="objection" value="([^"]+)"', page.text).group(1)
    page = visit.post(f"{view}/objections/withdraw", page=view, objection=objection)
    assert cards(page)


def test_without_a_model_there_still_is_a_timeline(office, visit):
    champion = office.workspace.champion
    held = champion.readlink()
    champion.unlink()
    try:
        page = visit.get(visit.open("Jansen"))
    finally:
        champion.symlink_to(held)
    assert page.status_code == 200
    assert "Suggesties zijn er nu even niet" in page.text
    assert "Scheiding" in page.text


def test_a_bereavement_is_left_in_peace(visit):
    view = visit.open("Visser")
    assert "Nu niet het moment" in visit.get(f"{view}/why-not").text
