"""The page on writing a pack is true: its example loads, and its fault is the one that is given."""

import re
from pathlib import Path

import pytest
import yaml

from features.domain import Fact, Unit
from features.errors import PackError
from features.loading import load_pack
from features.sources.mapping import SourceMapping
from features.sources.reading import needed_columns

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "domain-packs.md").read_text()


def write_example(folder: Path) -> Path:
    for name, content in re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, flags=re.DOTALL):
        (folder / name).write_text(f"# {name}\n{content}")
    return folder


def test_the_example_loads(tmp_path):
    assert list(load_pack(write_example(tmp_path)).services) == ["rent-help"]


def test_its_mappings_are_read():
    shown = re.findall(r"```yaml\n(source: .*?)```", PAGE, flags=re.DOTALL)
    read = [SourceMapping.model_validate(yaml.safe_load(one)) for one in shown]
    formats = [file.format for mapping in read for file in mapping.files]
    assert formats == ["cloudevents", "zgw-cases", "open-klant", "sql"]
    assert all(needed_columns(file) for mapping in read for file in mapping.files)


def test_its_units_and_labels_are_read():
    (shown,) = re.findall(r"```yaml\n(units:.*?)```", PAGE, flags=re.DOTALL)
    words = yaml.safe_load(shown)
    units = [Unit.model_validate(one) for one in words["units"].values()]
    fact = Fact.model_validate(words["facts"]["tenure"])
    assert all(one.title.keys() == {"nl", "en"} for one in units)
    assert set(fact.labels) == set(fact.categories)


def test_the_fault_is_the_one_that_is_shown(tmp_path):
    path = write_example(tmp_path) / "services.yaml"
    path.write_text(path.read_text().replace("sql: income", "sql: incom"))
    with pytest.raises(PackError) as caught:
        load_pack(tmp_path)
    assert str(caught.value) in PAGE
