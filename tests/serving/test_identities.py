"""The vault: sealed, found by hashes, read by few, and every read audited."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text

from serving.audit import Audit
from serving.database import Database
from serving.errors import NotAllowedError
from serving.identities import Vault, words
from serving.sealing import Sealing, SealingError, seal, unseal
from serving.security import Caller, Role

KIM = Caller("kim", "Kim", frozenset({Role.CASEWORKER}))
OLA = Caller("ola", "Ola", frozenset({Role.OUTREACH}))
ADMIN = Caller("root", "Root", frozenset({Role.ADMIN}))
PEOPLE = pl.DataFrame(
    {
        "citizen": [11, -22, 33],
        "name": ["Jansen, A.", "de Vries-Émilien, B.", "Janssens, C."],
        "birth_date": [date(1957, 1, 2), date(1990, 3, 4), None],
        "address": ["Dorpsstraat 1", None, None],
        "city": ["Voorbeeldstad"] * 3,
        "identifier": ["123456782", "111222333", None],
        "scheme": ["bsn", "bsn", None],
        "protected_address": [False, True, False],
    }
)


class House:
    """A vault with its database, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "voorzet.db"
        self.database = Database(f"sqlite:///{self.path}")
        self.database.migrate()
        self.sealing = Sealing(b"k" * 32)
        self.audit = Audit(self.database, self.sealing)
        self.vault = Vault(self.database, self.sealing, self.audit)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.vault.store(PEOPLE)
    yield house
    house.database.close()


def test_an_identity_comes_back_as_it_was_stored(house: House) -> None:
    found = house.vault.read([11, -22], purpose="income-support", by=KIM)
    assert found[11].name == "Jansen, A."
    assert found[11].birth_date == date(1957, 1, 2)
    assert found[11].identifier == "123456782"
    assert found[-22].protected_address


def test_storing_again_changes_nothing_and_nulls_do_not_wipe(house: House) -> None:
    assert house.vault.store(PEOPLE) == 0
    assert house.vault.store(pl.DataFrame({"citizen": [11], "phone": ["0612345678"]})) == 1
    found = house.vault.read([11], purpose="work", by=KIM)[11]
    assert (found.name, found.phone) == ("Jansen, A.", "0612345678")
    assert house.vault.count() == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("jan", [11, 33]),
        ("JANSEN", [11]),
        ("janssens", [33]),
        ("emilien", [-22]),
        ("vries de", [-22]),
        ("pietersen", []),
        ("x", []),
    ],
)
def test_people_are_found_by_how_their_names_begin(
    house: House, query: str, expected: list[int]
) -> None:
    found = house.vault.find_name(query, purpose="work", by=KIM)
    assert [identity.citizen for identity in found] == expected


def test_a_birth_date_narrows_the_search(house: House) -> None:
    found = house.vault.find_name("jan", born=date(1957, 1, 2), purpose="work", by=KIM)
    assert [identity.citizen for identity in found] == [11]


def test_people_are_found_by_number(house: House) -> None:
    assert house.vault.find_number("123456782") == 11
    assert house.vault.find_number("111222333") == -22
    assert house.vault.find_number("999999990") is None


@pytest.mark.parametrize(
    ("said", "protected"),
    [("0", False), ("false", False), ("", False), ("7", True), ("true", True), ("ja", True)],
)
def test_texts_of_a_source_are_read(house: House, said: str, protected: bool) -> None:
    row = {"citizen": 5, "birth_date": "19570102", "protected_address": said}
    house.vault.store(pl.DataFrame([row]))
    found = house.vault.read([5], purpose="work", by=KIM)[5]
    assert (found.birth_date, found.protected_address) == (date(1957, 1, 2), protected)


def test_only_roles_that_may_read_and_export(house: House) -> None:
    with pytest.raises(NotAllowedError):
        house.vault.read([11], purpose="work", by=OLA)
    with pytest.raises(NotAllowedError):
        house.vault.find_name("jansen", purpose="work", by=OLA)
    with pytest.raises(NotAllowedError):
        house.vault.export([11], purpose="work", by=KIM)
    assert house.vault.export([11], purpose="work", by=OLA)[11].name == "Jansen, A."


def test_every_read_is_audited_with_its_purpose(house: House) -> None:
    house.vault.read([11], purpose="debt-help", by=KIM)
    looks = house.audit.looks(11, by=ADMIN)
    assert ("kim", "read identity", "debt-help") in [
        (look.by, look.action, look.purpose) for look in looks
    ]


def test_nothing_about_a_person_stands_unencrypted_in_the_file(house: House) -> None:
    house.audit.record("look", by=KIM, citizens=[11], detail={"query": "Jansen"})
    with sqlite3.connect(house.path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    written = house.path.read_bytes()
    for secret in ("Jansen", "123456782", "Dorpsstraat", "Émilien", "1957-01-02", "Voorbeeld"):
        assert secret.encode() not in written


def test_erasure_destroys_the_key_and_leaves_the_audit_chain_whole(house: House) -> None:
    house.audit.record("look", by=KIM, citizens=[11], detail={"query": "Jansen"})
    house.vault.erase([11], by=ADMIN)
    assert house.vault.read([11], purpose="work", by=KIM) == {}
    assert house.vault.find_number("123456782") is None
    with house.database.read() as connection:
        assert house.sealing.keys(connection, [11]) == {}
    assert house.audit.check() is None


@pytest.mark.parametrize(
    "tampering",
    [
        "update audit set action = 'nothing' where number = 2",
        "delete from audit where number = 2",
        "delete from audit where number = (select max(number) from audit)",
    ],
)
def test_the_audit_shows_when_it_was_touched(house: House, tampering: str) -> None:
    for _ in range(3):
        house.audit.record("look", by=KIM, citizens=[11], purpose="work")
    assert house.audit.check() is None
    with house.database.write() as connection:
        connection.execute(text(tampering))
    assert house.audit.check() is not None


def test_a_sealed_value_opens_for_its_own_citizen_and_use_only(house: House) -> None:
    with house.database.write() as connection:
        keys = house.sealing.make_keys(connection, [1, 2])
    sealed = seal(keys[1], "a word", 1, "comment")
    assert unseal(keys[1], sealed, 1, "comment") == "a word"
    for key, citizen, use in [(keys[2], 1, "comment"), (keys[1], 2, "comment"), (keys[1], 1, "x")]:
        with pytest.raises(SealingError):
            unseal(key, sealed, citizen, use)


def test_words_leave_out_case_accents_and_initials() -> None:
    assert words("Müller-van den Bérg, J.P.") == ["muller", "van", "den", "berg"]


def test_twenty_thousand_people_go_in_within_seconds(house: House) -> None:
    count = 20_000
    frame = pl.DataFrame(
        {
            "citizen": range(1000, 1000 + count),
            "name": [f"Achternaam{number}, A." for number in range(count)],
            "identifier": [f"{number:09d}" for number in range(count)],
        }
    )
    began = time.perf_counter()
    assert house.vault.store(frame) == count
    assert time.perf_counter() - began < 30
    assert house.vault.store(frame) == 0
