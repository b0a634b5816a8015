"""What would change the answer: what is named does so when applied, and nothing protected is."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.domain import Fact
from features.pack import Pack
from models.eligibility import verdicts
from models.turning_points import TurningPoint, facts_to_try, turn_of_verdict
from tests.models.town import criterion, service, town_pack

NORM = 25_000.0


def pack(*sqls: str, actionable: tuple[str, ...] = ()) -> Pack:
    criteria = tuple(criterion(f"c{place}", sql) for place, sql in enumerate(sqls))
    found = town_pack(allowance=service(criteria=criteria))
    facts: dict[str, Fact] = {
        name: fact.model_copy(update={"actionable": name in actionable})
        for name, fact in found.domain.facts.items()
    }
    object.__setattr__(found, "domain", found.domain.model_copy(update={"facts": facts}))
    return found


def row(**known: object) -> pl.DataFrame:
    told = {
        "citizen": 1,
        "birth_date": date(1980, 1, 1),
        "income": None,
        "tenure": None,
        "impaired": None,
        "norm": NORM,
        "age": 46.0,
    } | known
    schema = {
        "citizen": pl.Int64,
        "birth_date": pl.Date,
        "income": pl.Float64,
        "tenure": pl.String,
        "impaired": pl.Boolean,
        "norm": pl.Float64,
        "age": pl.Float64,
    }
    frame = pl.DataFrame({name: [told[name]] for name in schema}, schema=schema)
    return frame.with_columns(earner=(pl.col("income") > pl.col("norm")) & (pl.col("age") > 18))


def found(row: pl.DataFrame, pack: Pack) -> list[TurningPoint]:
    names = facts_to_try(row, pack, "allowance")
    return [one for name in names if (one := turn_of_verdict(row, pack, "allowance", name))]


def test_an_unknown_amount_names_the_norm_from_which_it_does_not_fit() -> None:
    (one,) = found(row(), pack("income < norm", "age >= 18"))
    assert (one.fact, one.known, one.bound, one.values) == ("income", False, "from", (NORM,))
    assert one.effect == "does-not-fit"


@pytest.mark.parametrize(
    ("sql", "bound"),
    [
        ("income <= norm", "above"),
        ("income > norm", "up-to"),
        ("income >= norm", "below"),
        ("income < norm", "from"),
    ],
)
def test_the_border_itself_is_on_the_right_side(sql: str, bound: str) -> None:
    (one,) = found(row(), pack(sql))
    assert one.bound == bound
    assert one.values == pytest.approx((NORM,), abs=0.01)


def test_a_border_is_found_through_what_is_worked_out() -> None:
    (one,) = found(row(), pack("NOT earner"))
    assert (one.fact, one.bound) == ("income", "above")
    assert one.values == pytest.approx((NORM,), abs=0.01)


def test_a_known_fact_is_tried_only_when_someone_can_change_it() -> None:
    rich = row(income=30_000.0)
    assert found(rich, pack("income < norm")) == []
    (one,) = found(rich, pack("income < norm", actionable=("income",)))
    assert (one.known, one.effect, one.bound) == (True, "fits", "below")
    assert one.values == pytest.approx((NORM,), abs=0.01)


def test_a_category_names_the_values_that_would_do() -> None:
    (one,) = found(row(), pack("tenure = 'rent'"))
    assert (one.bound, one.values, one.effect) == ("is", ("own",), "does-not-fit")


def test_nothing_is_named_where_no_single_fact_turns_it() -> None:
    assert found(row(income=30_000.0), pack("income < norm", "tenure = 'rent'")) == []


def test_protected_facts_and_ages_are_never_tried() -> None:
    """Not even when they are unknown and alone decide."""
    unknown = row(birth_date=None, age=None)
    assert facts_to_try(unknown, pack("impaired", "age >= 18"), "allowance") == []
    every = pack("impaired OR income < norm", actionable=("impaired", "birth_date"))
    assert facts_to_try(unknown, every, "allowance") == ["income"]


AMOUNTS = st.one_of(st.none(), st.floats(0, 200_000).map(lambda one: round(one, 2)))


@given(
    income=AMOUNTS,
    tenure=st.sampled_from([None, "rent", "own"]),
    border=st.integers(2, 150_000),
    sql=st.sampled_from(["income < {b}", "income >= {b}", "NOT (income > {b})"]),
    both=st.booleans(),
)
def test_the_change_named_gives_the_verdict_named_and_is_the_smallest(
    income: float | None, tenure: str | None, border: int, sql: str, both: bool
) -> None:
    asked = [sql.format(b=border), *(["tenure = 'rent'"] if both else [])]
    made, now = pack(*asked, actionable=("income", "tenure")), row(income=income, tenure=tenure)
    before = verdicts(now, made)["allowance"].item()
    for one in found(now, made):
        wanted = one.effect == "fits"
        assert before is not wanted
        for value in one.values:
            near = _inside(one, value)
            after = now.with_columns(pl.lit(near, now.schema[one.fact]).alias(one.fact))
            assert verdicts(after, made)["allowance"].item() is wanted
        if one.fact == "income":
            assert one.values[0] == pytest.approx(border, abs=0.02)


def _inside(one: TurningPoint, value: object) -> object:
    step = {"above": 0.05, "below": -0.05}.get(one.bound, 0.0)
    return value + step if isinstance(value, float) else value
