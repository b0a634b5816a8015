"""Words that a pack uses and does not have: of facts, life events and services."""

from typing import Any

import pytest

from tests.features.loading.faults import (
    DOMAIN,
    LIFE,
    PARAMETERS,
    RENT,
    SERVICES,
    Fault,
    assert_named,
)
from tests.features.village import parameter, service, text


def of(relation: str, *, signal: str = "fact_income", purpose: str = "support") -> dict[str, Any]:
    """A signal of a relative."""
    return {"relation": relation, "title": text("Them"), "signal": signal, "purpose": purpose}


def own(sql: str) -> dict[str, Any]:
    """A signal of the pack itself."""
    return {"unit": "number", "meaning": text("It"), "sql": sql}


WORDS: dict[str, Fault] = {
    "assumed non-take-up": (
        DOMAIN,
        "training",
        {"non_take_up": {"low": 0.4, "high": 0.2, "source": "a guess"}},
        "training.non_take_up.low",
        "higher than high",
    ),
    "hold-out": (DOMAIN, "training", {"hold_out": 0.5}, "training.hold_out", "0.2"),
    "time zone": (DOMAIN, "time_zone", "Europe/Utrecht", None, "no time zone"),
    "source's purpose": (DOMAIN, "sources.register.purposes.0", "suport", None, "mean support"),
    "concept": (DOMAIN, "event_types.moved.concept", "house", None, "no concept 'house'"),
    "fairness fact": (DOMAIN, "fairness.age_band.fact", "birthdate", None, "mean birth_date"),
    "bands of a category": (
        DOMAIN,
        "fairness.age_band.fact",
        "origin",
        "fairness.age_band.bands",
        "number or date",
    ),
    "bands in disorder": (DOMAIN, "fairness.age_band.bands", [67, 27], None, "rising order"),
    "windows": (DOMAIN, "windows", {"counts": [90, 30]}, "windows.counts", "rising order"),
    "family": (DOMAIN, "families", ["horoscope"], "families.0", "no family 'horoscope'"),
    "family switched": (DOMAIN, "families", {"counts": "of"}, "families.counts", "'on' or 'off'"),
    "family's windows": (
        DOMAIN,
        "families",
        {"counts": {"windows": [90, 30]}},
        "families.counts.windows",
        "rising order",
    ),
    "family without windows": (
        DOMAIN,
        "families",
        {"recency": {"windows": [30]}},
        "families.recency.windows",
        "expected on or off",
    ),
    "signal's name": (DOMAIN, "signals.income", own("1 + 1"), None, "taken already"),
    "signal on nothing": (DOMAIN, "signals.x", own("incom * 2"), "signals.x.sql", "mean income"),
    "signal syntax": (DOMAIN, "signals.x", own("income *"), "signals.x.sql", "not an SQL"),
    "signal on others": (DOMAIN, "signals.x", own("SUM(income)"), "signals.x.sql", "across"),
    "signal's type": (DOMAIN, "signals.x", own("birth_date"), "signals.x.sql", "gives a Date"),
    "signal's types": (DOMAIN, "signals.x", own("income AND TRUE"), "signals.x.sql", "types of"),
    "signal on protected": (
        DOMAIN,
        "signals.x",
        own("CASE WHEN disabled THEN 1 END"),
        "signals.x.sql",
        "never reaches a signal",
    ),
    "signal on itself": (DOMAIN, "signals.x", own("x + 1"), "signals.x.sql", "circle"),
    "signal's concept": (
        DOMAIN,
        "signals.x",
        own("income") | {"concept": "hous"},
        "signals.x.concept",
        "no concept",
    ),
    "relative": (DOMAIN, "household", [of("cousin")], "household.0.relation", "no relation"),
    "relative's signal": (
        DOMAIN,
        "household",
        [of("child", signal="income")],
        "household.0.signal",
        "mean fact_income",
    ),
    "relative's protected fact": (
        DOMAIN,
        "household",
        [of("child", signal="fact_disabled")],
        "household.0.signal",
        "only free facts",
    ),
    "relative's purpose": (
        DOMAIN,
        "household",
        [of("child", purpose="suport")],
        "household.0.purpose",
        "mean support",
    ),
    "relative twice": (DOMAIN, "household", [of("child"), of("child")], "household.1", "twice"),
    "signal in one language": (
        DOMAIN,
        "signals.x",
        own("income") | {"meaning": {"en": "X"}},
        "signals.x.meaning",
        "'nl'",
    ),
    "one name for two": (PARAMETERS, "parameters.income", parameter(1), None, "taken already"),
    "as_of": (PARAMETERS, "parameters.as_of", parameter(1), None, "taken already"),
    "relation": (DOMAIN, "derived.children.relatives.kind", "cousin", None, "no relation"),
    "age of relatives": (
        DOMAIN,
        "derived.children.relatives.younger_than",
        "adult",
        None,
        "mean adult_age",
    ),
    "measure's type": (DOMAIN, "derived.children.type", "boolean", None, "gives a number"),
    "years since a number": (DOMAIN, "derived.age.years_since", "income", None, "type date"),
    "derived name": (DOMAIN, "derived.income_month.sql", "incom / 12", None, "mean income"),
    "derived syntax": (DOMAIN, "derived.income_month.sql", "income /", None, "not an SQL"),
    "derived type": (DOMAIN, "derived.income_month.sql", "income > 12", None, "gives a Boolean"),
    "derived on never": (DOMAIN, "derived.age.years_since", "origin", None, "is never"),
    "derived on criterion-only": (
        DOMAIN,
        "derived.income_month.sql",
        "CASE WHEN disabled THEN income END",
        None,
        "disabled is criterion-only",
    ),
    "derived on itself": (DOMAIN, "derived.income_month.sql", "income_month + 1", None, "circle"),
}

LIFE_EVENTS: dict[str, Fault] = {
    "event": (LIFE, "life_events.moved.triggers.0.event", "move", None, "mean moved"),
    "case type": (
        LIFE,
        "life_events.moved.triggers.0.case_type",
        "visit",
        None,
        "case type 'visit'",
    ),
    "fact": (LIFE, "life_events.moved.triggers.0", {"fact": "incom"}, None, "mean income"),
    "value": (
        LIFE,
        "life_events.moved.triggers.0",
        {"fact": "tenure", "to": "squat"},
        "life_events.moved.triggers.0.to",
        "no value 'squat'",
    ),
    "protected fact": (
        LIFE,
        "life_events.moved.triggers.0",
        {"fact": "disabled", "to": "true"},
        "life_events.moved.triggers.0.fact",
        "free facts only",
    ),
    "age": (LIFE, "life_events.grown-up.triggers.0.reaches_age", "adult", None, "mean adult_age"),
    "relative": (LIFE, "life_events.grown-up.triggers.0.of", "cousin", None, "no relation"),
    "date": (
        LIFE,
        "life_events.grown-up.triggers.0",
        {"date_fact": "income"},
        "life_events.grown-up.triggers.0.date_fact",
        "expected a date",
    ),
}

LIFE_EVENTS["fact"] = (*LIFE_EVENTS["fact"][:3], "life_events.moved.triggers.0.fact", "mean income")

SERVICE: dict[str, Fault] = {
    "objective": (SERVICES, f"{RENT}.objective", "profit", None, "'unmet-need', 'uptake'"),
    "rules": (SERVICES, f"{RENT}.rules", "maybe", None, "'decide' or 'exclude'"),
    "failing process of a service": (
        SERVICES,
        f"{RENT}.objective",
        "failing-process",
        None,
        "set kind: intervention",
    ),
    "signs without their objective": (
        SERVICES,
        f"{RENT}.failing",
        {"signs": ["complaint"]},
        None,
        "read with objective: failing-process alone",
    ),
    "a sign that nothing tells": (
        SERVICES,
        "services.personal",
        service(
            kind="intervention",
            objective="failing-process",
            failing={"signs": ["complaint"]},
        ),
        "services.personal.failing.signs.0",
        "has the role complaint",
    ),
    "no sign": (
        SERVICES,
        "services.personal",
        service(kind="intervention", objective="failing-process", failing={"signs": []}),
        "services.personal.failing.signs",
        "at least 1",
    ),
    "purpose": (SERVICES, f"{RENT}.purpose", "suport", None, "mean support"),
    "life event": (SERVICES, f"{RENT}.triggers.0", "move", None, "mean moved"),
    "channel": (SERVICES, f"{RENT}.channels.0", "pigeon", None, "no channel 'pigeon'"),
    "case type": (
        SERVICES,
        f"{RENT}.case_types",
        ["visit"],
        f"{RENT}.case_types.0",
        "no case type",
    ),
    "next step's channel": (
        SERVICES,
        f"{RENT}.next_step",
        {"text": text("Call"), "minutes": 5, "channel": "phone"},
        f"{RENT}.next_step.channel",
        "no channel 'phone'",
    ),
    "also a case type": (SERVICES, "services.question", service(), None, "a case type"),
    "criterion id twice": (
        SERVICES,
        f"{RENT}.criteria.1.id",
        "adult",
        f"{RENT}.criteria.1",
        "twice",
    ),
    "reason twice": (SERVICES, f"{RENT}.override_reasons.0.code", "no", None, "twice"),
    "no such outcome": (SERVICES, f"{RENT}.outcome", "applied", None, "role applied"),
    "rate": (
        SERVICES,
        f"{RENT}.non_take_up",
        {"low": 0.5, "high": 0.2, "source": "a study"},
        f"{RENT}.non_take_up.low",
        "higher than high",
    ),
    "excluded service": (SERVICES, f"{RENT}.excludes.0", "homehelp", None, "mean home-help"),
    "excludes itself": (SERVICES, f"{RENT}.excludes.0", "rent-help", None, "rent-help → rent-help"),
    "circular exclusion": (
        SERVICES,
        "services.home-help.excludes",
        ["rent-help"],
        f"{RENT}.excludes.0",
        "rent-help → home-help → rent-help",
    ),
    "signal": (
        SERVICES,
        f"{RENT}.decreasing_in",
        ["incom"],
        f"{RENT}.decreasing_in.0",
        "no signal",
    ),
}

TABLE = {
    f"{group}: {name}": fault
    for group, faults in {
        "word": WORDS,
        "life event": LIFE_EVENTS,
        "service": SERVICE,
    }.items()
    for name, fault in faults.items()
}


@pytest.mark.parametrize(("file", "key", "value", "named", "says"), TABLE.values(), ids=list(TABLE))
def test_a_fault_names_file_and_key(tmp_path, file, key, value, named, says):
    assert_named(tmp_path, file, key, value, named, says)
