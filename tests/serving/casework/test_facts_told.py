"""What a citizen tells: a fact at once, with its source, that can be taken back; and what if."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from serving.casework.facts_told import SOURCE
from serving.casework.tables import facts_told
from serving.errors import InvalidRequestError, NotAllowedError, UnknownCitizenError
from serving.schema import audit
from tests.serving.office import AUDITOR, BAKKER, JANSEN, KIM, NOW, PURPOSE, VRIES, Office


@pytest.fixture(autouse=True)
def untold(office: Office) -> None:
    """Every test begins with nothing told."""
    with office.application.database.write() as connection:
        connection.execute(delete(facts_told))


def tell(office: Office, fact: str, value: str, somebody=JANSEN, purpose: str = PURPOSE, **more):
    return office.application.casework.tell(
        office.citizen(somebody), fact, value, language="nl", purpose=purpose, by=KIM, **more
    )


def suggestions(office: Office, somebody=JANSEN):
    return office.application.suggest(
        office.citizen(somebody), language="nl", purpose=PURPOSE, by=KIM
    )


def shown(office: Office, somebody=JANSEN) -> list[str]:
    return [card.service for card in suggestions(office, somebody).cards]


def what_if(office: Office, somebody=JANSEN, **answers: str):
    return office.application.casework.what_if(
        office.citizen(somebody), answers, language="nl", purpose=PURPOSE, by=KIM
    )


def test_a_question_says_where_its_answer_goes(office):
    card = suggestions(office).cards[0]
    (question,) = card.ask
    (field,) = question.fields
    assert (field.fact, field.kind, field.unit) == ("savings", "number", "euro")


def test_an_answer_settles_the_question_and_names_its_source(office):
    told = tell(office, "savings", "€ 1.500")
    assert (told.value_text, told.title, told.by) == ("€ 1.500", "Spaargeld", "Kim Caseworker")
    card = suggestions(office).cards[0]
    assert (card.service, card.ask) == ("top-up", ())
    reason = next(one for one in card.reasons if one.text == "Er is weinig spaargeld.")
    assert (reason.source, reason.source_title) == (SOURCE, "Gesprek met de inwoner")


def test_an_answer_can_rule_a_service_out_and_taking_it_back_brings_it_in(office):
    assert "top-up" in shown(office)
    told = tell(office, "savings", "90.000,50")
    assert "top-up" not in shown(office)
    office.application.casework.withdraw(told.id, by=KIM)
    assert "top-up" in shown(office)


def test_a_second_answer_of_the_same_day_replaces_the_first(office):
    tell(office, "savings", "90000")
    tell(office, "savings", "100")
    assert "top-up" in shown(office)
    told = office.application.casework.told_of(
        office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM
    )
    assert [one.value_text for one in told] == ["€100"]


def test_an_answer_wins_from_an_older_record_of_a_register(office):
    assert "top-up" not in shown(office, VRIES)
    tell(office, "income", "9000", VRIES)
    tell(office, "savings", "0", VRIES)
    assert "top-up" in shown(office, VRIES)


def test_a_rule_may_ask_what_was_told_and_a_head_may_not(office):
    tell(office, "disabled", "ja")
    choice = office.application.suggester._choose(  # what heads and rules see, side by side
        office.application.suggester.champions.current(),
        office.application.suggester.lakes.current(),
        office.citizen(JANSEN),
        PURPOSE,
        5,
        NOW,
    )
    assert choice.facts["disabled"].item() is True
    assert not [name for name in choice.signals.columns if "disabled" in name]
    assert not (choice.records.facts["name"] == "disabled").any()


def test_what_is_told_stands_on_the_timeline_until_it_is_taken_back(office):
    def told_lines():
        found = office.application.timeline(
            office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
        )
        return [entry.value for entry in found.entries if entry.source == SOURCE]

    told = tell(office, "savings", "1500")
    assert told_lines() == ["€ 1.500"]
    office.application.casework.withdraw(told.id, by=KIM)
    assert told_lines() == []


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("savings", "veel"),
        ("savings", "1e400"),
        ("savings", ""),
        ("home", "castle"),
        ("disabled", "misschien"),
        ("birth_date", "2 januari"),
        ("age", "66"),
        ("nothing", "1"),
    ],
)
def test_what_is_no_value_of_a_fact_is_not_kept(office, fact, value):
    with pytest.raises(InvalidRequestError):
        tell(office, fact, value)
    with office.application.database.read() as connection:
        assert connection.execute(select(facts_told)).all() == []


def test_an_answer_cannot_hold_from_a_day_to_come(office):
    with pytest.raises(InvalidRequestError):
        tell(office, "savings", "1", since=(NOW + timedelta(days=2)).date())


def test_nothing_is_taken_in_for_a_purpose_that_its_source_does_not_serve(office):
    with pytest.raises(InvalidRequestError, match="no source conversation"):
        tell(office, "savings", "1", purpose="mobility")


def test_nothing_is_told_of_a_stranger_or_by_somebody_else(office):
    casework = office.application.casework
    with pytest.raises(UnknownCitizenError):
        casework.tell(123, "savings", "1", language="nl", purpose=PURPOSE, by=KIM)
    with pytest.raises(NotAllowedError):
        casework.tell(
            office.citizen(JANSEN), "savings", "1", language="nl", purpose=PURPOSE, by=AUDITOR
        )


def test_the_value_stands_nowhere_in_plain_sight(office):
    tell(office, "savings", "123456")
    with office.application.database.read() as connection:
        row = connection.execute(select(facts_told)).one()
        said = connection.execute(
            select(audit).where(audit.c.action == "note a fact").order_by(audit.c.number.desc())
        ).first()
    assert b"123456" not in row.sealed
    assert said is not None
    assert said.by == KIM.subject


def test_what_if_tells_what_would_come_and_go_and_keeps_nothing(office):
    before = shown(office)
    found = what_if(office, savings="90000")
    assert [one.value_text for one in found.supposed] == ["€ 90.000"]
    effects = {one.service: one.effect for one in found.changes}
    assert effects["top-up"] == "lost"
    lost = next(one for one in found.changes if one.service == "top-up")
    assert lost.after.gate == "not-eligible"
    assert what_if(office, savings="100").changes[0].effect == "surer"
    assert found.unchanged + len(found.changes) == len(office.pack.services)
    assert shown(office) == before
    with office.application.database.read() as connection:
        assert connection.execute(select(facts_told)).all() == []


def test_what_if_changes_nothing_where_nothing_depends_on_it(office):
    assert what_if(office, BAKKER, home="rent").changes == ()
