"""The pages speak Dutch and English, both in full, and never of suspicion."""

import re
from pathlib import Path
from string import Formatter

import pytest

import serving
import serving.web
from serving.web.audited import audited_text
from serving.web.texts import LANGUAGES, texts

WRITES = re.compile(r'(?:audit\.record|_read_audited|Did)\(\s*(f?)"([^"]+)"', re.DOTALL)
STAND_INS = {
    "{kind}": ("correction", "erasure"),
    "{choice}": ("taken", "not-now", "back"),
    "{outcome.value}": ("accepted", "deferred", "overridden"),
    "{_what(scope, name)}": ("all suggestions", "service top-up", "model 2026-01"),
    "{what}": ("all suggestions", "service top-up", "model 2026-01"),
    "{scheme}": ("bsn",),
    "{changed}": ("1", "1699", "#"),
    "{self.count()}": ("1", "1699", "#"),
    "{len(gone)}": ("1", "1699", "#"),
    "{people}": ("1", "1699", "#"),
    "{FORGET}{count}": ("forget entries: 1", "forget entries: 20"),
}
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


def audited() -> list[str]:
    """Everything that the audit is given to write, with something in each place."""
    found: list[str] = []
    for file in Path(serving.__file__).parent.rglob("*.py"):
        for _, action in WRITES.findall(file.read_text(encoding="utf-8")):
            place = re.search(r"(\{.*\})", action)
            said = STAND_INS[place.group(1)] if place else ("",)
            found += [action.replace(place.group(1), one) if place else action for one in said]
    return sorted(set(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_audit_is_told_in_words(language):
    actions = audited()
    assert {"suggest", "read identity", "store 1699 identities", "refused: another's caseload"} <= {
        *actions
    }
    words = texts(language)
    for action in actions:
        told = audited_text(action, words, {"top-up": "Aanvulling"})
        assert told in words.sentences.values() or re.search(r"\d|Aanvulling|bsn|…", told), action
        assert "top-up" not in told
        if language == "nl":
            assert told != action
    assert audited_text("something new", words, {}) == "something new"
