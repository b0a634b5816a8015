"""A training from the lake to a bundle: honest about time, repeatable, better than its rivals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.lake import Lake
from features.snapshot import population
from models.bundle import Bundle
from models.cards import markdown, model_card
from models.eligibility import verdicts
from models.errors import BundleError, ReproductionError, TooShortError
from models.examples import asked_frame
from models.fitting import Settings
from models.heads import Prior, Trees
from models.matrix import Columns
from models.reproducing import reproduce
from models.scoring import score
from models.training import TrainingResult, train
from tests.models.town import NOW, START, town_lake, town_pack

QUICK = Settings(rounds=60, min_leaf=20)
PACK = town_pack()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return town_lake(tmp_path_factory.mktemp("town") / "lake")


@pytest.fixture(scope="module")
def trained(lake: Lake) -> TrainingResult:
    return train(lake, PACK, until=NOW - timedelta(days=60), settings=QUICK)


def test_every_service_gets_a_head_and_says_what_it_rests_on(trained: TrainingResult) -> None:
    heads = trained.bundle.heads
    assert list(heads) == list(PACK.services)
    assert isinstance(heads["allowance"].unaided, Trees)
    assert heads["pass"].entitled is None
    assert isinstance(heads["rare"].unaided, Prior)
    assert "trees need 40" in heads["rare"].unaided.reason


def test_it_learns_more_than_popularity(trained: TrainingResult) -> None:
    for service in ("allowance", "pass"):
        found = trained.evaluation.heads[service]
        assert found.auc.low > 0.5
        assert found.baselines["popularity"]["auc"] == 0.5


def test_a_head_that_the_test_period_says_nothing_of_is_summed_up(trained: TrainingResult) -> None:
    """Logistic regression is fitted only where there is something to compare on."""
    head = trained.evaluation.heads["allowance"]
    rivals = {name: found for name, found in head.baselines.items() if name != "logistic"}
    heads = trained.evaluation.heads | {"allowance": replace(head, baselines=rivals)}
    summary = replace(trained.evaluation, heads=heads).summary()
    other = trained.evaluation.heads["pass"].baselines["logistic"]["auc"]
    assert summary["auc_logistic_all_learned"] == other


def test_it_says_what_the_estimates_of_entitlement_rest_on(trained: TrainingResult) -> None:
    found = trained.evaluation.support["allowance"]
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.shares["rules"] > 0.5
    assert found.shares["bounds"] == 0.0
    within = found.within
    assert within is not None
    assert within.lower <= within.point <= within.upper_monotone <= within.upper
    assert found.grounds["anchor"]["source"] == "rules"
    assert 0 < found.help["seen"] < found.help["rows"]
    assert trained.evaluation.support["pass"].shares == {}
    page = markdown(model_card(trained.bundle, PACK))
    assert "On what entitlement rests" in page


def test_the_report_is_plain_json(trained: TrainingResult) -> None:
    text = json.dumps(trained.as_dict(), allow_nan=False)
    assert json.loads(text)["evaluation"]["heads"]["rare"]["auc"]["value"] is None
    page = markdown(model_card(trained.bundle, PACK))
    assert "impaired" in page
    assert trained.bundle.version in page


def test_what_became_known_later_changes_nothing(trained: TrainingResult, tmp_path: Path) -> None:
    """A lake that ends at the cut and one that goes on give the same model."""
    whole = town_lake(tmp_path / "whole")
    cut = NOW - timedelta(days=60)
    past = Lake(str(tmp_path / "past"), buckets=4)
    for table in ("facts", "events"):
        past.append(table, whole.scan(table).filter(pl.col("known_at") <= cut).collect())
    assert train(past, PACK, until=cut, settings=QUICK).bundle.version == trained.bundle.version


def _bytes(result: TrainingResult, folder: Path) -> dict[str, bytes]:
    written = result.bundle.write(folder)
    files = [path for path in written.rglob("*") if path.is_file()]
    return {str(path.relative_to(written)): path.read_bytes() for path in files}


def test_threads_change_no_byte_and_seeds_do(
    lake: Lake, trained: TrainingResult, tmp_path: Path
) -> None:
    cut = NOW - timedelta(days=60)
    again = train(lake, PACK, until=cut, settings=QUICK, threads=1)
    assert again.bundle.version == trained.bundle.version
    assert _bytes(again, tmp_path / "again") == _bytes(trained, tmp_path / "once")
    other = train(lake, PACK, until=cut, settings=replace(QUICK, seed=5))
    assert other.bundle.version != trained.bundle.version


def test_a_training_is_repeated_though_more_has_come_in_since(
    trained: TrainingResult, tmp_path: Path
) -> None:
    lake = town_lake(tmp_path / "lake")
    found = reproduce(lake, PACK, trained.bundle)
    assert found.same_data
    assert found.same_model


def test_what_was_erased_since_is_seen_and_said(trained: TrainingResult, tmp_path: Path) -> None:
    whole, lake = town_lake(tmp_path / "whole"), Lake(str(tmp_path / "less"), buckets=4)
    someone = int(whole.scan("facts").select(pl.col("citizen").min()).collect().item())
    for table in ("facts", "events"):
        lake.append(table, whole.scan(table).filter(pl.col("citizen") != someone).collect())
    found = reproduce(lake, PACK, trained.bundle)
    assert not found.same_data


def test_another_pack_is_not_the_same_training(lake: Lake, trained: TrainingResult) -> None:
    with pytest.raises(ReproductionError, match="another version of the pack"):
        reproduce(lake, PACK, replace(trained.bundle, pack_checksum="other"))


def test_a_bundle_of_before_a_field_was_added_is_read_and_keeps_its_version(
    trained: TrainingResult, tmp_path: Path
) -> None:
    folder = trained.bundle.write(tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256()
    for name in sorted(one for one in manifest["files"] if one.startswith("heads/")):
        file = folder / name
        if name.endswith(".json"):
            fields = json.loads(file.read_text())
            del fields["needed"], fields["right"], fields["closing"]
            file.write_text(json.dumps(fields))
        manifest["files"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(name.encode() + b"\0" + file.read_bytes())
    columns = Columns.from_dict(manifest["columns"]).as_dict()
    digest.update(json.dumps(columns).encode())
    digest.update(manifest["pack_checksum"].encode())
    day = manifest["version"].split("-")[0]
    manifest["version"] = f"{day}-{digest.hexdigest()[:12]}"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert Bundle.load(folder).version == manifest["version"]
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": f"{day}-0"}))
    with pytest.raises(BundleError, match="not those of the manifest"):
        Bundle.load(folder)


def test_the_bundle_scores_the_population(
    lake: Lake, trained: TrainingResult, tmp_path: Path
) -> None:
    bundle = Bundle.load(trained.bundle.write(tmp_path / "bundle"))
    for snapshot in population(lake, PACK, NOW):
        asked = asked_frame(snapshot)
        found = score(bundle, PACK, snapshot.signals, verdicts(asked, PACK), held=asked)
        assert found["need"].is_between(0, 1).all()
        certain = found.filter(pl.col("service") == "allowance", pl.col("entitled") == 1)
        assert np.allclose(certain["need"], 1 - certain["unaided"])


def test_records_that_are_too_short_say_how_much_is_needed(lake: Lake) -> None:
    with pytest.raises(TooShortError, match="months of records"):
        train(lake, PACK, until=START + timedelta(days=200), settings=QUICK)
