"""What is told of relatives, worked out by hand; and what may not be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from features.domain import HouseholdSignal
from features.families.household import Household
from features.household import joined, relatives_of, with_relatives
from features.lake import Lake
from features.objections import Objected
from features.pack import Pack
from features.records import Records, known_records
from features.snapshot import dictionary, population, read
from tests.features.told import ALL, AS_OF, PACK, Row, event, fact, known, relation, tables

PARTNER = "household_partner_fact_income_highest"
CHILDREN = "household_child_count_contact_365d_sum"


def told(*rows: Row, without: frozenset[int] = frozenset()) -> dict[str, float]:
    """The household's signals of citizen 1."""
    records = known(*rows)
    others = tuple(one for one in relatives_of(records, PACK) if one not in without)
    records = joined(records, known(*rows, citizens=others))
    return {name: values[0] for name, values in Household().compute(records, PACK).items()}


def income(citizen: int, amount: int) -> Row:
    return fact("income", amount, "2024-01-01", citizen=citizen, source="tax")


def unknown(value: float) -> bool:
    return value != value


def unknown_of(signals: pl.DataFrame) -> bool:
    return signals[PARTNER].item() is None


def test_of_a_partner_now_the_asked_signal_is_told() -> None:
    found = told(relation("partner", "2020-01-01", relative=2), income(2, 30000), income(1, 5))
    assert found[PARTNER] == 30000
    assert unknown(found[CHILDREN])


def test_of_a_partner_who_left_or_is_still_to_come_nothing_is_told() -> None:
    left = relation("partner", "2020-01-01", to="2025-01-01", relative=2)
    coming = relation("partner", "2025-07-01", relative=3) | {"known_at": AS_OF}
    later = relation("partner", "2020-01-01", relative=4) | {"known_at": AS_OF + timedelta(days=1)}
    incomes = [income(citizen, 30000) for citizen in (2, 3, 4)]
    assert unknown(told(left, coming, later, *incomes)[PARTNER])


def test_what_became_known_of_a_relative_later_is_not_told() -> None:
    late = income(2, 90000) | {"known_at": AS_OF + timedelta(days=1), "valid_from": AS_OF}
    found = told(relation("partner", "2020-01-01", relative=2), income(2, 30000), late)
    assert found[PARTNER] == 30000


def test_children_are_added_up_unless_one_is_unknown() -> None:
    family = [
        relation("child", "2015-01-01", relative=2),
        relation("child", "2018-01-01", relative=3),
    ]
    calls = [event("contact", "2025-05-01", citizen=one) for one in (2, 3, 3)]
    assert told(*family, *calls)[CHILDREN] == 3
    assert unknown(told(*family, *calls[:1])[CHILDREN]), "of the other there is no record"
    unnamed = relation("child", "2019-01-01")
    assert unknown(told(*family, *calls, unnamed)[CHILDREN])


def test_of_whoever_objected_nothing_is_told() -> None:
    rows = (relation("partner", "2020-01-01", relative=2), income(2, 30000))
    assert unknown(told(*rows, without=frozenset({2}))[PARTNER])


def test_a_signal_of_a_relative_serves_its_one_purpose_alone() -> None:
    allowed = {
        purpose: {one.name for one in dictionary(PACK, purpose=purpose)}
        for purpose in PACK.domain.purposes
    }
    assert PARTNER in allowed["support"] - allowed["quality"]
    assert CHILDREN in allowed["quality"] - allowed["support"]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Forty families: the partner of citizen n is citizen n + 100."""
    lake = Lake(str(tmp_path / "lake"), buckets=4)
    rows: list[Row] = []
    for one in range(1, 41):
        rows += [relation("partner", "2020-01-01", citizen=one, relative=one + 100)]
        rows += [income(one + 100, 1000 * one), income(one, 7)]
    events, facts, relations = tables(*rows)
    lake.append("events", events)
    lake.append("facts", facts)
    lake.append("relations", relations)
    return lake


def of_lake(lake: Lake, citizens: tuple[int, ...]) -> Records:
    everything = {table: lake.scan(table).collect() for table in ("events", "facts", "relations")}
    return known_records(as_of=AS_OF, citizens=pl.Series(citizens), sources=ALL, **everything)


@pytest.mark.parametrize("citizens", [(3,), tuple(range(1, 41))], ids=["one", "all"])
def test_relatives_are_read_from_whatever_bucket_they_live_in(
    lake: Lake, citizens: tuple[int, ...]
) -> None:
    records = with_relatives(of_lake(lake, citizens), lake, PACK)
    assert records.relatives is not None
    assert records.relatives.citizens.to_list() == [one + 100 for one in citizens]
    found = Household().compute(records, PACK)[PARTNER]
    assert found.tolist() == [1000.0 * one for one in citizens]


def test_a_relative_who_objected_is_unknown_to_the_population_and_to_one_alike(lake: Lake) -> None:
    kept = Lake(lake.uri, buckets=lake.buckets, objections=Objected({103, 120}))
    one_by_one = {
        citizen: read(kept, PACK, AS_OF, [citizen]).signals[PARTNER].item()
        for citizen in range(1, 41)
    }
    together = pl.concat([one.signals for one in population(kept, PACK, AS_OF)])
    population_has = dict(together.select("citizen", PARTNER).iter_rows())
    assert {one: population_has[one] for one in one_by_one} == one_by_one
    assert {one for one, told in one_by_one.items() if told is None} == {3, 20}
    assert one_by_one[4] == 4000.0
    everyone = read(kept, PACK, AS_OF, range(1, 41)).signals
    assert dict(everyone.select("citizen", PARTNER).iter_rows()) == one_by_one


def test_a_lake_that_is_renewed_still_knows_who_objected(lake: Lake) -> None:
    kept = Lake(lake.uri, buckets=lake.buckets, objections=Objected({103}))
    kept.versions()
    lake.append("facts", tables(income(500, 1))[1])
    assert kept.renewed() is not kept
    assert unknown_of(read(kept.renewed(), PACK, AS_OF, [3]).signals)


def test_a_pack_that_asks_nothing_of_relatives_reads_none(lake: Lake) -> None:
    silent = Pack(PACK.folder, PACK.domain.model_copy(update={"household": ()}), PACK.services)
    records = with_relatives(of_lake(lake, (3,)), lake, silent)
    assert records.relatives is None
    assert Household().compute(records, silent) == {}


def test_only_what_the_purposes_sources_told_is_told_of_a_relative() -> None:
    rows = (relation("partner", "2020-01-01", relative=2), income(2, 30000))
    records = joined(known(*rows), known(*rows, citizens=(2,)))
    narrowed = records.told_by(frozenset({"register"}))
    assert unknown(Household().compute(narrowed, PACK)[PARTNER][0])


def test_more_relatives_are_told_as_the_pack_asks() -> None:
    def asked(of_more: str) -> float:
        one = HouseholdSignal.model_validate(
            {
                "relation": "child",
                "title": {"nl": "x", "en": "x"},
                "signal": "fact_income",
                "purpose": "support",
                "of_more": of_more,
            }
        )
        pack = Pack(
            PACK.folder,
            PACK.domain.model_copy(update={"household": (one,), "signals": {}}),
            PACK.services,
            PACK.parameters,
            PACK.life_events,
            PACK.mappings,
        )
        rows = [
            relation("child", "2010-01-01", relative=2),
            relation("child", "2010-01-01", relative=3),
            income(2, 10),
            income(3, 40),
        ]
        records = joined(known(*rows), known(*rows, citizens=(2, 3)))
        (values,) = Household().compute(records, pack).values()
        return float(values[0])

    assert [asked(how) for how in ("highest", "lowest", "sum", "mean")] == [40, 10, 50, 25]
