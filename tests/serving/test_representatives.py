"""Who speaks and decides for a citizen: told to whoever needs to know, and no more than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from features.errors import PackError
from features.loading import load_pack
from serving.answers import Representative
from serving.security import Role
from tests.serving.office import (
    BAKKER,
    KIM,
    PACK,
    PURPOSE,
    VISSER,
    VRIES,
    Office,
    Somebody,
    bsn,
)


def told(
    office: Office, somebody: Somebody, *, purpose: str = PURPOSE, language: str = "en"
) -> tuple[Representative, ...]:
    citizen = office.citizen(somebody)
    person = office.application.person(citizen, language=language, purpose=purpose, by=KIM)
    return person.representatives


def test_a_guardian_is_told_with_whom_to_speak_and_who_decides(office: Office) -> None:
    (guardian,) = told(office, BAKKER)
    assert (guardian.title, guardian.name, guardian.phone) == (
        "Guardian",
        "Crowd0, X.",
        "0600000000",
    )
    assert (guardian.speak_with, guardian.decides) == (
        "Speak with the guardian.",
        "The guardian decides.",
    )
    assert (guardian.since, guardian.until) == (date(2024, 3, 1), None)
    assert told(office, BAKKER, language="nl")[0].decides == "De curator beslist."


def test_of_a_representative_at_a_hidden_address_only_the_name_is_told(office: Office) -> None:
    unnamed, proxy = told(office, VISSER)
    assert (unnamed.name, unnamed.source_title, unnamed.until) == (
        None,
        "Register",
        date(2027, 3, 1),
    )
    assert (proxy.name, proxy.phone) == (VRIES.name, None)
    assert not {"address", "postcode", "city", "citizen"} & set(Representative.model_fields)


def test_only_a_purpose_that_needs_it_sees_a_representative(office: Office) -> None:
    kinds = [one.kind for one in told(office, VISSER, purpose="mobility")]
    assert kinds == ["guardian"]


def test_a_guardianship_that_ended_is_not_told(office: Office) -> None:
    ended = next(one for one in office.people if one.number == bsn(102))
    assert told(office, ended) == ()


def test_reading_the_name_is_a_look_at_the_representative(office: Office) -> None:
    told(office, BAKKER)
    auditor = replace(KIM, roles=frozenset({Role.AUDITOR}))
    guardian = office.workspace.pseudonyms().one("bsn", bsn(100))
    newest = office.application.looks(guardian, purpose=PURPOSE, by=auditor)[1]
    assert (newest.action, newest.by, newest.purpose) == ("read identity", KIM.subject, PURPOSE)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("relations: [proxy]", "relations: [guardian, proxy]", "representatives.guardian"),
        ("purposes: [pleasure]", "purposes: [support, mobility]", "no purpose 'pleasure'"),
        (
            "derived:\n  guarded: {title: {nl: a, en: a}, type: boolean, "
            "relatives: {kind: guardian, measure: any}}",
            "derived:",
            "is a representative",
        ),
    ],
    ids=["no relation", "no purpose", "a signal over one"],
)
def test_a_pack_that_is_wrong_about_them_is_refused(
    tmp_path, wrong: str, right: str, said: str
) -> None:
    for file in PACK.rglob("*.yaml"):
        target = tmp_path / file.relative_to(PACK)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        if file.name == "domain.yaml":
            assert right in text
            text = text.replace(right, wrong, 1)
        target.write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=said):
        load_pack(tmp_path)
