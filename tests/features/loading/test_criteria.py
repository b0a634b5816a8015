"""Criteria: an SQL that can be relied on, for every citizen and within the purpose."""

import pytest

from features.loading import load_pack
from tests.features.loading.faults import DOMAIN, LIFE, RENT, SERVICES, fault_of
from tests.features.village import criterion, text, write_village

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
