"""A citizen's rights: to see all that is held, to have it corrected, to ask to be forgotten.

And the audit as an auditor reads it.
"""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update

from serving.casework.tables import facts_told, rights_requests
from serving.errors import InvalidRequestError, NotAllowedError
from serving.schema import audit
from tests.serving.office import AUDITOR, BAKKER, JANSEN, KIM, OLA, PURPOSE, VISSER, VRIES, Office
from tests.serving.web.conftest import Visit


@pytest.fixture(autouse=True)
def unasked(office: Office) -> None:
    """Every test begins with nothing asked or told."""
    with office.application.database.write() as connection:
        for table in (rights_requests, facts_told):
            connection.execute(delete(table))


def report(office: Office, somebody=JANSEN, by=KIM):
    return office.application.casework.access_report(
        office.citizen(somebody), language="nl", purpose=PURPOSE, by=by
    )


def ask(office: Office, kind: str, **more: str) -> None:
    office.application.casework.ask_for(
        office.citizen(JANSEN), kind, purpose=PURPOSE, by=KIM, **more
    )


def test_the_report_holds_everything_by_source_with_basis_and_term(office: Office) -> None:
    office.application.suggest(office.citizen(BAKKER), language="nl", purpose=PURPOSE, by=KIM)
    found = report(office, BAKKER)
    held = {one.source: one for one in found.held}
    assert set(held) == {"register", "desk"}
    assert {fact.fact for fact in held["register"].facts} == {
        "birth_date",
        "income",
        "savings",
        "home",
        "disabled",
    }
    assert (held["desk"].events, held["desk"].legal_basis) == (7, "law")
    assert held["desk"].purposes == ("Hulp",)
    assert "aid" in {one.service for one in found.suggested}


def test_relations_are_in_the_report_and_little_of_the_other_person(office: Office) -> None:
    (register,) = (one for one in report(office, VISSER).held if one.source == "register")
    guardian, proxy = register.relations
    assert (guardian.title, str(guardian.since), str(guardian.until), guardian.known_here) == (
        *("Curator", "2024-03-01", "2027-03-01"),
        False,
    )
    assert (proxy.title, proxy.until, proxy.known_here) == ("Gemachtigde", None, True)
    told = report(office, VISSER).model_dump_json()
    for theirs in (VRIES.name, VRIES.number, str(office.citizen(VRIES)), str(VRIES.born)):
        assert theirs not in told


def test_relations_stand_on_the_page(office: Office) -> None:
    visit = Visit(office.application)
    visit.log_in(office.token(KIM))
    page = visit.get(f"{visit.open('Visser')}/rights").text
    assert "Gemachtigde" in page
    assert "bij ons niet bekend wie" in page
    assert VRIES.name not in page.split("Wat wij weten")[1]


def test_what_a_citizen_told_is_in_the_report(office: Office) -> None:
    office.application.casework.tell(
        office.citizen(JANSEN), "savings", "1500", language="nl", purpose=PURPOSE, by=KIM
    )
    told = office.application.casework.told_of(
        office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
    )
    assert [one.value_text for one in told] == ["€ 1.500"]


def test_a_correction_says_where_and_what_and_is_settled_by_name(office: Office) -> None:
    with pytest.raises(InvalidRequestError):
        ask(office, "correction", source="register")
    with pytest.raises(InvalidRequestError):
        ask(office, "correction", source="nowhere", text="It is wrong.")
    ask(office, "correction", source="register", about="income", text="Het inkomen is lager.")
    (request,) = report(office).requests
    assert (request.source_title, request.about, request.text) == (
        "Register",
        "Inkomen",
        "Het inkomen is lager.",
    )
    assert (request.answer_before - request.at.date()).days == 30
    office.application.casework.settle(request.id, by=KIM)
    assert report(office).requests[0].settled_by == "Kim Caseworker"


def test_an_erasure_is_asked_here_and_done_by_the_administrator(office: Office) -> None:
    ask(office, "erasure")
    (request,) = report(office).requests
    assert (request.kind, request.settled_at) == ("erasure", None)
    with pytest.raises(InvalidRequestError):
        office.application.casework.settle(request.id, by=KIM)


def test_what_was_written_stands_nowhere_in_plain_sight(office: Office) -> None:
    ask(office, "correction", source="register", text="Woont op een geheim adres.")
    with office.application.database.read() as connection:
        assert b"geheim" not in connection.execute(select(rights_requests.c.sealed)).scalar_one()


def test_only_who_may_reads_a_report_and_each_reading_is_audited(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        report(office, by=OLA)
    report(office)
    looks = office.application.looks(office.citizen(JANSEN), purpose=PURPOSE, by=KIM)
    assert "access report" in {look.action for look in looks}


def trail(office: Office, **more):
    return office.application.casework.trails.page(by=AUDITOR, **more)


def test_an_auditor_reads_the_trail_by_person_action_and_citizen(office: Office) -> None:
    report(office, VRIES)
    found = trail(office)
    assert found.whole
    assert [one.number for one in found.entries] == sorted(
        (one.number for one in found.entries), reverse=True
    )
    of_kim = trail(office, who=KIM.subject, action="access report").entries
    assert {(one.by, one.action) for one in of_kim} == {(KIM.subject, "access report")}
    of_vries = trail(office, citizen=office.citizen(VRIES)).entries
    assert {one.citizen for one in of_vries} == {office.citizen(VRIES)}
    first = trail(office, before=3)
    assert [one.number for one in first.entries] == [2, 1]
    assert first.before is None


def test_entries_that_differ_in_a_number_are_chosen_as_one(office: Office) -> None:
    for number in (3, 12):
        office.application.audit.record(f"erase {number} citizens", by=KIM)
    office.application.audit.record("erase 3 citizens_ or more", by=KIM)
    _, actions = office.application.casework.trails.choices(by=AUDITOR)
    assert actions.count("erase # citizens") == 1
    assert "erase 12 citizens" not in actions
    found = {one.action for one in trail(office, action="erase # citizens").entries}
    assert found == {"erase 3 citizens", "erase 12 citizens"}


def test_nobody_else_reads_the_trail(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        office.application.casework.trails.page(by=KIM)


def test_an_auditors_page_names_nobody_and_no_address_says_whose_it_is(office: Office) -> None:
    visit = Visit(office.application)
    assert visit.log_in(office.token(AUDITOR)).url.path == "/audit"
    citizen = str(office.citizen(JANSEN))
    found = visit.post("/audit", page="/audit", citizen=citizen)
    assert citizen in found.text
    assert citizen not in str(found.url)
    assert "Jansen" not in found.text
    assert visit.post("/audit", page="/audit", citizen="nobody").status_code == 200


def test_an_audit_that_was_touched_says_so(office: Office) -> None:
    with office.application.database.write() as connection:
        kept = connection.execute(select(audit.c.action).where(audit.c.number == 2)).scalar_one()
        connection.execute(update(audit).where(audit.c.number == 2).values(action="nothing"))
    found = trail(office)
    with office.application.database.write() as connection:
        connection.execute(update(audit).where(audit.c.number == 2).values(action=kept))
    assert not found.whole
    assert found.problem is not None
    assert found.problem.startswith("2:")
    assert trail(office).whole
