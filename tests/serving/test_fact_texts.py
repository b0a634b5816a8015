"""Values as people write them."""

from datetime import date
from pathlib import Path

import pytest

from features.catalogue import Criterion
from features.loading import load_pack
from models.eligibility import CriterionResult
from serving.card_writing import question_text
from serving.fact_texts import amount_text, answers_text, category_text, value_text

PACK = load_pack(Path(__file__).resolve().parents[2] / "examples" / "gemeente")
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("fact", "value", "dutch", "english"),
    [
        ("housing_tenure", "rent", "huurt", "rents"),
        ("language", "dutch", "Nederlands", "Dutch"),
        ("rent", "1345.0", "€ 1.345 per maand", "€1,345 a month"),
        ("rent", "1345.5", "€ 1.345,50 per maand", "€1,345.50 a month"),
        ("savings", "-20", "-€ 20", "-€20"),
        ("years_low_income", "1", "1 jaar", "1 year"),
        ("years_low_income", "3", "3 jaar", "3 years"),
        ("school_distance_km", "6.50", "6,5 kilometer", "6.5 kilometres"),
        ("childcare_hours", "60", "60 uur per maand", "60 hours a month"),
        ("is_carer", "true", "ja", "yes"),
        ("is_carer", "0.0", "nee", "no"),
        ("id_document_expires", "2027-03-14", "14 maart 2027", "14 March 2027"),
        ("employment", "astronaut", "astronaut", "astronaut"),
    ],
)
def test_a_value_in_both_languages(fact, value, dutch, english):
    assert value_text(PACK, fact, value, "nl", today=TODAY) == dutch
    assert value_text(PACK, fact, value, "en", today=TODAY) == english


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        (1.0, "children", "1 kind"),
        (2.0, "children", "2 kinderen"),
        (0.0, "children", "0 kinderen"),
        (35.0, "percent", "35%"),
        (1345.45, None, "1.345,45"),
        (2.999, "euro", "€ 3"),
        (4.0, "furlong", "4 furlong"),
    ],
)
def test_an_amount(amount, unit, said):
    assert amount_text(PACK, amount, unit, "nl") == said


def test_every_category_of_the_municipality_has_a_label_of_its_own():
    for name, fact in PACK.domain.facts.items():
        for language in PACK.languages:
            said = [category_text(PACK, name, one, language) for one in fact.categories]
            assert len(set(said)) == len(said)


def test_a_question_says_in_what_it_is_answered():
    assert answers_text(PACK, "housing_tenure", "nl") == "huurt, eigen woning of anders"
    assert answers_text(PACK, "rent", "en") == "in euro a month"
    assert answers_text(PACK, "is_carer", "nl") is None
    unknown = Criterion(id="low", sql="rent < 1", text={"nl": "Laag.", "en": "Low."})
    result = CriterionResult(unknown, None, ("rent", "birth_date"))
    assert question_text(result, PACK, "nl") == (
        "Vraag naar: huur (in euro per maand), geboortedatum."
    )
