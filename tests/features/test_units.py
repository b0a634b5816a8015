"""Every unit that a person may meet has words in every language of the pack."""

from pathlib import Path

import pytest

from features.loading import load_pack
from features.snapshot import dictionary
from features.units import UNITS, unit_of, unit_title
from tests.contracts.small_pack import small_pack

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PACKS = ("gemeente", "receipt", "mvad", "benefits")


@pytest.mark.parametrize("name", PACKS)
def test_the_unit_of_every_signal_is_told_in_every_language(name):
    pack = load_pack(EXAMPLES / name)
    for signal in dictionary(pack):
        unit = unit_of(pack, signal.unit)
        assert unit is not None, signal
        assert set(pack.languages) <= unit.title.keys()


@pytest.mark.parametrize("code", UNITS)
def test_our_own_units_speak_both_languages(code):
    for text in (UNITS[code].title, UNITS[code].amount, UNITS[code].one):
        assert text is None or text.keys() == {"nl", "en"}


def test_a_unit_is_told_in_the_language_asked_for():
    gemeente = load_pack(EXAMPLES / "gemeente")
    assert unit_title(gemeente, "euro per month", "nl") == "euro per maand"
    assert unit_title(gemeente, "euro per month", "en") == "euro a month"
    assert unit_title(gemeente, "days", "nl") == "dagen"


def test_a_language_that_we_do_not_speak_gets_english_and_an_unknown_unit_its_code():
    pack = small_pack()
    assert unit_title(pack, "days", "fr") == "dagen"  # the pack's first language
    assert unit_title(pack, "furlong", "nl") == "furlong"


def test_a_signal_of_a_category_says_which_code_is_what():
    signals = {one.name: one for one in dictionary(load_pack(EXAMPLES / "gemeente"))}
    assert signals["fact_housing_tenure"].meaning == {
        "nl": "Woonsituatie: 0 huurt, 1 eigen woning, 2 anders",
        "en": "Housing: 0 rents, 1 owns the home, 2 other",
    }
