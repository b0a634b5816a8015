"""Promotion is a gate: a model replaces the champion when every check of the policy holds.

The champion is a symbolic link in the folder of bundles, swapped by one rename, so that whoever
reads it sees the old bundle or the new one and nothing between. The policy is written in
``mlflow/promotion.yaml``; what MLflow's registry is to be told is handed in as a function.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.bundle import Bundle
from models.errors import PromotionError
from models.worst_off import worst_off

CHAMPION = "champion"
HISTORY = "history.json"


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quality(_Rules):
    """Whether the heads say anything at all."""

    heads_learned: int = Field(default=1, ge=0)
    auc_above_popularity: float = 0.05
    auc_below_logistic: float = 0.01


class CalibrationRules(_Rules):
    """Whether probabilities can be read as frequencies."""

    largest_error: float = 0.05
    brier_skill: float = 0.0


class GroupRules(_Rules):
    """Whether any group is certainly reached less than everybody."""

    worst_recall_ratio: float = Field(default=0.8, ge=0, le=1)
    smallest_group: int = Field(default=50, ge=1)
    confidence: float = Field(default=0.95, gt=0, lt=1)


class ChampionRules(_Rules):
    """How much may be lost on the present champion."""

    auc_loss: float = Field(default=0.01, ge=0)
    ndcg_loss: float = Field(default=0.01, ge=0)


class LeakRules(_Rules):
    """What to do with signals that know too much (:mod:`models.leaks`)."""

    vouched_for: tuple[str, ...] = ()
    """Signals that someone has looked into, and found to be recorded in time."""


class Policy(_Rules):
    """``mlflow/promotion.yaml``."""

    leaks: LeakRules = LeakRules()
    quality: Quality = Quality()
    calibration: CalibrationRules = CalibrationRules()
    groups: GroupRules = GroupRules()
    champion: ChampionRules = ChampionRules()


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: what was found, what was wanted, and whether it holds.

    ``value`` is None when there was nothing to go by; the check then holds and ``note`` says why.
    """

    name: str
    value: float | None
    wanted: str
    holds: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of a request to promote.

    Parameters
    ----------
    replaced
        The version that was champion before; None when there was none.
    """

    version: str
    promoted: bool
    checks: tuple[Check, ...]
    replaced: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def read_policy(path: Path) -> Policy:
    """The policy in a YAML file.

    Raises
    ------
    PromotionError
        When it cannot be read or has a key that is not a rule.
    """
    try:
        return Policy.model_validate(yaml.safe_load(path.read_text()) or {})
    except (OSError, yaml.YAMLError, ValidationError) as fault:
        raise PromotionError(f"{path} is not a promotion policy: {fault}") from fault


def judge(
    candidate: Bundle,
    present: Bundle | None,
    policy: Policy,
    groups: pl.DataFrame | None = None,
) -> tuple[Check, ...]:
    """Every check of the policy for ``candidate``.

    Parameters
    ----------
    present
        The champion it would replace.
    groups
        :data:`models.worst_off.GROUPS` over the test period, from monitoring.
    """
    found = candidate.metrics
    quality, calibration = policy.quality, policy.calibration
    return (
        _no_leaks(candidate, policy.leaks),
        _at_least("heads learned", found.get("heads_learned"), quality.heads_learned),
        _at_least(
            "AUC above popularity",
            _difference(found, "auc", "auc_popularity"),
            quality.auc_above_popularity,
        ),
        _at_least(
            "AUC beside logistic regression",
            _difference(found, "auc", "auc_logistic"),
            -quality.auc_below_logistic,
        ),
        _at_most("calibration error", found.get("calibration_error"), calibration.largest_error),
        _at_least("Brier skill", found.get("brier_skill"), calibration.brier_skill),
        _worst_off(groups, policy.groups),
        _against(candidate, present, "auc", policy.champion.auc_loss),
        _against(candidate, present, "ndcg_at_5_heads", policy.champion.ndcg_loss),
    )


def promote(
    bundle: Bundle,
    bundles: Path,
    policy: Policy,
    *,
    groups: pl.DataFrame | None = None,
    now: datetime | None = None,
    announce: Callable[[str], None] | None = None,
) -> Promotion:
    """Make ``bundle`` the champion if every check holds.

    The bundle is written to ``<bundles>/<version>`` in any case, so that it can be looked at.

    Parameters
    ----------
    announce
        Told the version once it is champion (the registry's alias, for one).
    """
    present = champion(bundles)
    checks = judge(bundle, present, policy, groups)
    bundle.write(bundles / bundle.version)
    replaced = present.version if present else None
    if not all(check.holds for check in checks):
        return Promotion(bundle.version, False, checks, replaced)
    _note(bundles, "promote", bundle.version, replaced, checks, now)
    _point(bundles, bundle.version)
    if announce:
        announce(bundle.version)
    return Promotion(bundle.version, True, checks, replaced)


def rollback(
    bundles: Path,
    *,
    now: datetime | None = None,
    announce: Callable[[str], None] | None = None,
) -> str:
    """Make the champion's predecessor champion again; returns its version.

    Raises
    ------
    PromotionError
        When there is no champion, no predecessor, or its bundle is gone or damaged.
    """
    current = champion_version(bundles)
    if current is None:
        raise PromotionError(f"{bundles} has no champion to roll back: promote a model first")
    promotions = [
        entry
        for entry in history(bundles)
        if entry["action"] == "promote"
        and entry["version"] == current
        and entry["replaced"] != current
    ]
    previous = promotions[-1]["replaced"] if promotions else None
    if previous is None:
        raise PromotionError(
            f"champion {current} replaced nothing, so there is nothing to go back to"
        )
    Bundle.load(bundles / previous)
    _note(bundles, "rollback", previous, current, (), now)
    _point(bundles, previous)
    if announce:
        announce(previous)
    return str(previous)


def champion(bundles: Path) -> Bundle | None:
    """The champion, verified; None when nothing was promoted yet."""
    version = champion_version(bundles)
    return None if version is None else Bundle.load(bundles / version)


def champion_version(bundles: Path) -> str | None:
    """The version that the champion's link points to."""
    link = bundles / CHAMPION
    return link.readlink().name if link.is_symlink() else None


def history(bundles: Path) -> list[dict[str, Any]]:
    """Every promotion and rollback, oldest first."""
    path = bundles / HISTORY
    return list(json.loads(path.read_text())) if path.exists() else []


def _note(
    bundles: Path,
    action: str,
    version: str,
    replaced: str | None,
    checks: tuple[Check, ...],
    now: datetime | None,
) -> None:
    """Write down what is about to happen. If the swap never happens, the link still tells the
    truth, and rollback goes by the link.
    """
    entry = {
        "action": action,
        "version": version,
        "replaced": replaced,
        "at": (now or datetime.now(UTC)).isoformat(),
        "checks": [asdict(check) for check in checks],
    }
    bundles.mkdir(parents=True, exist_ok=True)
    fresh = bundles / f".{HISTORY}.{os.getpid()}"
    with fresh.open("w") as file:
        json.dump([*history(bundles), entry], file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(bundles / HISTORY)


def _point(bundles: Path, version: str) -> None:
    fresh = bundles / f".{CHAMPION}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(version)
    fresh.replace(bundles / CHAMPION)


def _difference(found: dict[str, Any], name: str, other: str) -> float | None:
    one, two = found.get(name), found.get(other)
    return None if one is None or two is None else one - two


def _at_least(name: str, value: float | None, wanted: float) -> Check:
    if value is None or not isfinite(value):
        return Check(name, None, f"at least {wanted:g}", False, "it could not be measured")
    return Check(name, value, f"at least {wanted:g}", value >= wanted)


def _at_most(name: str, value: float | None, wanted: float) -> Check:
    if value is None or not isfinite(value):
        return Check(name, None, f"at most {wanted:g}", True, "too few people to measure it")
    return Check(name, value, f"at most {wanted:g}", value <= wanted)


def _no_leaks(candidate: Bundle, rules: LeakRules) -> Check:
    name, wanted = "signals that know too much", "none that nobody vouches for"
    judged = candidate.evaluation.get("leaks")
    if judged is None:
        return Check(name, None, wanted, True, "trained before they were looked for")
    leaks = {one["signal"] for one in judged if one["leak"]} - set(rules.vouched_for)
    return Check(name, float(len(leaks)), wanted, not leaks, ", ".join(sorted(leaks)))


def _worst_off(groups: pl.DataFrame | None, rules: GroupRules) -> Check:
    """Fails only when even the upper limit of some group's ratio lies below what is asked: a low
    figure that chance explains is no finding.
    """
    name = "worst-off group's recall"
    wanted = f"not certainly below {rules.worst_recall_ratio:g} of the whole"
    if groups is None:
        return Check(name, None, wanted, True, "no groups were given")
    worst = worst_off(groups, rules.smallest_group, confidence=rules.confidence)
    if worst is None:
        note = f"not measurable: no group has {rules.smallest_group} people who took something up"
        return Check(name, None, wanted, True, note)
    ratio = worst.ratio
    note = f"{worst.grouping} {worst.group}: between {ratio.low:.2f} and {ratio.high:.2f}"
    return Check(name, ratio.value, wanted, ratio.high >= rules.worst_recall_ratio, note)


def _against(candidate: Bundle, present: Bundle | None, metric: str, loss: float) -> Check:
    """On the candidate's own test rows where the champion was asked about them, and did not know
    what became of them; else by what each had on its own test period."""
    name, wanted = f"{metric} beside the champion", f"at least {-loss:g}"
    if present is None or present.pack != candidate.pack:
        return Check(name, None, wanted, True, "there is no champion of this pack yet")
    gain = _same_rows(candidate, present, metric)
    note = "on the same rows"
    if gain is None:
        note = "each on its own test period"
        gain = _difference(
            {"new": candidate.metrics.get(metric), "old": present.metrics.get(metric)},
            "new",
            "old",
        )
    if gain is None:
        return Check(name, None, wanted, True, "one of the two could not be measured")
    return Check(name, gain, wanted, gain >= -loss, note)


def _same_rows(candidate: Bundle, present: Bundle, metric: str) -> float | None:
    asked = candidate.evaluation.get("incumbent") or {}
    if asked.get("version") != present.version or asked["knew_the_test"]:
        return None
    if metric == "auc":
        found: float | None = candidate.metrics.get("auc_above_champion")
        return found
    return _difference(candidate.metrics, metric, metric.replace("_heads", "_champion"))
