"""The monitoring report: drift, fairness and performance in one Evidently report with tests.

Everything is measured over the population by our own code (Evidently's group metrics give one
value for every group, and its default drift tests flag any difference at this size); Evidently
holds it together as one page, one JSON and one set of tests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift
from evidently.tests import lte

from features.pack import Pack
from monitoring.drift import Drift, drifts
from monitoring.fairness import GroupRate, group_rates
from monitoring.measured import Measured
from monitoring.metrics import Calibration, GroupGap, SignalDrift
from monitoring.performance import Performance, performance
from monitoring.recall import recalled
from monitoring.summary import summary
from monitoring.tolerances import Tolerances

DEFAULT = Tolerances()
PICTURED = 12
"""So many signals, those that moved most, are pictured in Evidently's own way."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was measured, before it is drawn."""

    signals: list[Drift]
    scores: list[Drift]
    selected: list[GroupRate]
    recalled: list[GroupRate]
    heads: list[Performance]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test of the report."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class MonitoringReport:
    """What was written.

    Parameters
    ----------
    summary
        One paragraph, in words.
    html, json
        Where the pages lie.
    """

    summary: str
    passed: bool
    verdicts: tuple[Verdict, ...]
    html: Path
    json: Path

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "summary": self.summary,
            "passed": self.passed,
            "verdicts": [
                {"name": one.name, "passed": one.passed, "detail": one.detail}
                for one in self.verdicts
            ],
            "html": str(self.html),
            "json": str(self.json),
        }


def build(
    pack: Pack,
    reference: Measured,
    current: Measured,
    taken: pl.DataFrame,
    helped: pl.DataFrame,
    folder: Path,
    *,
    heads: Sequence[str],
    tolerances: Tolerances = DEFAULT,
) -> MonitoringReport:
    """Measures, tests, and writes ``report.html`` and ``report.json`` into ``folder``.

    Parameters
    ----------
    reference
        The population when the model was tested; what followed is known.
    current
        The population now.
    taken, helped
        :func:`monitoring.performance.uptake` and :func:`monitoring.performance.approached` after
        the reference's date.
    heads
        The services whose heads are trained on enough history to be judged.
    """
    found = findings(pack, reference, current, taken, helped, heads)
    snapshot = _report(found, tolerances).run(_dataset(current, found), _dataset(reference, found))
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    snapshot.save_html(str(page))
    verdicts = _verdicts(snapshot.dict())
    words = summary(found.signals, found.scores, found.recalled, found.heads, verdicts, tolerances)
    report = MonitoringReport(words, all(one.passed for one in verdicts), verdicts, page, data)
    data.write_text(json.dumps(_content(report, found, reference, current), indent=1) + "\n")
    return report


def findings(
    pack: Pack,
    reference: Measured,
    current: Measured,
    taken: pl.DataFrame,
    helped: pl.DataFrame,
    heads: Sequence[str],
) -> Findings:
    """Measures everything."""
    names = [name for name in reference.signals.columns if name != "citizen"]
    groupings = list(pack.domain.fairness)
    return Findings(
        signals=drifts(reference.signals, current.signals, names),
        scores=_score_drifts(reference.candidates, current.candidates, heads),
        selected=group_rates(_selected(current), groupings) if groupings else [],
        recalled=group_rates(recalled(reference, taken), groupings) if groupings else [],
        heads=performance(reference.candidates, taken, helped, list(heads)),
    )


def _score_drifts(before: pl.DataFrame, now: pl.DataFrame, heads: Sequence[str]) -> list[Drift]:
    found = []
    for name in heads:
        parts = [
            frame.filter(pl.col("service") == name).select(name=pl.col("need"))
            for frame in (before, now)
        ]
        if all(part.height for part in parts):
            renamed = [part.rename({"name": name}) for part in parts]
            found += drifts(renamed[0], renamed[1], [name])
    return sorted(found, key=lambda one: (-one.distance, one.name))


def _selected(measured: Measured) -> pl.DataFrame:
    """Whether each citizen is among the tenth with the most unmet need, by grouping."""
    need = measured.candidates.group_by("citizen").agg(pl.col("need").sum())
    frame = measured.groups.join(need, on="citizen", how="left", maintain_order="left")
    total = pl.col("need").fill_null(0.0)
    return frame.with_columns(hit=(total >= total.quantile(0.9)) & (total > 0))


def _report(found: Findings, tolerances: Tolerances) -> Report:
    metrics: list[Any] = [
        SignalDrift(
            what="signals",
            threshold=tolerances.moved,
            rows=[one.as_dict() for one in found.signals],
            tests=[lte(tolerances.signals_moved)],
        ),
        SignalDrift(
            what="scores",
            threshold=tolerances.moved,
            rows=[one.as_dict() for one in found.scores],
            tests=[lte(tolerances.scores_moved)],
        ),
        *_gaps("uptake that was suggested", found.recalled, [lte(tolerances.group_lag)]),
        *_gaps("among the tenth with most unmet need", found.selected, []),
        *(_calibration(one, tolerances) for one in found.heads),
        *(
            ValueDrift(column=one.name, method="wasserstein", threshold=tolerances.moved, tests=[])
            for one in found.signals[:PICTURED]
        ),
    ]
    return Report(metrics)


def _gaps(measure: str, rates: list[GroupRate], tests: list[Any]) -> list[GroupGap]:
    """One a grouping. What is told of a group is told only of groups that may be shown."""
    shown = [rate for rate in rates if not rate.hidden and rate.gap.known]
    return [
        GroupGap(
            measure=measure,
            grouping=grouping,
            rows=[
                {
                    "group": rate.group,
                    "n": rate.n,
                    "value": rate.rate.value,
                    "low": rate.rate.low,
                    "high": rate.rate.high,
                    "gap_high": rate.gap.high,
                }
                for rate in shown
                if rate.grouping == grouping
            ],
            tests=tests,
        )
        for grouping in dict.fromkeys(rate.grouping for rate in shown)
    ]


def _calibration(one: Performance, tolerances: Tolerances) -> Calibration:
    return Calibration(
        service=one.service,
        bins=list(one.bins),
        expected=one.expected,
        value=one.observed.value,
        low=one.observed.low,
        high=one.observed.high,
        tests=[lte(tolerances.calibration)],
    )


def _dataset(measured: Measured, found: Findings) -> Dataset:
    names = [one.name for one in found.signals[:PICTURED]]
    frame = measured.signals.select(pl.col(names).cast(pl.Float64)).to_pandas()
    return Dataset.from_pandas(frame, DataDefinition(numerical_columns=names))


def _verdicts(content: dict[str, Any]) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(test["name"], test["status"].value == "SUCCESS", test["description"])
        for test in content["tests"]
    )


def _content(
    report: MonitoringReport, found: Findings, reference: Measured, current: Measured
) -> dict[str, Any]:
    return {
        **report.as_dict(),
        "written_at": datetime.now(UTC).isoformat(),
        "reference": reference.as_of.isoformat(),
        "current": current.as_of.isoformat(),
        "signals": [one.as_dict() for one in found.signals],
        "scores": [one.as_dict() for one in found.scores],
        "groups": {
            "selected": [one.as_dict() for one in found.selected],
            "recalled": [one.as_dict() for one in found.recalled],
        },
        "heads": [one.as_dict() for one in found.heads],
    }
