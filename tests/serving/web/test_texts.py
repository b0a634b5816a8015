"""The pages speak Dutch and English, both in full, and never of suspicion."""

import re
from pathlib import Path
from string import Formatter

import pytest

import serving.web
from serving.web.texts import LANGUAGES, texts

FOLDER = Path(serving.web.__file__).parent
SUSPICION = re.compile(
    r"\b(risico|fraude|verdacht|verdenking|misbruik|risk|fraud|suspicio|suspect|abuse)", re.I
)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_things():
    dutch, english = (texts(language).sentences for language in LANGUAGES)
    assert dutch.keys() == english.keys()
    for key in dutch:
        assert fields(dutch[key]) == fields(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_speaks_of_suspicion(language):
    for key, sentence in texts(language).sentences.items():
        assert sentence.strip(), key
        assert not SUSPICION.search(sentence), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language):
    """Plain language (B1): no sentence of more than twenty words."""
    for key, text in texts(language).sentences.items():
        for sentence in re.split(r"[.?!:]\s", text):
            assert len(sentence.split()) <= 20, key


def test_every_sentence_that_a_page_asks_for_exists():
    asked = re.compile(r"""(?:say|count)\('([a-z.-]+)'[,)]""")
    sentences = texts("nl").sentences
    for file in (FOLDER / "templates").glob("*.html"):
        for key in asked.findall(file.read_text(encoding="utf-8")):
            assert key in sentences or f"{key}.one" in sentences, f"{file.name}: {key}"


def test_an_unknown_language_falls_back_to_dutch():
    assert texts("fr").language == "nl"


def test_no_page_holds_a_script_or_a_style_of_its_own():
    for file in (FOLDER / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert "<style" not in text, file.name
        assert not re.search(r"<script(?! src=)", text), file.name
        assert not re.search(r"\s(style|on[a-z]+)=\"", text), file.name


def test_nothing_comes_from_another_server():
    for file in FOLDER.rglob("*"):
        if file.suffix in (".html", ".css", ".js"):
            assert "://" not in file.read_text(encoding="utf-8"), file.name
