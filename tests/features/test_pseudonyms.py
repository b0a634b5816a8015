"""Pseudonyms: keyed, stable, blind to how a number is written; and the 11-test."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import pseudonyms
from features.errors import VoorzetError
from features.pseudonyms import Pseudonyms, bsn_valid, make_key, normalise_bsn, read_key
from tests.features.silos import PSEUDONYMS, bsn

NUMBERS = st.integers(1, 99_999_999).map(bsn)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1)


@pytest.mark.parametrize("length", [16, 32, 64, 65, 200])
def test_a_pseudonym_is_the_start_of_an_hmac(length: int) -> None:
    key = bytes(range(length))
    digest = hmac.new(key, b"bsn" + bytes(1) + b"123456782", hashlib.sha256).digest()
    expected = int.from_bytes(digest[:8], "big", signed=True)
    assert Pseudonyms(key).one("bsn", "123456782") == expected


@given(st.lists(st.none() | TEXTS))
def test_many_are_the_ones_each(identifiers: list[str | None]) -> None:
    found = PSEUDONYMS.of("client", pl.Series(identifiers, dtype=pl.String))
    assert found.dtype == pl.Int64
    assert found.to_list() == [
        None if text is None else PSEUDONYMS.one("client", text) for text in identifiers
    ]


@given(TEXTS)
def test_schemes_and_keys_keep_apart(identifier: str) -> None:
    other = Pseudonyms(b"another key that is long enough!")
    assert PSEUDONYMS.one("client", identifier) != PSEUDONYMS.one("patient", identifier)
    assert PSEUDONYMS.one("client", identifier) != other.one("client", identifier)


@given(NUMBERS)
def test_a_bsn_is_one_however_it_is_written(number: str) -> None:
    written = [number, f" {number} ", f"{number[:4]}.{number[4:6]}.{number[6:]}"]
    if number.startswith("0") and not number.startswith("00"):
        written.append(number[1:])
    assert PSEUDONYMS.of("bsn", pl.Series(written)).n_unique() == 1
    assert bsn_valid(pl.Series(written)).all()


@given(NUMBERS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_fails_the_11_test(number: str, place: int, step: int) -> None:
    wrong = str((int(number[place]) + step) % 10)
    changed = number[:place] + wrong + number[place + 1 :]
    assert not bsn_valid(pl.Series([changed]))[0]


@given(st.text(max_size=12))
def test_the_11_test_is_what_its_definition_says(text: str) -> None:
    number = normalise_bsn(pl.Series([text]))[0]
    good = len(number) == 9 and number.isascii() and number.isdigit() and int(number) > 0
    if good:
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        good = sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11 == 0
    assert bsn_valid(pl.Series([text])).to_list() == [good]


def test_nothing_is_neither_valid_nor_somebody() -> None:
    nothing = pl.Series([None], dtype=pl.String)
    assert bsn_valid(nothing).to_list() == [None]
    assert PSEUDONYMS.of("bsn", nothing).to_list() == [None]


def test_a_key_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets/pseudonym.key"
    key = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == key
    with pytest.raises(FileExistsError):
        make_key(path)
    path.chmod(0o644)
    with pytest.raises(VoorzetError, match="others may read this key"):
        read_key(path)


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(VoorzetError, match="cannot be read"):
        read_key(path)
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(VoorzetError, match="expected a key"):
        read_key(path)


def test_the_key_is_in_no_representation() -> None:
    pseudonyms = Pseudonyms(b"secret" * 6)
    assert "secret" not in repr(pseudonyms) + str(pseudonyms)


def test_what_is_remembered_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "_REMEMBERED", 3)
    ours = Pseudonyms(bytes(range(32)))
    for told in (["a", "b"], ["b", "c"], ["c", "d", "e"]):
        texts = pl.Series(told)
        before = ours.known("client", texts)
        now = ours.of("client", texts)
        assert before.drop_nulls().is_in(now.implode()).all()
        new = before.is_null()
        ours.remember("client", texts.filter(new), now.filter(new))
        assert ours.known("client", texts.filter(new)).equals(now.filter(new), check_names=False)
    assert ours.known("other", pl.Series(["a", None])).to_list() == [None, None]
