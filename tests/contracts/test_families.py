"""What every signal family promises. A new family is held to it without another line here."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.columns import matrix
from features.events import EVENTS
from features.facts import FACTS
from features.families import Family, every_family, families_of
from features.pack import Pack
from features.provenance import is_known
from features.records import Records
from features.relations import RELATIONS
from features.snapshot import dictionary, signals
from tests.contracts.small_pack import small_pack
from tests.contracts.worlds import AS_OF, CITIZENS, SOURCES, World, worlds

PACK = small_pack()
NO_RECORDS = World(EVENTS.to_frame(), FACTS.to_frame(), RELATIONS.to_frame())

few_worlds = settings(max_examples=12)
"""Every family makes as many again; each world holds dozens of records."""

of_every_family = pytest.mark.parametrize(
    "family", families_of(PACK), ids=lambda family: family.name
)


def _computed(family: Family, records: Records, pack: Pack) -> pl.DataFrame:
    """What the family computes, as it stands in the matrix."""
    return matrix(family.compute(records, pack), len(records.citizens))


def _same_bits(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Equal to the last bit, nulls included."""
    assert found.columns == expected.columns
    assert_frame_equal(_bits(found), _bits(expected))


def _bits(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.col(pl.Float32).reinterpret(signed=False), *frame.select(pl.exclude(pl.Float32)).columns
    )


@of_every_family
@few_worlds
@given(world=worlds(PACK))
def test_it_computes_what_it_declares(family: Family, world: World) -> None:
    declared = [signal.name for signal in family.signals(PACK)]
    found = _computed(family, world.known(), PACK)
    assert found.columns == declared
    assert len(set(declared)) == len(declared)
    assert set(found.dtypes) <= {pl.Float32}
    assert found.height == len(CITIZENS) or not declared
    assert not any(column.is_nan().any() or column.is_infinite().any() for column in found)


@of_every_family
@few_worlds
@given(world=worlds(PACK))
def test_it_never_uses_later_knowledge(family: Family, world: World) -> None:
    for as_of in (AS_OF, AS_OF - timedelta(days=200)):
        then = world.without_later(as_of).known(as_of)
        _same_bits(_computed(family, world.known(as_of), PACK), _computed(family, then, PACK))


@of_every_family
@few_worlds
@given(world=worlds(PACK))
def test_a_batch_equals_its_citizens_one_by_one(family: Family, world: World) -> None:
    batch = _computed(family, world.known(), PACK)
    alone = [_computed(family, world.known(citizens=(one,)), PACK) for one in CITIZENS]
    _same_bits(batch, pl.concat(alone) if batch.width else batch)


@of_every_family
@few_worlds
@given(world=worlds(PACK), source=st.sampled_from(sorted(SOURCES)))
def test_a_missing_source_is_unknown_and_never_zero(
    family: Family, world: World, source: str
) -> None:
    found = _computed(family, world.without(source).known(sources=SOURCES - {source}), PACK)
    for signal in family.signals(PACK):
        if signal.name.startswith("source_missing_"):
            assert found[signal.name].to_list() == [float(signal.sources == {source})] * 5
        elif not is_known(signal.sources, SOURCES - {source}):
            assert found[signal.name].null_count() == len(CITIZENS), signal.name


@of_every_family
@few_worlds
@given(world=worlds(PACK), seed=st.integers(0, 2**32 - 1))
def test_order_and_repetition_of_rows_change_nothing(
    family: Family, world: World, seed: int
) -> None:
    again = _computed(family, world.shuffled(seed).known(), PACK)
    _same_bits(again, _computed(family, world.known(), PACK))


@of_every_family
@few_worlds
@given(world=worlds(PACK))
def test_the_same_records_give_the_same_signals(family: Family, world: World) -> None:
    records = world.known()
    _same_bits(_computed(family, records, PACK), _computed(family, records, PACK))


@of_every_family
@few_worlds
@given(world=worlds(PACK))
def test_nobody_gives_no_rows(family: Family, world: World) -> None:
    found = _computed(family, world.known(citizens=()), PACK)
    assert found.columns == [signal.name for signal in family.signals(PACK)]
    assert found.height == 0


@of_every_family
def test_a_citizen_without_records_is_harmless(family: Family) -> None:
    records = NO_RECORDS.known()
    assert _computed(family, records, PACK).columns == [one.name for one in family.signals(PACK)]


@of_every_family
def test_every_signal_can_be_read_by_a_person(family: Family) -> None:
    for signal in family.signals(PACK):
        assert set(signal.meaning) == set(PACK.languages)
        assert all(signal.meaning.values())
        assert not any("{" in sentence for sentence in signal.meaning.values())
        assert signal.unit
        assert signal.family == family.name
        assert signal.sources <= PACK.domain.sources.keys()


def test_names_are_unique_over_all_families() -> None:
    names = [signal.name for signal in dictionary(PACK)]
    assert len(set(names)) == len(names)
    assert set(families_of(PACK)) == set(every_family(PACK))


def test_nothing_protected_becomes_a_signal() -> None:
    names = " ".join(signal.name for signal in dictionary(PACK))
    assert "disability" not in names
    assert "origin" not in names


def test_a_purpose_keeps_only_signals_whose_sources_all_allow_it() -> None:
    records = NO_RECORDS.known()
    kept = dictionary(PACK, purpose="quality")
    assert kept
    assert not any("tax" in signal.sources for signal in kept)
    frame = signals(records, PACK, purpose="quality")
    assert frame.columns == ["citizen", *(signal.name for signal in kept)]
