"""Files that are missing or no YAML, and the line at which a fault stands."""

import pytest

from features.loading import load_pack
from tests.features.loading.faults import RENT, SERVICES, fault_of
from tests.features.village import write_village


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
