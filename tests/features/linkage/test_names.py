"""Names, dates and addresses are read alike however a desk wrote them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.linkage.names import Name, parts_of
from features.linkage.persons import PERSONS, prepared


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("J. van den Berg", Name("berg", None, "j")),
        ("Berg, Jan van den", Name("berg", "jan", "j")),
        ("VAN DEN BERG, JAN", Name("berg", "jan", "j")),
        ("van der Meer", Name("meer", None, None)),
        ("Jan Piet Jansen", Name("jansen", "jan", "j")),
        ("Zoë Çelik", Name("celik", "zoe", "z")),
        ("Jansen-de Vries, A.B.", Name("jansen vries", None, "a")),
        ("Anna Jansen-de Vries", Name("jansen vries", "anna", "a")),
        ("Jan-Piet de Wit", Name("wit", "jan", "j")),
        ("S. Prins", Name("prins", None, "s")),
        ("Anna ’t Hart", Name("hart", "anna", "a")),
        ("t Hart, Anna", Name("hart", "anna", "a")),
        ("’t Hart, K.", Name("hart", None, "k")),
        ("Fatima El Amrani", Name("amrani", "fatima", "f")),
        ("Jansen", Name("jansen", None, None)),
        ("de", Name("de", None, None)),
        (" ", Name()),
        (None, Name()),
    ],
)
def test_a_name_is_taken_apart(written: str | None, read: Name) -> None:
    assert parts_of(written) == read


@given(st.text(max_size=40))
def test_any_text_is_read_without_fault(text: str) -> None:
    name = parts_of(text)
    assert name.given is None or name.initial == name.given[0]


def test_an_address_is_its_postcode_and_number() -> None:
    rows = [
        (1, "client", "A", date(1957, 1, 2), "Dorpsstraat 12 A", "1234 AB"),
        (2, "client", "B", None, "Dorpsstraat 12-a", "1234ab"),
        (3, "client", "C", None, "Dorpsstraat 12-2", None),
        (4, "client", "D", None, "Dorpsstraat", ""),
    ]
    ready = prepared(pl.DataFrame(rows, schema=PERSONS, orient="row"))
    assert ready["born"].to_list() == ["1957-01-02", None, None, None]
    assert ready["postcode"].to_list() == ["1234ab", "1234ab", None, None]
    assert ready["house"].to_list() == ["12-a", "12-a", "12-2", None]
