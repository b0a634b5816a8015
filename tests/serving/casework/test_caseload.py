"""Caseloads: who is on whose, and whom to see first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from serving.answers import Outcome
from serving.caseload import Caseloads
from serving.casework.tables import caseload
from serving.errors import NotAllowedError
from serving.schema import approaches, audit, decisions
from serving.security import Caller, Role
from tests.serving.office import BAKKER, JANSEN, KIM, NOW, OLA, PURPOSE, VISSER, VRIES, Office

LEE = Caller("lee", "Lee", frozenset({Role.CASEWORKER}))
ADMIN = Caller("root", "Root", frozenset({Role.ADMIN}))
CROWD = 60


@pytest.fixture(autouse=True)
def empty(office: Office) -> None:
    """Every test begins with empty caseloads and nothing decided."""
    with office.application.database.write() as connection:
        for table in (caseload, decisions, approaches):
            connection.execute(delete(table))


@pytest.fixture
def caseloads(office: Office) -> Caseloads:
    return office.application.casework.caseloads


def fill(office: Office, *people) -> None:
    office.application.casework.caseloads.add(
        [office.citizen(one) for one in people], KIM.subject, by=KIM
    )


def people(office: Office, language: str = "nl"):
    return office.application.casework.caseload(language=language, purpose=PURPOSE, by=KIM).people


def test_who_gets_stuck_comes_first_then_terms_and_nobody_is_left_out(office):
    fill(office, VRIES, VISSER, JANSEN, BAKKER)
    found = people(office)
    assert [one.name for one in found][:2] == ["Bakker, C.", "Jansen, A."]
    assert {one.name for one in found} == {one.name for one in (VRIES, VISSER, JANSEN, BAKKER)}
    stuck, term = found[:2]
    assert (stuck.group, stuck.why) == (
        "stuck",
        "In 90 dagen: 4 keer opnieuw contact over dezelfde vraag",
    )
    assert (term.group, term.why) == ("term", "Aanvulling: vóór 10 augustus")
    assert (term.age, term.suggestions, term.questions) == (69, 3, 1)
    assert term.waiting_days == 20


def test_a_list_is_the_same_as_looking_one_by_one(office):
    crowd = [one for one in office.people if one.name.startswith("Crowd")][:CROWD]
    fill(office, *crowd)
    listed = {one.citizen: one.suggestions for one in people(office)}
    for somebody in crowd[::12]:
        citizen = office.citizen(somebody)
        alone = office.application.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM)
        assert listed[citizen] == len(alone.cards)


def test_a_list_shows_nothing_as_a_suggestion(office):
    fill(office, JANSEN)
    with office.application.database.read() as connection:
        before = connection.exec_driver_sql("select count(*) from slates").scalar_one()
    people(office)
    with office.application.database.read() as connection:
        after = connection.exec_driver_sql("select count(*) from slates").scalar_one()
        seen = connection.execute(
            select(audit.c.citizen).where(audit.c.action == "open caseload")
        ).scalars()
        assert office.citizen(JANSEN) in set(seen)
    assert before == after


def test_what_was_put_off_comes_back_on_its_day(office):
    fill(office, VRIES)
    found = office.application.suggest(
        office.citizen(VRIES), language="nl", purpose=PURPOSE, by=KIM
    )
    card = found.cards[0]
    office.application.decide(
        card.id,
        Outcome.DEFERRED,
        by=KIM,
        language="nl",
        until=(NOW + timedelta(days=1)).date(),
    )
    assert people(office)[0].group == "none"
    with office.application.database.write() as connection:
        yesterday = NOW - timedelta(days=1)
        connection.execute(
            update(decisions).values(until=yesterday.date(), at=NOW - timedelta(days=9))
        )
    (back,) = people(office, "en")
    assert (back.group, back.why) == (
        "back",
        f"Put off until 31 May: {card.title.replace('Koffieochtend', 'Coffee morning')}",
    )
    assert back.waiting_days == 9


def test_a_chosen_approach_is_no_longer_stuck(office):
    fill(office, BAKKER)
    office.application.choose_approach(
        office.citizen(BAKKER), "taken", language="nl", purpose=PURPOSE, by=KIM
    )
    assert people(office)[0].group != "stuck"


def test_taking_on_twice_is_once_and_letting_go_ends_it(office, caseloads):
    casework, citizen = office.application.casework, office.citizen(JANSEN)
    casework.take_on(citizen, by=KIM)
    casework.take_on(citizen, by=KIM)
    assert [entry.citizen for entry in caseloads.of(KIM.subject)] == [citizen]
    assert casework.on_caseload(citizen, by=KIM)
    assert not casework.on_caseload(citizen, by=LEE)
    casework.let_go(citizen, by=KIM)
    assert not casework.on_caseload(citizen, by=KIM)
    with office.application.database.read() as connection:
        assert connection.execute(select(caseload.c.ended_at)).scalar_one() is not None


def test_a_caseload_is_ones_own_unless_one_is_administrator(office, caseloads):
    with pytest.raises(NotAllowedError):
        caseloads.add([office.citizen(JANSEN)], KIM.subject, by=LEE)
    with pytest.raises(NotAllowedError):
        caseloads.add([office.citizen(JANSEN)], OLA.subject, by=OLA)
    assert caseloads.add([office.citizen(JANSEN)], KIM.subject, reason="assigned", by=ADMIN) == 1
    assert [entry.reason for entry in caseloads.of(KIM.subject)] == ["assigned"]


def test_an_empty_caseload_is_an_empty_list(office):
    assert people(office) == ()
