"""Suggestions: what is shown, why not the rest, what the ledger says, and what decisions do."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta
from uuid import uuid4

import polars as pl
import pytest

from features.domain import Sensitivity
from models.ranking import MOST_INTERVENTIONS
from serving.answers import Outcome, Suggestions
from serving.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    UnknownCitizenError,
    UnknownServiceError,
    UnknownSuggestionError,
)
from serving.ledger import read_ledger
from tests.serving.office import (
    AUDITOR,
    BAKKER,
    JANSEN,
    KIM,
    NOW,
    OLA,
    PURPOSE,
    VISSER,
    VRIES,
    Office,
    Somebody,
)


def suggest(office: Office, somebody: Somebody, language: str = "en") -> Suggestions:
    return office.application.suggest(
        office.citizen(somebody), language=language, purpose=PURPOSE, by=KIM
    )


def gates(office: Office, somebody: Somebody) -> dict[str, str | None]:
    answers = office.application.why_not(
        office.citizen(somebody), language="en", purpose=PURPOSE, by=KIM
    )
    return {answer.service: answer.gate for answer in answers}


def test_a_life_event_with_a_deadline_comes_first_and_now(office: Office) -> None:
    found = suggest(office, JANSEN)
    first = found.cards[0]
    assert [card.service for card in found.cards] == ["top-up", "old-age", "rent-help"]
    assert (first.group, first.deadline) == ("now", date(2026, 8, 10))
    assert [card.position for card in found.cards] == [1, 2, 3]


def test_every_service_has_an_answer_to_why_not(office: Office) -> None:
    assert gates(office, JANSEN) == {
        "top-up": None,
        "old-age": None,
        "rent-help": None,
        "bus-pass": "purpose",
        "aid": "not-eligible",
        "coffee": "ranked-lower",
        "own-contact": "not-eligible",
    }
    assert gates(office, BAKKER)["top-up"] == "already-has"
    assert gates(office, BAKKER)["rent-help"] == "excluded"
    assert gates(office, VISSER)["rent-help"] == "unsuitable-now"


def test_why_not_names_the_criterion_that_failed(office: Office) -> None:
    (answer,) = office.application.why_not(
        office.citizen(VRIES), language="en", purpose=PURPOSE, by=AUDITOR, service="top-up"
    )
    assert "Income is too high." in answer.text
    assert [line.outcome for line in answer.criteria] == ["not-met", "not-met"]


def test_why_not_of_an_unknown_service(office: Office) -> None:
    with pytest.raises(UnknownServiceError):
        office.application.why_not(
            office.citizen(VRIES), language="en", purpose=PURPOSE, by=KIM, service="nothing"
        )


def test_a_rule_may_ask_what_a_head_may_not(office: Office) -> None:
    assert "aid" in {card.service for card in suggest(office, BAKKER).cards}
    assert list(office.pack.facts(Sensitivity.CRITERION_ONLY)) == ["disabled"]
    assert not [name for name in office.bundle.columns.names if "disabled" in name]


def test_who_gets_stuck_is_told_with_figures_and_an_intervention(office: Office) -> None:
    found = suggest(office, BAKKER)
    assert found.friction is not None
    assert found.friction.service == "own-contact"
    assert "contacts about the same question" in found.friction.sentence
    assert [card.service for card in found.interventions] == ["own-contact"]
    assert len(found.interventions) <= MOST_INTERVENTIONS
    assert suggest(office, JANSEN).friction is None


def test_a_personal_approach_has_an_owner(office: Office) -> None:
    friction = office.application.choose_approach(
        office.citizen(BAKKER), "taken", language="nl", purpose=PURPOSE, by=KIM
    )
    assert friction is not None
    assert (friction.choice, friction.owner) == ("taken", "Kim Caseworker")
    assert "keer opnieuw contact" in friction.sentence


def test_the_ledger_holds_every_candidate_shown_or_not(office: Office) -> None:
    shown = {card.id for card in suggest(office, JANSEN).cards}
    ledger = read_ledger(office.application.database)
    slate = ledger.filter(ledger["suggestion"] == str(next(iter(shown))))["slate"][0]
    rows = ledger.filter(ledger["slate"] == slate)
    assert set(rows["service"]) == set(office.pack.services)
    assert {row["suggestion"] for row in rows.iter_rows(named=True) if row["shown"]} == {
        str(one) for one in shown
    }
    assert rows["model_version"].unique().to_list() == [office.bundle.version]
    assert json.loads(rows["lake"][0]) == office.lake.versions()
    assert rows.filter(rows["shown"])["propensity"].to_list() == [1.0] * len(shown)
    assert rows.filter(rows["withheld_by"].is_not_null())["propensity"].null_count() == 3


def test_an_unknown_citizen_purpose_or_language_is_said(office: Office) -> None:
    with pytest.raises(UnknownCitizenError):
        office.application.suggest(5, language="en", purpose=PURPOSE, by=KIM)
    citizen = office.citizen(JANSEN)
    with pytest.raises(InvalidRequestError, match="support, mobility"):
        office.application.suggest(citizen, language="en", purpose="curiosity", by=KIM)
    with pytest.raises(InvalidRequestError, match="nl, en"):
        office.application.suggest(citizen, language="fr", purpose=PURPOSE, by=KIM)


def test_only_a_caseworker_is_answered(office: Office) -> None:
    with pytest.raises(NotAllowedError, match="caseworker"):
        office.application.suggest(office.citizen(JANSEN), language="en", purpose=PURPOSE, by=OLA)


class TestDecisions:
    """What a decision does. Each test decides about somebody of the crowd of its own."""

    def one(self, office: Office, index: int) -> tuple[Somebody, Suggestions]:
        somebody = [one for one in office.people[4:] if one.income < 18_000][index]
        return somebody, suggest(office, somebody)

    def test_a_deferral_holds_back_until_its_day(self, office: Office) -> None:
        somebody, found = self.one(office, 0)
        card = found.cards[0]
        until = NOW.date() + timedelta(days=30)
        made = office.application.decide(
            card.id, Outcome.DEFERRED, until=until, by=KIM, language="en"
        )
        assert (made.service, made.until, made.by) == (card.service, until, "Kim Caseworker")
        assert gates(office, somebody)[card.service] == "deferred"
        assert suggest(office, somebody).decisions[0].id == made.id

    def test_an_override_is_remembered_with_its_reason(self, office: Office) -> None:
        somebody, found = self.one(office, 1)
        card = found.cards[0]
        made = office.application.decide(
            card.id,
            Outcome.OVERRIDDEN,
            reason="wrong-data",
            comment="Heet eigenlijk Pieters",
            by=KIM,
            language="nl",
        )
        assert made.reason_text == "De gegevens kloppen niet"
        assert made.comment == "Heet eigenlijk Pieters"
        assert made.until == NOW.date() + timedelta(days=30)
        assert gates(office, somebody)[card.service] == "refusal-remembered"

    def test_what_is_taken_up_is_under_way(self, office: Office) -> None:
        somebody, found = self.one(office, 2)
        card = found.cards[0]
        office.application.decide(card.id, Outcome.ACCEPTED, by=KIM, language="en")
        assert gates(office, somebody)[card.service] == "under-way"

    def test_an_objection_counts_at_once_and_can_be_withdrawn(self, office: Office) -> None:
        somebody, found = self.one(office, 3)
        assert found.cards
        application, citizen = office.application, office.citizen(somebody)
        made = application.object(citizen, purpose=PURPOSE, by=KIM)
        assert application.object(citizen, purpose=PURPOSE, by=KIM).id == made.id
        assert set(gates(office, somebody).values()) == {"objection"}
        assert suggest(office, somebody).cards == ()
        ledger = read_ledger(application.database)
        mine = ledger.filter(pl.col("citizen") == citizen, pl.col("withheld_by") == "objection")
        assert mine.height == mine["need"].null_count() == len(office.pack.services)
        application.withdraw_objection(made.id, by=KIM)
        assert len(suggest(office, somebody).cards) == len(found.cards)

    def test_the_same_key_stores_once_and_another_decision_conflicts(self, office: Office) -> None:
        _, found = self.one(office, 4)
        decide = office.application.decide
        card = found.cards[0]
        first = decide(card.id, Outcome.ACCEPTED, by=KIM, language="en", key="k1")
        again = decide(card.id, Outcome.ACCEPTED, by=KIM, language="en", key="k1")
        assert again.id == first.id
        with pytest.raises(ConflictError):
            decide(
                card.id,
                Outcome.OVERRIDDEN,
                reason="wrong-data",
                by=KIM,
                language="en",
                key="k1",
            )

    def test_what_cannot_be_decided(self, office: Office) -> None:
        _, found = self.one(office, 5)
        card, decide = found.cards[0].id, office.application.decide
        yesterday = NOW.date() - timedelta(days=1)
        with pytest.raises(UnknownSuggestionError):
            decide(uuid4(), Outcome.ACCEPTED, by=KIM, language="en")
        with pytest.raises(InvalidRequestError, match="day to come"):
            decide(card, Outcome.DEFERRED, by=KIM, language="en")
        with pytest.raises(InvalidRequestError, match="day to come"):
            decide(card, Outcome.DEFERRED, until=yesterday, by=KIM, language="en")
        with pytest.raises(InvalidRequestError, match="does-not-want"):
            decide(card, Outcome.OVERRIDDEN, reason="mood", by=KIM, language="en")
        with pytest.raises(InvalidRequestError):
            decide(card, Outcome.ACCEPTED, reason="wrong-data", by=KIM, language="en")
        with pytest.raises(NotAllowedError):
            decide(card, Outcome.ACCEPTED, by=AUDITOR, language="en")


def test_people_are_found_by_number_name_and_pseudonym(office: Office) -> None:
    find, citizen = office.application.find, office.citizen(JANSEN)
    for query in (JANSEN.number, f" {JANSEN.number[:4]} {JANSEN.number[4:]}", "jans", str(citizen)):
        assert [found.citizen for found in find(query, purpose=PURPOSE, by=KIM)] == [citizen]
    assert find("Jansen 1957-01-02", purpose=PURPOSE, by=KIM)[0].name == "Jansen, A."
    assert find("Jansen 1958-01-02", purpose=PURPOSE, by=KIM) == ()
    assert find("999999990", purpose=PURPOSE, by=KIM) == ()
    with pytest.raises(InvalidRequestError):
        find("Jansen 1957-13-02", purpose=PURPOSE, by=KIM)


def test_a_protected_address_is_never_shown(office: Office) -> None:
    person = office.application.person(
        office.citizen(VRIES), language="nl", purpose=PURPOSE, by=KIM
    )
    assert person.name == "Vries, B. de"
    assert person.age == 46
    assert person.protected_address
    assert (person.address, person.city) == (None, None)
    assert office.application.find("vries", purpose=PURPOSE, by=KIM)[0].city is None


def test_a_source_that_the_purpose_may_not_see_is_not_missed(office: Office) -> None:
    found = office.application.suggest(
        office.citizen(JANSEN), language="en", purpose="mobility", by=KIM
    )
    assert found.missing_sources == ()


def test_headlines_say_the_name_only_where_it_was_handed_on(office: Office) -> None:
    citizen = office.citizen(BAKKER)
    ask = office.application.suggest
    plain = ask(citizen, language="en", purpose=PURPOSE, by=KIM)
    named = ask(citizen, language="en", purpose=PURPOSE, by=KIM, named=BAKKER.name)
    assert BAKKER.name not in plain.model_dump_json()
    for without, with_name in zip(plain.cards, named.cards, strict=True):
        assert with_name.headline == without.headline.replace("this citizen", BAKKER.name)


def test_the_timeline_shows_what_the_purpose_may_see(office: Office) -> None:
    citizen = office.citizen(JANSEN)
    tell = office.application.timeline
    told = tell(citizen, language="nl", purpose=PURPOSE, by=KIM)
    titles = {entry.title: entry for entry in told.entries}
    assert titles["Inkomen"].value == "€ 15.000"
    assert titles["Inkomen"].known == date(2025, 2, 20)
    assert titles["Scheiding"].kind == "life-event"
    assert "Gescheiden" not in titles  # the event that the life event tells already
    assert "Beperking" not in titles
    narrow = tell(citizen, language="nl", purpose="mobility", by=KIM)
    assert {entry.source for entry in narrow.entries} == {"register"}
    only = tell(
        citizen, language="nl", purpose=PURPOSE, by=KIM, sources=["desk"], since=date(2026, 1, 1)
    )
    assert {(entry.kind, entry.source) for entry in only.entries} == {("life-event", "desk")}
    with pytest.raises(InvalidRequestError):
        tell(citizen, language="nl", purpose=PURPOSE, by=KIM, sources=["gossip"])
    with pytest.raises(UnknownCitizenError):
        tell(7, language="nl", purpose=PURPOSE, by=KIM)


def test_who_looked_is_known_and_the_chain_holds(office: Office) -> None:
    suggest(office, VISSER)
    looks = office.application.looks(office.citizen(VISSER), purpose=PURPOSE, by=AUDITOR)
    assert ("kim", "suggest", PURPOSE) in [(one.by, one.action, one.purpose) for one in looks]
    assert office.application.audit.check() is None
    with pytest.raises(NotAllowedError):
        office.application.looks(office.citizen(VISSER), purpose=PURPOSE, by=OLA)


def test_no_name_number_or_word_about_somebody_stands_open_in_the_database(office: Office) -> None:
    somebody = [one for one in office.people[4:] if one.income < 18_000][6]
    card = suggest(office, somebody).cards[0].id
    office.application.decide(
        card,
        Outcome.OVERRIDDEN,
        reason="wrong-data",
        comment="Zegt Quispel te heten",
        by=KIM,
        language="nl",
    )
    with sqlite3.connect(office.workspace.folder / "voorzet.db") as connection:
        connection.execute("pragma wal_checkpoint(full)")
    connection.close()
    written = (office.workspace.folder / "voorzet.db").read_bytes()
    words = {
        "Quispel",
        *(one.number for one in office.people),
        *(one.name for one in office.people),
    }
    assert [word for word in words if word.encode() in written] == []
