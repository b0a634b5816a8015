"""A pack that loads can be relied on; a fault says its file, its key and what was expected."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import PackError
from features.loading import load_pack
from features.pack import Pack
from tests.features.village import (
    DELETE,
    VILLAGE,
    criterion,
    parameter,
    service,
    text,
    write_village,
)

DOMAIN, SERVICES, PARAMETERS = "domain.yaml", "services.yaml", "parameters.yaml"
LIFE, REGISTER = "life_events.yaml", "sources/register.yaml"
RENT = "services.rent-help"


def of(relation: str, *, signal: str = "fact_income", purpose: str = "support") -> dict[str, Any]:
    """A signal of a relative."""
    return {"relation": relation, "title": text("Them"), "signal": signal, "purpose": purpose}


def own(sql: str) -> dict[str, Any]:
    """A signal of the pack itself."""
    return {"unit": "number", "meaning": text("It"), "sql": sql}


def fault_of(folder: Path) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value


# What loads


def test_a_sound_pack_loads_whole(tmp_path):
    pack = load_pack(write_village(tmp_path))

    assert list(pack.services) == ["rent-help", "home-help", "move-help"]
    assert pack.languages == ("nl", "en")
    assert set(pack.mappings) == {"register", "levies"}
    assert pack.parameters["norm"].values[0].value == 1000


def test_a_service_has_the_domains_override_reasons_before_its_own(tmp_path):
    pack = load_pack(write_village(tmp_path))
    codes = [reason.code for reason in pack.services["rent-help"].override_reasons]
    assert codes == ["no", "owns"]


def test_services_may_stand_in_a_folder(tmp_path):
    write_village(tmp_path)
    (tmp_path / "services").mkdir()
    (tmp_path / "services.yaml").rename(tmp_path / "services" / "all.yaml")
    assert list(load_pack(tmp_path).services) == ["rent-help", "home-help", "move-help"]


def test_a_service_given_in_two_files_is_refused(tmp_path):
    write_village(tmp_path)
    (tmp_path / "services").mkdir()
    whole = (tmp_path / "services.yaml").read_text()
    (tmp_path / "services.yaml").rename(tmp_path / "services" / "a.yaml")
    (tmp_path / "services" / "b.yaml").write_text(whole)
    fault = fault_of(tmp_path)
    assert fault.file == "services/b.yaml"
    assert fault.key.startswith("services.")
    assert "another file" in fault.problem


def test_two_mappings_of_one_source_are_refused(tmp_path):
    fault = fault_of(write_village(tmp_path, "sources/levies.yaml", "source", "register"))
    assert (fault.file, fault.key) == ("sources/register.yaml", "source")
    assert "another file" in fault.problem


def test_a_column_name_that_two_things_share_is_refused(tmp_path):
    fact = {"title": text("x"), "type": "boolean"}
    fault = fault_of(write_village(tmp_path, DOMAIN, "facts.has_rent_help", fact))
    assert (fault.file, fault.key) == (SERVICES, RENT)
    assert "facts.has_rent_help" in fault.problem


def test_parameters_life_events_and_sources_may_be_left_out(tmp_path):
    write_village(tmp_path, SERVICES, "services", {"open": service()})
    for name in ("life_events.yaml", "sources/register.yaml", "sources/levies.yaml"):
        (tmp_path / name).unlink()
    pack = load_pack(tmp_path)
    assert pack.life_events == {}
    assert pack.mappings == {}


def test_the_checksum_follows_the_content_and_not_the_place(tmp_path):
    first = load_pack(write_village(tmp_path / "a")).checksum
    again = load_pack(write_village(tmp_path / "b")).checksum
    other = load_pack(write_village(tmp_path / "c", DOMAIN, "title", text("Elsewhere"))).checksum
    assert first == again != other
    assert len(first) == 64


def test_a_pack_in_one_language_may_take_its_codes_for_words(tmp_path):
    (tmp_path / "domain.yaml").write_text(
        "id: plain\ntitle: {en: Plain}\norganisation: {en: Plain}\nlanguages: [en]\n"
        "time_zone: Europe/Amsterdam\n"
        "purposes: {help: {title: {en: Help}, legal_basis: an act}}\n"
        "sources: {desk: {title: {en: Desk}, legal_basis: an act, purposes: [help], "
        "retention_days: 9}}\n"
        "event_types: {given: {title: {en: Given}, role: granted}}\n"
        "facts:\n  home: {title: {en: Home}, type: category, categories: [rent, own]}\n"
        "  weight: {title: {en: Weight}, type: number, unit: stone}\n"
    )
    (tmp_path / "services.yaml").write_text(
        "services: {hand: {title: {en: A hand}, description: {en: A hand}, headline: {en: A hand}, "
        "provider: {en: We}, purpose: help}}\n"
    )
    assert load_pack(tmp_path).domain.facts["home"].labels == {}


# Files


@pytest.mark.parametrize("missing", ["domain.yaml", "services.yaml"])
def test_a_missing_file_is_named(tmp_path, missing):
    (write_village(tmp_path) / missing).unlink()
    fault = fault_of(tmp_path)
    assert fault.file == missing
    assert "missing" in fault.problem


def test_a_missing_folder_is_named(tmp_path):
    assert "no such folder" in fault_of(tmp_path / "nowhere").problem


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        pytest.param(b"id: [a, b\nlanguages: nl\n", 2, "not valid YAML", id="syntax"),
        pytest.param(b"id: a\n\tlanguages: nl\n", 2, "not valid YAML", id="tab"),
        pytest.param(b"", None, "empty", id="empty"),
        pytest.param(b"# only a comment\n", None, "empty", id="comment"),
        pytest.param(b"id: a\n---\nid: b\n", 2, "not valid YAML", id="two documents"),
        pytest.param(b"id: \xff\n", None, "not UTF-8", id="encoding"),
        pytest.param(b"a: &x [1]\nb: *x\n", None, "alias", id="alias"),
        pytest.param(b"a: &x [*x]\n", None, "alias", id="alias of itself"),
        pytest.param(b"a: !!python/object:os.system x\n", 1, "not valid YAML", id="tag"),
    ],
)
def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path, content, line, says):
    (write_village(tmp_path) / "domain.yaml").write_bytes(content)
    fault = fault_of(tmp_path)
    assert (fault.file, fault.line) == ("domain.yaml", line)
    assert says in fault.problem


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path):
    write_village(tmp_path)
    path = tmp_path / "parameters.yaml"
    path.write_text(path.read_text() + "  norm:\n    unit: euro\n")
    fault = fault_of(tmp_path)
    assert (fault.file, fault.key) == ("parameters.yaml", "parameters.norm")
    assert "twice" in fault.problem
    assert fault.line == len(path.read_text().splitlines()) - 1


def test_a_fault_says_its_line(tmp_path):
    write_village(tmp_path, SERVICES, f"{RENT}.criteria.0.sql", "agee >= adult_age")
    fault = fault_of(tmp_path)
    lines = (tmp_path / "services.yaml").read_text().splitlines()
    assert "agee" in lines[(fault.line or 0) - 1]
    assert str(fault).startswith(f"services.yaml, line {fault.line}: {RENT}.criteria.0.sql: ")


def test_no_is_a_text_and_a_language(tmp_path):
    """In YAML 1.1 the Norwegian texts of a pack would be those of the language *false*."""
    write_village(tmp_path)
    for path in tmp_path.rglob("*.yaml"):
        plain = path.read_text().replace("nl: ", "no: ").replace("- nl\n", "- no\n")
        path.write_text(plain.replace("no: A village (nl)", "no: no"))
    pack = load_pack(tmp_path)
    assert pack.languages == ("no", "en")
    assert pack.domain.title["no"] == "no"


# Keys and values

Fault = tuple[str, str, Any, str | None, str]
"""File, key that is set, its value, key that is named (that key when None), what is said."""

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

CRITERIA: dict[str, tuple[str, str]] = {
    "syntax": ("age >=", "not an SQL expression"),
    "a statement": ("SELECT 1", "not an SQL expression"),
    "empty": ("", "not an SQL expression"),
    "unknown fact": ("incme_month < norm", "did you mean income_month"),
    "unknown parameter": ("income_month < norms", "did you mean norm"),
    "unknown service": ("NOT has_rent_halp", "no service 'rent-halp'; did you mean rent-help"),
    "unknown life event": ("days_since_move > 0", "no life event 'move'; did you mean moved"),
    "unknown signal": ("count_moved_7d > 0", "did you mean"),
    "text in double quotes": ('tenure = "rent"', "no fact, parameter or signal 'rent'"),
    "unknown category": ("tenure = 'rental'", "no category 'rental'"),
    "text of no category": ("birth_date > '2000-01-01'", "no category"),
    "number": ("income_month < 1000", "holds the number 1000"),
    "decimal number": ("income_month < norm * .5", "holds the number .5"),
    "exponent": ("income_month < 1e3", "holds the number 1e3"),
    "not yes or no": ("income_month", "gives a Float64"),
    "types": ("age AND tenure", "does not fit the types"),
    "types at work": ("tenure > income", "does not fit the types"),
    "aggregate": ("income > AVG(income)", "looks across citizens"),
    "window": ("ROW_NUMBER() OVER (ORDER BY income) > 0", "looks across citizens"),
    "subquery": ("(SELECT 1) > 0", "looks across citizens"),
    "quantile": ("income > QUANTILE_CONT(income, 0)", "looks across citizens"),
    "correlation": ("CORR(income, age) > 0", "looks across citizens"),
    "forgotten AND": ("income_month < norm has_home_help", "a word too many"),
    "grouped digits": ("income_month < 1_000", "a word too many"),
    "hexadecimal": ("income_month < 0x10", "0x10"),
    "clock": ("birth_date < CURRENT_DATE", "asks the clock"),
    "clock as a function": ("birth_date < NOW()", "asks the clock"),
    "never": ("origin = 'here'", "class never"),
    "criterion-only without legal basis": ("NOT disabled", "expected a legal_basis"),
    "purpose limitation": ("levy > 0", "levies, which may not be used for support"),
}

MAPPINGS: dict[str, Fault] = {
    "source": (REGISTER, "source", "registry", None, "no source 'registry'"),
    "scheme": (REGISTER, "files.0.subject.scheme", "ssn", None, "no identifier scheme"),
    "link's scheme": (
        REGISTER,
        "files.0.links",
        [{"column": "c", "scheme": "client"}],
        "files.0.links.0.scheme",
        "no identifier scheme",
    ),
    "event type": (
        REGISTER,
        "files.0.events.0.type",
        {"const": "move"},
        "files.0.events.0.type.const",
        "mean moved",
    ),
    "mapped event type": (REGISTER, "files.0.events.0.type.map.V", "move", None, "mean moved"),
    "otherwise": (REGISTER, "files.0.events.0.type.otherwise", "else", None, "no event type"),
    "channel": (REGISTER, "files.0.events.0.channel.const", "fax", None, "no channel"),
    "case type": (
        REGISTER,
        "files.0.events.0.case_type",
        {"const": "rent-aid"},
        "files.0.events.0.case_type.const",
        "mean rent-help",
    ),
    "condition": (REGISTER, "files.0.events.0.when", "a >", None, "not an SQL"),
    "moment": (
        REGISTER,
        "files.0.events.0.occurred_at",
        {"sql": "a ||"},
        "files.0.events.0.occurred_at.sql",
        "not an SQL",
    ),
    "moment's zone": (
        REGISTER,
        "files.0.events.0.occurred_at.time_zone",
        "Mars",
        None,
        "no time zone",
    ),
    "withdrawal": (REGISTER, "files.0.facts.0.withdrawn_when", "a >", None, "not an SQL"),
    "revised when": (
        REGISTER,
        "files.0.facts.1.revisable",
        True,
        "files.0.facts.1.known_at",
        "when it knew of each version",
    ),
    "revised what": (
        REGISTER,
        "files.0.events.0",
        {
            "type": {"const": "moved"},
            "occurred_at": {"column": "on"},
            "known_at": {"column": "on"},
            "withdrawn_when": "what = 'X'",
        },
        "files.0.events.0.event_id",
        "the source's own id",
    ),
    "fact": (REGISTER, "files.0.facts.0.name", "tenur", None, "mean tenure"),
    "category": (REGISTER, "files.0.facts.0.value.map.H", "rental", None, "no value of tenure"),
    "number": (
        REGISTER,
        "files.0.facts.1.value",
        {"column": "i", "map": {"x": "lots"}},
        "files.0.facts.1.value.map.x",
        "expected a number",
    ),
    "date format": (REGISTER, "files.0.facts.1.date_format", "%Y", None, "not a date"),
    "decimal comma": (REGISTER, "files.0.facts.0.decimal_comma", True, None, "not a number"),
    "relation": (REGISTER, "files.0.relations.0.kind.const", "cousin", None, "no relation"),
    "types of a text file": (REGISTER, "files.0.types", {"a": "date"}, None, "text only"),
    "delimiter": (REGISTER, "files.0.delimiter", ";;", None, "one character"),
    "unpivot": (
        REGISTER,
        "files.0.unpivot",
        {"columns": "("},
        "files.0.unpivot.columns",
        "regular expression",
    ),
}

TABLE = {
    f"{group}: {name}": fault
    for group, faults in {
        "shape": SHAPES,
        "text": TEXTS,
        "labels and units": LABELLED,
        "word": WORDS,
        "life event": LIFE_EVENTS,
        "service": SERVICE,
        "mapping": MAPPINGS,
    }.items()
    for name, fault in faults.items()
}


@pytest.mark.parametrize(("file", "key", "value", "named", "says"), TABLE.values(), ids=list(TABLE))
def test_a_fault_names_file_and_key(tmp_path, file, key, value, named, says):
    fault = fault_of(write_village(tmp_path, file, key, value))
    assert (fault.file, fault.key) == (file, key if named is None else named)
    assert says in fault.problem


@pytest.mark.parametrize(("sql", "says"), CRITERIA.values(), ids=list(CRITERIA))
def test_a_criterion_that_cannot_be_relied_on_is_refused(tmp_path, sql, says):
    broken = criterion("broken", sql)
    fault = fault_of(write_village(tmp_path, SERVICES, f"{RENT}.criteria.1", broken))
    assert (fault.file, fault.key) == (SERVICES, f"{RENT}.criteria.1.sql")
    assert says in fault.problem


@pytest.mark.parametrize(
    "sql",
    [
        "income_month < norm AND age >= adult_age",
        "tenure IN ('rent', 'own') OR children > 0",
        "NOT has_home_help",
        "COALESCE(days_since_moved <= norm, FALSE)",
        "count_moved_365d >= 1",
        "EXTRACT(MONTH FROM as_of) >= adult_age",
        "CASE WHEN children IS NOT NULL THEN income < -norm END",
    ],
)
def test_a_sound_criterion_is_accepted(tmp_path, sql):
    load_pack(write_village(tmp_path, SERVICES, f"{RENT}.criteria.1", criterion("sound", sql)))


def test_a_circle_of_derived_facts_is_printed(tmp_path):
    derived = {
        name: {"title": text(name), "type": "number", "sql": f"{other} + 1"}
        for name, other in (("first", "second"), ("second", "third"), ("third", "first"))
    }
    fault = fault_of(write_village(tmp_path, DOMAIN, "derived", derived))
    assert (fault.file, fault.key) == (DOMAIN, "derived.first.sql")
    assert "first → second → third → first" in fault.problem


def test_a_life_event_told_only_for_another_purpose_triggers_nothing(tmp_path):
    write_village(tmp_path, LIFE, "life_events.moved.triggers.0", {"fact": "levy"})
    fault = fault_of(tmp_path)
    assert fault.file == SERVICES
    assert "moved is known from levies alone, which may not be used for support" in fault.problem


def test_a_fact_asked_through_a_derived_one_keeps_its_purpose(tmp_path):
    write_village(tmp_path, DOMAIN, "derived.income_month.sql", "levy / 12")
    fault = fault_of(tmp_path)
    assert (fault.file, fault.key) == (SERVICES, f"{RENT}.criteria.1.sql")
    assert "may not be used for support" in fault.problem


def _places(node: Any, key: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for part, value in inside:
        here = (*key, str(part))
        found.append(here)
        if isinstance(value, dict | list):
            found += _places(value, here)
    return found


PLACES = [(file, ".".join(key)) for file, content in VILLAGE.items() for key in _places(content)]
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text("ab{('=<", max_size=6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text("ab", min_size=1, max_size=2), st.text("ab", max_size=2), max_size=2),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=WRONG)
def test_whatever_stands_anywhere_a_pack_loads_or_says_where_it_is_wrong(tmp_path, place, value):
    """Anything but a PackError fails here."""
    outcome = loaded_or_fault(write_village(tmp_path, *place, value))
    if isinstance(outcome, PackError):
        assert outcome.file in VILLAGE
        assert outcome.problem


def loaded_or_fault(folder: Path) -> Pack | PackError:
    try:
        return load_pack(folder)
    except PackError as fault:
        return fault
