"""No number, name or address of the simulated municipality is in the lake or in the report."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.ingest import IngestReport, ingest
from features.lake import TABLES, Lake
from features.loading import load_pack
from features.pack import Pack
from features.pseudonyms import bsn_valid
from features.sources.synthetic.simulate import simulate
from tests.conftest import REPOSITORY
from tests.features.silos import PSEUDONYMS

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(REPOSITORY / "examples/gemeente")


@pytest.fixture(scope="module")
def silos(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    simulate(pack, folder / "silos", folder / "truth", citizens=500, years=2, seed=3)
    return folder / "silos"


@pytest.fixture(scope="module")
def landed(
    pack: Pack, silos: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Lake, IngestReport]:
    lake = Lake(str(tmp_path_factory.mktemp("lake")), buckets=4)
    return lake, ingest(pack, lake, PSEUDONYMS, silos, now=NOW)


@pytest.fixture(scope="module")
def texts(landed: tuple[Lake, IngestReport]) -> set[str]:
    """Every text in the lake, and the report."""
    lake, report = landed
    found = {json.dumps(report.as_dict())}
    for table in TABLES:
        frame = lake.scan(table).select(pl.col(pl.String)).collect()
        found.update(text for column in frame for text in column.drop_nulls().unique())
    return found


def _identities(silos: Path) -> list[dict[str, str]]:
    with (silos / "register/personen.csv").open(encoding="utf8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_every_file_is_read_and_its_faults_are_told(landed: tuple[Lake, IngestReport]) -> None:
    _, report = landed
    assert report.refused == []
    assert {file.status for file in report.files} == {"landed"}
    assert report.events > 0
    assert report.links > 0


def test_no_bsn_is_anywhere(silos: Path, texts: set[str]) -> None:
    numbers = {row["BSN"].strip().zfill(9) for row in _identities(silos)}
    assert len(numbers) > 400
    shaped = {number for text in texts for number in re.findall(r"(?<!\d)\d{8,9}(?!\d)", text)}
    assert {number.zfill(9) for number in shaped} & numbers == set()
    nine = pl.Series([number for number in shaped if len(number) == 9], dtype=pl.String)
    assert not bsn_valid(nine).any()


@pytest.mark.parametrize("column", ["Naam", "Adres", "Email", "Telefoon"])
def test_no_name_or_address_is_anywhere(silos: Path, texts: set[str], column: str) -> None:
    private = {row[column].strip() for row in _identities(silos)} - {""}
    assert len(private) > 100
    everything = "\n".join(texts)
    assert [one for one in private if one in everything] == []


def test_doing_it_again_changes_nothing(
    pack: Pack, silos: Path, landed: tuple[Lake, IngestReport]
) -> None:
    lake, _ = landed
    before = lake.versions()
    report = ingest(pack, lake, PSEUDONYMS, silos, now=NOW)
    assert {file.status for file in report.files} == {"already-landed"}
    assert lake.versions() == before
