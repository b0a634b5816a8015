"""The silos go through ingest like any other source."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.ingest import IngestReport, ingest
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.synthetic import simulate

NOW = datetime(2026, 10, 1, tzinfo=UTC)
Landed = tuple[IngestReport, Lake, Path]


@pytest.fixture(scope="module")
def landed(gemeente_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """A village of 1,200, landed."""
    folder = tmp_path_factory.mktemp("village")
    simulate(gemeente_pack, folder / "silos", folder / "truth", citizens=1200, years=3, seed=5)
    lake = Lake(str(folder / "lake"))
    report = ingest(gemeente_pack, lake, Pseudonyms(bytes(32)), folder / "silos", now=NOW)
    return report, lake, folder


def test_all_files_are_read_and_most_rows_land(landed: Landed) -> None:
    report = landed[0].as_dict()
    assert report["refused"] == 0
    assert report["unused"] == []
    quarantined = sum(sum(reasons.values()) for reasons in report["quarantined"].values())
    assert 0 < quarantined < 0.02 * report["events"]


def test_every_event_type_and_service_of_the_pack_is_seen(
    landed: Landed, gemeente_pack: Pack
) -> None:
    events = landed[1].scan("events").collect()
    rare = {"service-withdrawn", "campaign-drawn"}
    silent = {"complaint-filed", "case-reopened", "objection-filed"}
    assert set(gemeente_pack.domain.event_types) - rare - silent <= set(events["type"])
    granted = set(events.filter(pl.col("type") == "service-granted")["case_type"])
    assert len(granted & set(gemeente_pack.services)) > 25


def test_planned_or_not_nothing_is_known_before_it_occurred(landed: Landed) -> None:
    events = landed[1].scan("events").collect()
    assert (events["known_at"] >= events["occurred_at"]).all()


def test_wealth_stays_hidden_from_most(landed: Landed) -> None:
    facts = landed[1].scan("facts").collect()
    known = facts.filter(pl.col("name") == "savings")["citizen"].n_unique()
    adults = facts.filter(pl.col("name") == "household_income")["citizen"].n_unique()
    assert 0.2 < known / adults < 0.9


def test_doing_it_again_changes_nothing(landed: Landed, gemeente_pack: Pack) -> None:
    _, lake, folder = landed
    before = lake.versions()
    again = ingest(gemeente_pack, lake, Pseudonyms(bytes(32)), folder / "silos", now=NOW)
    assert {file.status for file in again.files} == {"already-landed"}
    assert lake.versions() == before
