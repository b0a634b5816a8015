"""Verdicts in three values, and the facts that would settle an unknown."""

from __future__ import annotations

import polars as pl
import pytest

from features.errors import PackError
from models.eligibility import explain, verdicts
from tests.models.town import criterion, service, town_pack

PACK = town_pack(
    help=service(criteria=(criterion("needs", "NOT earner"), criterion("impaired", "impaired"))),
    open=service(),
)
FACTS = pl.DataFrame(
    {
        "citizen": [1, 2, 3, 4],
        "birth_date": [None] * 4,
        "age": [40.0, 40.0, 10.0, None],
        "income": [20_000.0, None, None, 30_000.0],
        "norm": [25_000.0] * 4,
        "earner": [False, None, False, None],
        "impaired": [True, True, None, True],
    },
    schema_overrides={"birth_date": pl.Date},
)


def test_one_false_criterion_is_enough_whatever_else_is_unknown() -> None:
    found = verdicts(FACTS, PACK)
    assert found["allowance"].to_list() == [True, None, False, False]
    assert found["help"].to_list() == [True, None, None, None]
    assert found["open"].to_list() == [True] * 4
    assert found.columns == ["citizen", *PACK.services]


def test_an_unknown_names_the_facts_behind_it() -> None:
    found = explain(FACTS[1:2], "allowance", PACK)
    assert found.outcome == "unknown"
    assert [result.met for result in found.criteria] == [True, None]
    assert found.missing == ("income",)


def test_a_derived_fact_is_followed_to_what_one_can_ask() -> None:
    found = explain(FACTS[3:4], "help", PACK)
    assert found.outcome == "unknown"
    assert found.missing == ("birth_date",)


def test_what_is_decided_asks_for_nothing() -> None:
    found = explain(FACTS[2:3], "allowance", PACK)
    assert found.outcome == "not-eligible"
    assert found.missing == ()
    assert found.criteria[1].missing == ("income",)


def test_protected_facts_that_were_not_handed_in_are_unknown() -> None:
    found = verdicts(FACTS.drop("impaired"), PACK)
    assert found["help"].to_list() == [None] * 4


def test_a_criterion_that_does_not_run_names_its_place() -> None:
    pack = town_pack(odd=service(criteria=(criterion("odd", "age ++ > 3"),)))
    with pytest.raises(PackError, match="odd/odd"):
        verdicts(FACTS, pack)


def test_one_row_at_a_time() -> None:
    with pytest.raises(ValueError, match="one citizen"):
        explain(FACTS, "allowance", PACK)


@pytest.mark.parametrize("place", range(4))
def test_explaining_agrees_with_the_verdicts(place: int) -> None:
    words = {True: "eligible", False: "not-eligible", None: "unknown"}
    row = verdicts(FACTS, PACK).row(place, named=True)
    for name in PACK.services:
        assert explain(FACTS[place : place + 1], name, PACK).outcome == words[row[name]]
