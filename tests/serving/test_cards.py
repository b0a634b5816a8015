"""The card: every part of it said in plain words, in both languages, with date and source."""

from __future__ import annotations

from datetime import date

import pytest

from serving.card_writing import how_sure
from serving.cards import Card
from serving.phrases import (
    MONTHS,
    PHRASES,
    chance_text,
    day_text,
    number_text,
    range_text,
    within_text,
)
from tests.serving.office import BAKKER, JANSEN, KIM, PURPOSE, Office, Somebody

LANGUAGES = ("nl", "en")


def cards(office: Office, somebody: Somebody, language: str) -> dict[str, Card]:
    found = office.application.suggest(
        office.citizen(somebody), language=language, purpose=PURPOSE, by=KIM
    )
    return {card.service: card for card in (*found.cards, *found.interventions)}


def test_a_card_in_english(office: Office) -> None:
    card = cards(office, JANSEN, "en")["top-up"]
    assert card.headline == "Income top-up may fit this citizen"
    assert card.why_now == "Separation on 12 May."
    assert (card.group_title, card.deadline_text) == ("Now", "before 10 August")
    assert [question.text for question in card.ask] == ["How much savings are there?"]
    assert card.next.text == "Call and fill in the form together."
    assert (card.next.minutes, card.next.channel_title, card.next.provider) == (
        20,
        "Phone",
        "Office",
    )
    assert card.model_version == office.bundle.version


def test_the_same_card_in_dutch(office: Office) -> None:
    card = cards(office, JANSEN, "nl")["top-up"]
    assert card.headline == "Aanvulling past misschien bij deze inwoner"
    assert card.why_now == "Scheiding op 12 mei."
    assert (card.group_title, card.deadline_text) == ("Nu", "vóór 10 augustus")
    assert [question.text for question in card.ask] == ["Hoeveel spaargeld is er?"]
    assert card.sure.range.endswith("van de 10")


def test_reasons_say_where_and_when(office: Office) -> None:
    reasons = cards(office, JANSEN, "en")["top-up"].reasons
    event, income = reasons[0], reasons[1]
    assert (event.kind, event.text, event.source_title, event.since) == (
        "life-event",
        "Separation",
        "Desk",
        date(2026, 5, 12),
    )
    assert (income.kind, income.text, income.source_title) == (
        "criterion",
        "Income is low.",
        "Register",
    )
    assert (income.since, income.known) == (date(2025, 1, 1), date(2025, 2, 20))
    concepts = [reason for reason in reasons if reason.kind == "concept"]
    assert ("up", "The money situation speaks for it.") in [
        (reason.sign, reason.text) for reason in concepts
    ]


def test_where_the_rules_decide_the_model_tells_of_applying_alone(office: Office) -> None:
    poor = next(one for one in office.people[4:] if one.income < 9_000 and one.savings == 100)
    told = cards(office, poor, "en")["top-up"]
    said = [reason.text for reason in told.reasons if reason.kind == "concept"]
    assert said
    assert all("apply without help" in text for text in said)
    assert "model" in told.sure.basis_text


def test_a_criterion_of_age_names_its_source_and_no_date(office: Office) -> None:
    (reason,) = cards(office, JANSEN, "en")["old-age"].reasons
    assert (reason.source_title, reason.since, reason.known) == ("Register", None, None)


def test_override_reasons_are_those_of_domain_and_service(office: Office) -> None:
    card = cards(office, JANSEN, "en")["top-up"]
    codes = {reason.code: reason.corrects_fact for reason in card.override_reasons}
    assert codes == {"does-not-want": False, "wrong-data": True, "has-partner": False}


def test_a_card_that_rests_on_little_says_so(office: Office) -> None:
    told = cards(office, JANSEN, "en")
    assert "little experience" in told["old-age"].sure.basis_text
    assert told["top-up"].sure.basis == "model"


def test_a_failing_process_is_a_chance_and_says_what_it_cannot_see(office: Office) -> None:
    """That all criteria are met makes it no surer; and what nobody recorded is no good sign."""
    card = cards(office, BAKKER, "en")["own-contact"]
    assert card.why_now == (
        "Chance that things go wrong with us in the next half year: 2 in 10. "
        "That is: contact again in vain."
    )
    assert (card.sure.basis, card.sure.band) == ("prior", 1)
    assert "nobody recorded" in card.sure.basis_text
    assert not [reason for reason in card.reasons if reason.sign == "down"]


def test_an_intervention_says_nothing_of_applying(office: Office) -> None:
    card = cards(office, BAKKER, "en")["own-contact"]
    assert (card.kind, card.unaided) == ("intervention", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_suspicion(office: Office, language: str) -> None:
    for somebody in (JANSEN, BAKKER):
        for card in cards(office, somebody, language).values():
            text = card.model_dump_json().casefold()
            assert not any(
                word in text for word in ("fraud", "risk", "risico", "suspic", "verdacht")
            )
            assert len(card.headline) < 140


@pytest.mark.parametrize(
    ("entitled", "basis", "eligible", "dots", "range_"),
    [
        (None, "rules", True, "●●●●", "9 to 10 in 10"),
        (0.95, "model", None, "●●●●", "8 to 10 in 10"),
        (0.72, "model", None, "●●●○", "6 to 9 in 10"),
        (0.4, "prior", None, "●●○○", "2 to 6 in 10"),
        (0.05, "model", None, "●○○○", "0 to 2 in 10"),
    ],
)
def test_how_sure(
    entitled: float | None, basis: str, eligible: bool | None, dots: str, range_: str
) -> None:
    sure = how_sure(entitled, basis, eligible, "en")
    assert (sure.dots, sure.range) == (dots, range_)
    assert sure.band == dots.count("●")
    assert sure.word in sure.text


def test_every_phrase_stands_in_both_languages_with_the_same_blanks() -> None:
    for key, said in PHRASES.items():
        assert set(said) == set(LANGUAGES), key
        blanks = [sorted(part.split("}")[0] for part in said[one].split("{")[1:]) for one in said]
        assert blanks[0] == blanks[1], key
    assert {len(MONTHS[language]) for language in LANGUAGES} == {12}


def test_days_numbers_and_chances_in_words() -> None:
    today = date(2026, 6, 1)
    assert day_text(date(2026, 3, 14), "en", today=today) == "14 March"
    assert day_text(date(2025, 3, 14), "nl", today=today) == "14 maart 2025"
    assert number_text(15000.0, "nl") == "15.000"
    assert number_text(1345.5, "nl") == "1.345,50"
    assert number_text(1345.5, "en") == "1,345.50"
    assert within_text(180, "en") == "in the next half year"
    assert within_text(365, "nl") == "in het komende jaar"
    assert within_text(90, "nl") == "in de komende 3 maanden"
    assert [chance_text(chance, "en") for chance in (0.01, 0.12, 0.99)] == [
        "fewer than 1 in 20",
        "1 in 10",
        "more than 9 in 10",
    ]
    assert range_text(1.0, 1.0, "en") == "9 to 10 in 10"
    assert range_text(0.3, 0.3, "en") == "3 to 4 in 10"


def test_a_card_says_what_would_change_the_answer(office: Office) -> None:
    """Of what is not known, with the border; in both languages."""
    english, dutch = (cards(office, JANSEN, language)["top-up"] for language in LANGUAGES[::-1])
    assert len(english.changes) == 1
    assert english.changes[0].startswith("Savings (not known): from ")
    assert english.changes[0].endswith(" on, this does not fit.")
    assert dutch.changes[0].startswith("Spaargeld (niet bekend): vanaf ")


def test_a_change_in_age_or_disability_is_never_proposed(office: Office) -> None:
    for somebody in (JANSEN, BAKKER):
        for card in cards(office, somebody, "en").values():
            told = " ".join(card.changes).casefold()
            assert not any(word in told for word in ("age", "birth", "disab"))


def test_a_concept_tells_where_it_comes_from_and_is_missed_when_gone(office: Office) -> None:
    """A reason from the model names its record, and only what moves the score is told."""
    reasons = [
        reason
        for somebody in office.people[:40]
        for card in cards(office, somebody, "en").values()
        for reason in card.reasons
        if reason.kind == "concept"
    ]
    assert reasons
    assert any(reason.source_title and reason.since for reason in reasons)
