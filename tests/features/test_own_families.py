"""A pack adds signals: as SQL, or as a family in a file that nothing names."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from features.errors import PackError
from features.families import families_of
from features.loading import load_pack
from tests.features.families.families import signals_of
from tests.features.told import event, fact
from tests.features.village import write_village

VISITS = """
    import numpy as np
    from features.families import Family, Signal


    class Visits(Family):
        name = "visits"

        def signals(self, pack):
            meaning = {"nl": "Bezoeken", "en": "Visits"}
            return (Signal("visits", "times", meaning, "other", self.name),)

        def compute(self, records, pack):
            return {"visits": np.zeros(len(records.citizens))}
"""


def with_family(folder: Path, code: str) -> Path:
    write_village(folder)
    (folder / "families").mkdir()
    (folder / "families" / "visits.py").write_text(dedent(code))
    return folder


def fault_of(folder: Path, code: str) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(with_family(folder, code))
    return caught.value


def test_a_family_in_the_packs_folder_is_used_without_being_named(tmp_path: Path) -> None:
    before = load_pack(write_village(tmp_path / "plain"))
    pack = load_pack(with_family(tmp_path / "own", VISITS))
    assert "visits" in [family.name for family in families_of(pack)]
    assert "visits" not in [family.name for family in families_of(before)]
    assert pack.checksum != before.checksum


def test_two_packs_may_have_a_file_of_one_name(tmp_path: Path) -> None:
    one = load_pack(with_family(tmp_path / "one", VISITS))
    other = load_pack(with_family(tmp_path / "other", VISITS.replace('"Visits"', '"Calls"')))
    meanings = [pack.own_families[0].signals(pack)[0].meaning["en"] for pack in (one, other)]
    assert meanings == ["Visits", "Calls"]


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ("import numpy as np", "import numpie", "No module named"),
        ("return {", "return {{", "cannot be loaded: SyntaxError"),
        ("class Visits(Family)", "class Visits", "holds no signal family"),
        ('name = "visits"', "pass", "has no name"),
        ('name = "visits"', 'name = "counts"', "another family 'counts'"),
        ('name = "visits"', 'name = "Visits"', "snake_case"),
        ('"nl": "Bezoeken", ', "", "visits has no meaning in 'nl'"),
        ('"other"', '"visit"', "no concept 'visit'"),
        ("self.name)", 'self.name, frozenset({"desk"}))', "no source 'desk'"),
        ('"times", meaning, "other", self.name', '"times", meaning, "other", "x"', "is of 'x'"),
        ('{"visits": np', '{"visit": np', "computes other signals than it declares"),
        ("np.zeros(len(records.citizens))", "np.zeros(7)", "shape (7,)"),
        ("np.zeros(len(records.citizens))", "1 / 0", "compute failed on a pack without records"),
    ],
)
def test_a_family_that_breaks_its_promises_is_refused(
    tmp_path: Path, found: str, put: str, said: str
) -> None:
    assert found in VISITS
    fault = fault_of(tmp_path / "own", VISITS.replace(found, put))
    assert fault.file == "families/visits.py"
    assert said in str(fault)


def test_a_fault_in_a_familys_code_has_its_line(tmp_path: Path) -> None:
    fault = fault_of(tmp_path / "own", VISITS.replace("np.zeros(len(records.citizens))", "1 / 0"))
    assert fault.line == 14


def test_a_packs_own_signal_is_its_sql_over_facts_derived_facts_and_signals() -> None:
    rows = (
        fact("income", 12000, "2024-01-01", source="tax"),
        event("bill", "2025-03-01", source="tax", value=600.0),
        event("moved", "2025-05-01"),
    )
    found = signals_of("pack_signals", *rows)
    assert found["bills_for_income"] == pytest.approx(600 / 12000)
    assert found["moved_and_poor"] == 1, "1000 a month is below the norm of 1200"
    assert found["worry"] == found["bills_for_income"]
    assert signals_of("pack_signals")["bills_for_income"] is None


def test_what_none_of_its_sources_told_is_unknown_whatever_the_sql_makes_of_a_null() -> None:
    found = signals_of("pack_signals", sources=frozenset({"cases"}))
    assert found == {"bills_for_income": None, "moved_and_poor": None, "worry": None}


def test_what_is_divided_by_nothing_is_unknown() -> None:
    rows = (
        fact("income", 0, "2024-01-01", source="tax"),
        event("bill", "2025-03-01", source="tax", value=600.0),
    )
    assert signals_of("pack_signals", *rows)["bills_for_income"] is None
