"""Promotion is a gate, and the champion's link is swapped whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from features.catalogue import Objective
from models.bundle import Bundle
from models.errors import BundleError, PromotionError
from models.heads import Head, Prior
from models.matrix import Columns
from models.promotion import (
    Policy,
    champion,
    champion_version,
    history,
    judge,
    promote,
    read_policy,
    rollback,
)
from models.worst_off import GROUPS

GOOD = {
    "heads_learned": 3.0,
    "auc": 0.80,
    "auc_popularity": 0.5,
    "auc_logistic": 0.79,
    "calibration_error": 0.01,
    "brier_skill": 0.1,
    "ndcg_at_5_heads": 0.6,
}


def _bundle(share: float, **metrics: float | None) -> Bundle:
    head = Head("pass", Objective.UPTAKE, 90, "granted", Prior(share, share))
    return Bundle(
        pack="town",
        pack_checksum="p",
        trained_at=datetime(2025, 1, 1, tzinfo=UTC),
        columns=Columns(("age",)),
        heads={"pass": head},
        metrics=GOOD | metrics,
    )


def _failed(
    bundle: Bundle, present: Bundle | None = None, groups: pl.DataFrame | None = None
) -> list[str]:
    return [one.name for one in judge(bundle, present, Policy(), groups) if not one.holds]


def test_the_written_policy_is_the_default() -> None:
    written = Path(__file__).parents[2] / "mlflow" / "promotion.yaml"
    assert read_policy(written) == Policy()


def test_a_policy_with_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "promotion.yaml"
    path.write_text("quality: {auc_above_everything: 1}")
    with pytest.raises(PromotionError, match="auc_above_everything"):
        read_policy(path)


@pytest.mark.parametrize(
    ("metrics", "check"),
    [
        ({"heads_learned": 0.0}, "heads learned"),
        ({"auc": 0.54, "auc_logistic": 0.5}, "AUC above popularity"),
        ({"auc_logistic": 0.85}, "AUC beside logistic regression"),
        ({"calibration_error": 0.2}, "calibration error"),
        ({"brier_skill": -0.1}, "Brier skill"),
        ({"auc": None}, "AUC above popularity"),
    ],
)
def test_each_rule_can_stand_in_the_way(metrics: dict[str, float | None], check: str) -> None:
    assert _failed(_bundle(0.1)) == []
    assert check in _failed(_bundle(0.1, **metrics))


def test_a_leak_stands_in_the_way_until_someone_vouches_for_the_signal() -> None:
    told = {"service": "pass", "signal": "count_note_30d", "leak": True, "because": "…"}
    honest = told | {"signal": "derived_age", "leak": False}
    bundle = replace(_bundle(0.1), evaluation={"leaks": [told, honest]})
    assert _failed(bundle) == ["signals that know too much"]
    trusting = Policy.model_validate({"leaks": {"vouched_for": ["count_note_30d"]}})
    assert all(check.holds for check in judge(bundle, None, trusting))


def test_a_model_worse_than_the_champion_is_held_back() -> None:
    assert _failed(_bundle(0.1, auc=0.81), _bundle(0.2, auc=0.815)) == []
    assert _failed(_bundle(0.1), _bundle(0.2, auc=0.9)) == ["auc beside the champion"]


def _groups(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=GROUPS, orient="row")


def test_a_group_that_is_certainly_behind_holds_a_model_back() -> None:
    behind = _groups(
        ("district", "a", 100, 60), ("district", "b", 100, 20), ("district", "c", 3, 0)
    )
    assert _failed(_bundle(0.1), groups=behind) == ["worst-off group's recall"]


def test_a_group_that_is_behind_by_chance_does_not() -> None:
    """0.36 beside 0.60 is a ratio of 0.75 to the whole, with 0.8 inside its interval."""
    chance = _groups(("district", "a", 50, 30), ("district", "b", 50, 18))
    (check,) = (
        one for one in judge(_bundle(0.1), None, Policy(), chance) if one.name.startswith("worst")
    )
    assert check.holds
    assert check.value == pytest.approx(0.36 / 0.48)
    assert check.note.startswith("district b: between 0.5")
    certain = chance.with_columns(pl.col("positives", "reached") * 40)
    assert _failed(_bundle(0.1), groups=certain) == ["worst-off group's recall"]


def test_without_a_group_of_some_size_nothing_is_measurable() -> None:
    small = _groups(("district", "a", 49, 40), ("district", "b", 49, 0))
    (check,) = (
        one for one in judge(_bundle(0.1), None, Policy(), small) if one.name.startswith("worst")
    )
    assert (check.holds, check.value) == (True, None)
    assert check.note.startswith("not measurable")


def test_promoting_and_rolling_back(tmp_path: Path) -> None:
    told: list[str] = []
    first, second, third = (_bundle(share) for share in (0.1, 0.2, 0.3))
    for bundle in (first, second, third):
        assert promote(bundle, tmp_path, Policy(), announce=told.append).promoted
    assert champion(tmp_path) == third
    assert rollback(tmp_path, announce=told.append) == second.version
    assert rollback(tmp_path, announce=told.append) == first.version == champion_version(tmp_path)
    with pytest.raises(PromotionError, match="nothing to go back to"):
        rollback(tmp_path)
    assert told == [one.version for one in (first, second, third, second, first)]
    assert [entry["action"] for entry in history(tmp_path)] == ["promote"] * 3 + ["rollback"] * 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_what_fails_the_gate_leaves_the_champion_and_can_be_looked_at(tmp_path: Path) -> None:
    good, bad = _bundle(0.1), _bundle(0.2, auc=0.5)
    promote(good, tmp_path, Policy())
    outcome = promote(bad, tmp_path, Policy())
    assert not outcome.promoted
    assert outcome.replaced == champion_version(tmp_path) == good.version
    assert Bundle.load(tmp_path / bad.version).heads == bad.heads


def test_there_must_be_something_to_roll_back(tmp_path: Path) -> None:
    assert champion(tmp_path) is None
    with pytest.raises(PromotionError, match="no champion"):
        rollback(tmp_path)


def test_a_damaged_predecessor_is_not_made_champion(tmp_path: Path) -> None:
    first, second = _bundle(0.1), _bundle(0.2)
    promote(first, tmp_path, Policy())
    promote(second, tmp_path, Policy())
    (tmp_path / first.version / "heads" / "pass.json").write_text("{}")
    with pytest.raises(BundleError):
        rollback(tmp_path)
    assert champion_version(tmp_path) == second.version


def test_an_interrupted_promotion_leaves_the_champion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _bundle(0.1), replace(_bundle(0.2), metrics=GOOD)
    promote(first, tmp_path, Policy())
    promote(second, tmp_path, Policy())

    def killed(self: Path, target: str) -> None:
        raise KeyboardInterrupt

    third = _bundle(0.3)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "symlink_to", killed)
        with pytest.raises(KeyboardInterrupt):
            promote(third, tmp_path, Policy())
    assert champion(tmp_path) == second
    assert rollback(tmp_path) == first.version
