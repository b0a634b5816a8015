"""The example municipality: complete, honest about its figures, and decidable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.catalogue import Criterion, Kind, Service
from features.derived import rests_on
from features.domain import AgeTrigger, FactType, Sensitivity
from features.families import families_of
from features.loading import load_pack
from features.pack import Pack, has_column, life_event_column

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "gemeente"
PACK = load_pack(FOLDER)
TODAY = date(2025, 11, 20)

SERVICES = """
    kinderbijslag kindgebonden-budget zorgtoeslag huurtoeslag kinderopvangtoeslag aow aio
    algemene-bijstand bijzondere-bijstand individuele-inkomenstoeslag kwijtschelding
    collectieve-zorgverzekering kindpakket stadspas schuldhulp ww ziektewet wia toeslagenwet anw
    studiefinanciering bbz startersloket wmo-huishoudelijke-hulp wmo-woningaanpassing wmo-vervoer
    gehandicaptenparkeerkaart mantelzorgwaardering jeugdhulp voorschoolse-educatie
    leerlingenvervoer inburgering parkeervergunning identiteitsbewijs rijbewijs-75
""".split()
INTERVENTIONS = "persoonlijke-aanpak huisbezoek vroegsignaal-contact aanvraaghulp jobcoach".split()

EU_LIFE_EVENTS = {
    "having a child",
    "becoming a (social) caretaker",
    "starting education",
    "looking for a new job",
    "losing/quitting a job",
    "looking for a place to live",
    "changing relationship status",
    "driving a vehicle",
    "travelling abroad",
    "moving to/from the country",
    "going into military service",
    "facing an emergency or health problem",
    "facing a crime",
    "retirement",
    "death of a relative",
}

CRITERIA = [
    pytest.param(criterion, id=f"{name}/{criterion.id}")
    for name, service in PACK.services.items()
    for criterion in service.criteria
]


def signal_names(pack: Pack) -> frozenset[str]:
    return frozenset(s.name for family in families_of(pack) for s in family.signals(pack))


def names_in(criterion: Criterion) -> set[str]:
    return set(pl.sql_expr(criterion.sql).meta.root_names())


def invented_people(pack: Pack, count: int = 20_000, *, known: float = 0.85) -> pl.DataFrame:
    """People of every kind: values around the parameters, each known with probability ``known``."""
    random = np.random.default_rng(7)
    held = pack.parameters_at(TODAY)
    around = np.array([0, 1, *held.values(), *(v - 1 for v in held.values())])
    columns: dict[str, pl.Series] = {}

    def add(name: str, values: pl.Series) -> None:
        unknown = pl.Series(random.random(count) > known)
        columns[name] = values.set(unknown, None)

    def numbers(ceiling: float) -> pl.Series:
        return pl.Series(random.choice(around[around <= ceiling], count), dtype=pl.Float64)

    def ages() -> pl.Series:
        return pl.Series(random.integers(0, 90, count), dtype=pl.Float64)

    def flags() -> pl.Series:
        return pl.Series(random.random(count) > 0.5)

    for name, word in {**pack.domain.facts, **pack.domain.derived}.items():
        if word.type is FactType.BOOLEAN:
            add(name, flags())
        elif word.type is FactType.CATEGORY:
            add(name, pl.Series(random.choice(pack.domain.facts[name].categories, count)))
        elif word.type is FactType.DATE:
            add(name, pl.Series([TODAY] * count))
        else:
            add(name, ages() if name.endswith("age") else numbers(10_000))
    for service in pack.services:
        add(has_column(service), flags())
    for life_event in pack.life_events:
        add(life_event_column(life_event), numbers(1_000))
    for signal in sorted(signal_names(pack)):  # a set, in another order every time
        low_mostly = np.floor(40 * random.random(count) ** 3)
        add(signal, pl.Series(low_mostly, dtype=pl.Float32))
    parameters = [pl.lit(held[name], pl.Float64).alias(name) for name in pack.parameters]
    return pl.DataFrame(columns).with_columns(*parameters, pl.lit(TODAY).alias("as_of"))


def nobody_known(pack: Pack) -> pl.DataFrame:
    """One person of whom nothing is known, on a day on which every parameter is in force."""
    people = invented_people(pack, 1, known=-1)
    held = pack.parameters_at(TODAY)
    return people.select(
        pl.lit(held[name]).alias(name)
        if name in held
        else pl.lit(TODAY if name == "as_of" else None, dtype).alias(name)
        for name, dtype in people.schema.items()
    )


def verdict(service: Service) -> pl.Expr:
    return reduce(
        lambda all_met, one: all_met & pl.sql_expr(one.sql),
        service.criteria[1:],
        pl.sql_expr(service.criteria[0].sql),
    )


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return invented_people(PACK)


# Complete


def test_the_whole_catalogue_is_there():
    kinds = {name: service.kind for name, service in PACK.services.items()}
    assert {n for n, kind in kinds.items() if kind is Kind.SERVICE} == set(SERVICES)
    assert {n for n, kind in kinds.items() if kind is Kind.INTERVENTION} == set(INTERVENTIONS)


@pytest.mark.parametrize("name", PACK.services)
def test_a_service_can_be_shown_and_acted_on(name):
    service = PACK.services[name]
    assert service.criteria
    assert service.triggers
    assert service.channels
    assert service.next_step is not None
    assert {"has-already", "wrong-data"} <= {one.code for one in service.override_reasons}


def test_no_uri_is_invented():
    assert {service.upl_uri for service in PACK.services.values()} == {None}


def test_life_events_bear_the_names_of_the_eu_vocabulary():
    named = {event.eu for event in PACK.life_events.values() if event.eu is not None}
    assert named <= EU_LIFE_EVENTS
    assert len(named) >= 10


def test_every_life_event_brings_some_service_into_view_or_is_told_on_the_timeline():
    used = {trigger for service in PACK.services.values() for trigger in service.triggers}
    only_told = {"child-turns-adult", "emigrated", "partnership-started", "child-left-home"}
    assert PACK.life_events.keys() - used == only_told


def test_after_a_death_only_what_the_death_brings_is_suggested_for_a_while():
    quiet = [name for name, event in PACK.life_events.items() if event.quiet_days]
    assert "partner-died" in quiet
    assert "partner-died" in PACK.services["anw"].triggers


# Honest


def test_every_figure_has_a_year_and_a_source():
    for parameter in PACK.parameters.values():
        for value in parameter.values:
            assert 2015 <= value.year <= 2026
            assert value.source.strip()


def test_every_parameter_is_used():
    asked = {
        name for service in PACK.services.values() for c in service.criteria for name in names_in(c)
    }
    behind = {name for derived in PACK.domain.derived.values() for name in rests_on(derived)}
    relatives = {d.relatives.younger_than for d in PACK.domain.derived.values() if d.relatives}
    ages = {
        trigger.reaches_age
        for event in PACK.life_events.values()
        for trigger in event.triggers
        if isinstance(trigger, AgeTrigger)
    }
    assert PACK.parameters.keys() <= asked | behind | relatives | ages


def test_published_amounts_are_those_of_2025():
    held = PACK.parameters_at(TODAY)
    published = {
        "health_allowance_income_single": 39_719,
        "health_allowance_income_couple": 50_206,
        "child_budget_wealth_single": 141_896,
        "child_budget_wealth_couple": 179_429,
        "rent_allowance_rent_limit": 900.07,
        "social_assistance_norm_single": 1_345.45,
        "social_assistance_norm_couple": 1_922.07,
        "state_pension_age": 67,
    }
    assert {name: held[name] for name in published} == published


def texts_of(service: Service) -> Iterator[str]:
    yield from (*service.title.values(), *service.description.values(), *service.headline.values())
    for criterion in service.criteria:
        for text in (criterion.text, criterion.not_met, criterion.question):
            yield from (text or {}).values()
    if service.next_step is not None:
        yield from service.next_step.text.values()


@pytest.mark.parametrize("name", PACK.services)
def test_no_word_of_risk_or_suspicion(name):
    refused = ("risico", "risk", "fraud", "verdach", "suspic", "misbruik", "abuse", "score")
    for text in texts_of(PACK.services[name]):
        assert not any(word in text.lower() for word in refused), text


@pytest.mark.parametrize("name", PACK.services)
def test_sentences_are_short(name):
    for text in texts_of(PACK.services[name]):
        for sentence in text.split(". "):
            assert len(sentence.split()) <= 22, sentence


# Protected


def test_what_is_sensitive_never_is_a_signal():
    protected = PACK.facts(Sensitivity.NEVER, Sensitivity.CRITERION_ONLY)
    assert {"sex", "birth_country", "city_district"} <= PACK.facts(Sensitivity.NEVER).keys()
    assert {"has_disability", "residence_permit"} <= PACK.facts(Sensitivity.CRITERION_ONLY).keys()
    for signal in signal_names(PACK):
        assert not any(name in signal for name in protected), signal


def test_coming_from_abroad_and_language_are_no_signals():
    told = [s for s in signal_names(PACK) if "immigrated" in s or "language" in s]
    assert told == []


def test_fairness_is_watched_over_every_group():
    assert set(PACK.domain.fairness) == {
        "sex", "origin", "age_band", "disability", "district", "language"
    }  # fmt: skip


# Decidable


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_criterion_is_met_by_some_and_not_by_others(criterion, people):
    if names_in(criterion) <= {"as_of", *PACK.parameters}:
        pytest.skip("the same for everyone on a day")
    values = set(people.select(pl.sql_expr(criterion.sql)).to_series().unique())
    assert {True, False} <= values


@pytest.mark.parametrize("name", PACK.services)
def test_a_service_fits_some_does_not_fit_others_and_is_unknown_for_others(name, people):
    answers = set(people.select(verdict(PACK.services[name])).to_series().unique())
    assert answers == {True, False, None}


@pytest.mark.parametrize("name", PACK.services)
def test_who_is_not_known_is_never_called_eligible(name):
    answer = nobody_known(PACK).select(verdict(PACK.services[name])).item()
    assert answer is not True


@pytest.mark.parametrize("criterion", CRITERIA)
def test_what_can_be_asked_has_its_question(criterion):
    """Ages come from the register; anything else that may be unknown is put to a person."""
    words = {*PACK.domain.facts, *PACK.domain.derived} - {"age"}
    if names_in(criterion) & words:
        assert criterion.question is not None


def test_the_collective_insurance_has_a_season():
    service = PACK.services["collectieve-zorgverzekering"]
    window = next(pl.sql_expr(c.sql) for c in service.criteria if c.id == "window")
    days = pl.DataFrame({"as_of": [date(2025, 10, 31), date(2025, 11, 1), date(2025, 12, 31)]})
    asked = days.with_columns(collective_insurance_month=pl.lit(11.0)).select(window).to_series()
    assert asked.to_list() == [False, True, True]


def test_derived_norms_follow_the_household():
    sql = {name: d.sql for name, d in PACK.domain.derived.items() if d.sql is not None}
    household = pl.DataFrame({"has_partner": [True, False, None]}).with_columns(
        pl.lit(value).alias(name) for name, value in PACK.parameters_at(TODAY).items()
    )
    norm = household.select(pl.sql_expr(sql["social_minimum"])).to_series()
    assert norm.to_list() == [1_922.07, 1_345.45, None]


def test_a_citizen_alone_comes_out_as_in_the_population(people):
    """To the last bit: a criterion may stand on the very edge of a norm."""
    some = people.head(40)
    for name, derived in PACK.domain.derived.items():
        if derived.sql is None:
            continue
        asked = pl.sql_expr(derived.sql).alias(name)
        alone = pl.concat(some[row].select(asked) for row in range(some.height))
        assert some.select(asked).equals(alone), name
