"""Keys, shapes, texts, labels and units: a fault says its file, its key and what was expected."""

import pytest

from tests.features.loading.faults import (
    DOMAIN,
    LIFE,
    PARAMETERS,
    REGISTER,
    RENT,
    SERVICES,
    Fault,
    assert_named,
)
from tests.features.village import DELETE, parameter, service, text

SHAPES: dict[str, Fault] = {
    "unknown key": (DOMAIN, "colour", "blue", None, "expected one of id, title"),
    "unknown key inside": (SERVICES, f"{RENT}.headlin", "x", None, "headline"),
    "unknown top key": (PARAMETERS, "params", {}, "params", "expected one of parameters"),
    "missing key": (SERVICES, f"{RENT}.title", DELETE, None, "required"),
    "not an identifier": (DOMAIN, "id", "My Village", None, "does not have the form"),
    "service id": (SERVICES, "services.Rent_Help", service(), None, "does not have the form"),
    "fact name": (DOMAIN, "facts.own-car", {}, None, "does not have the form"),
    "not a number": (PARAMETERS, "parameters.norm.values.0.value", "ten", None, "number"),
    "not finite": (PARAMETERS, "parameters.norm.values.0.value", float("nan"), None, "number"),
    "not a date": (PARAMETERS, "parameters.norm.values.0.valid_from", "soon", None, "date"),
    "not a choice": (SERVICES, f"{RENT}.kind", "gift", None, "'service' or 'intervention'"),
    "no services": (SERVICES, "services", {}, None, "at least 1, and holds 0"),
    "not a mapping": (PARAMETERS, "parameters.norm", 3, None, "keys and values (got 3)"),
    "not a list": (SERVICES, f"{RENT}.triggers", "moved", None, "should be a list"),
    "not a text": (PARAMETERS, "parameters.norm.unit", 5, None, "quotes (got 5)"),
    "no categories": (DOMAIN, "facts.tenure.categories", DELETE, "facts.tenure", "categories"),
    "no legal basis": (
        DOMAIN,
        "facts.disabled.legal_basis",
        DELETE,
        "facts.disabled",
        "legal_basis",
    ),
    "two ways": (DOMAIN, "derived.age.sql", "income", "derived.age", "exactly one of"),
    "order of dates": (
        PARAMETERS,
        "parameters.norm.values",
        parameter(1)["values"] + parameter(2)["values"],
        "parameters.norm",
        "each date once",
    ),
    "unforeseeable": (LIFE, "life_events.moved.ahead_days", 5, "life_events.moved", "ahead_days"),
    "trigger": (
        LIFE,
        "life_events.moved.triggers.0",
        {"evnt": "moved"},
        "life_events.moved.triggers.0.evnt",
        "one of fact, to",
    ),
    "mapping format": (REGISTER, "files.0.format", "xlsx", None, "'csv', 'tsv', 'parquet'"),
    "two moments": (
        REGISTER,
        "files.0.events.0.occurred_at.sql",
        "a",
        "files.0.events.0.occurred_at",
        "exactly one of",
    ),
}

TEXTS: dict[str, Fault] = {
    "missing language": (DOMAIN, "title", {"nl": "Dorp"}, None, "text in 'en' is missing"),
    "empty text": (SERVICES, f"{RENT}.title.en", " ", f"{RENT}.title", "'en' is missing"),
    "other language": (DOMAIN, "title.fr", "Village", "title", "'fr' is not a language"),
    "criterion": (SERVICES, f"{RENT}.criteria.1.text.nl", "", f"{RENT}.criteria.1.text", "'nl'"),
    "parameter": (PARAMETERS, "parameters.norm.title.nl", "", "parameters.norm.title", "'nl'"),
    "life event": (LIFE, "life_events.moved.title.en", "", "life_events.moved.title", "'en'"),
    "concept": (DOMAIN, "concepts.home.down.en", "", "concepts.home.down", "'en'"),
    "headline length": (SERVICES, f"{RENT}.headline.nl", "a" * 140, None, "expected under 140"),
    "headline and name": (
        SERVICES,
        f"{RENT}.headline.en",
        "a" * 100 + "{citizen}",
        None,
        "140 characters long",
    ),
    "headline place": (SERVICES, f"{RENT}.headline.en", "For {bsn}", None, "only {citizen}"),
    "headline brace": (SERVICES, f"{RENT}.headline.en", "For {citizen", None, "{citizen}"),
}

TENURE = "facts.tenure.labels"

LABELLED: dict[str, Fault] = {
    "no labels": (DOMAIN, TENURE, DELETE, f"{TENURE}.rent", "category 'rent' is missing"),
    "a category without": (DOMAIN, f"{TENURE}.own", DELETE, None, "category 'own' is missing"),
    "no such category": (DOMAIN, f"{TENURE}.ren", text("rents"), None, "mean rent"),
    "label in one language": (DOMAIN, f"{TENURE}.own.en", DELETE, f"{TENURE}.own", "'en'"),
    "labels of a number": (
        DOMAIN,
        "facts.income.labels",
        {"x": text("x")},
        "facts.income.labels.x",
        "declares none",
    ),
    "labels of a derived number": (
        DOMAIN,
        "derived.age.labels",
        {"x": text("x")},
        None,
        "type category only",
    ),
    "derived category": (
        DOMAIN,
        "derived.home",
        {"title": text("Home"), "type": "category", "sql": "tenure"},
        "derived.home.labels",
        "is required",
    ),
    "unit of a fact": (DOMAIN, "facts.levy.unit", "eruo", None, "mean euro"),
    "unit of a derived fact": (DOMAIN, "derived.age.unit", "yaers", None, "mean years"),
    "unit of an event": (DOMAIN, "event_types.moved.unit", "boxes", None, "under units"),
    "unit of a parameter": (PARAMETERS, "parameters.norm.unit", "eruo", None, "mean euro"),
    "unit in one language": (DOMAIN, "units.euro.title.nl", DELETE, "units.euro.title", "'nl'"),
    "amount without number": (DOMAIN, "units.euro.amount.en", "euro", None, "{amount}"),
    "amount with a brace": (DOMAIN, "units.euro.amount.en", "{amount", None, "{amount}"),
    "amount twice": (DOMAIN, "units.euro.amount.en", "{amount}{amount}", None, "once"),
}

TABLE = {
    f"{group}: {name}": fault
    for group, faults in {
        "shape": SHAPES,
        "text": TEXTS,
        "labels and units": LABELLED,
    }.items()
    for name, fault in faults.items()
}


@pytest.mark.parametrize(("file", "key", "value", "named", "says"), TABLE.values(), ids=list(TABLE))
def test_a_fault_names_file_and_key(tmp_path, file, key, value, named, says):
    assert_named(tmp_path, file, key, value, named, says)
