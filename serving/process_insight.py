"""Insight into the process: where work is handed on, done again and left lying, by team and step.

Never of one person, and never of fewer than ten: a row of fewer is left out, and with it the next
smallest of its source, so that what is left out cannot be had by subtracting either. The same holds
for each count within the rows that are told (:mod:`serving.few`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
import polars.selectors as cs
from pydantic import AwareDatetime, Field

from features.friction.report import FrictionReport, friction_in
from features.pack import Pack
from monitoring.fairness import SMALLEST
from serving.catalogue import CatalogueView
from serving.errors import NotReadyError
from serving.few import without_few
from serving.insight import MAY_READ
from serving.security import Caller
from serving.standpoint import LakeView
from serving.wire import Wire

HOLDS: Final = timedelta(hours=1)
"""For so long what was counted is told again: counting reads everything that happened."""
PATIENCE: Final = 20.0
"""Seconds that a question waits for the first count."""
Counted = tuple[datetime, FrictionReport]
"""When it was counted, and what."""
log = logging.getLogger("voorzet.insight")
PARTS: Final[Mapping[str, str]] = {
    "handovers": "events",
    "spirals": "handovers",
    "bounces": "handovers",
    "team_spirals": "team_handovers",
    "repeats": "events",
    "redos": "events",
    "suspended_days": "idle_days",
    "waiting": "cases",
    "late_by_norm": "cases",
    "late_by_term": "cases",
    "repeat_contact": "contacts",
    "contacts_without_result": "contacts",
    "failed_contacts": "contacts",
}
"""Measure → what it is a part of."""
COUNTS: Final = (
    *("cases", "events", "handovers", "spirals", "bounces", "team_handovers", "team_spirals"),
    *("reassignments", "repeats", "redos", "reopenings", "suspensions"),
    *("worked_days", "idle_days", "suspended_days", "waiting", "late_by_norm", "late_by_term"),
    *("contacts", "repeat_contact", "channel_switches", "contacts_without_result"),
    "failed_contacts",
)
"""What is about people. How often a source was silent is not."""


class Work(Wire):
    """The friction in some work. A count is null where the source does not tell what shows it, and
    where it is named in ``few``."""

    source: str
    source_title: str
    citizens: int = Field(ge=SMALLEST, examples=[412])
    few: tuple[str, ...] = ()
    """Counts that are fewer than ten, or would give such a one away. They are null."""
    cases: int | None = None
    events: int | None = None
    """Pieces of work."""
    handovers: int | None = None
    """From one employee to another."""
    spirals: int | None = None
    """Back to who handed it over."""
    bounces: int | None = None
    team_handovers: int | None = None
    team_spirals: int | None = None
    reassignments: int | None = None
    repeats: int | None = None
    """A step done again by the same employee."""
    redos: int | None = None
    """A step done again by another."""
    reopenings: int | None = None
    suspensions: int | None = None
    worked_days: int | None = None
    idle_days: int | None = None
    """Working days on which a case lay still."""
    suspended_days: int | None = None
    """Of these: waiting for somebody outside."""
    employee_told: float | None = None
    """The share of the work that tells who did it, and so on: what is not told cannot show."""
    team_told: float | None = None
    reassignment_told: float | None = None
    step_told: float | None = None


class TeamWork(Work):
    """The work of one team."""

    team: str | None = None
    """Null: work of which the team is not told."""


class StepWork(Work):
    """The work at one step."""

    step: str | None = None
    """Null: work of which the step is not told."""


class SourceContacts(Wire):
    """What one source tells of cases past their terms, and of contact that had to be made again."""

    source: str
    source_title: str
    citizens: int = Field(ge=SMALLEST, examples=[412])
    few: tuple[str, ...] = ()
    """Counts that are fewer than ten, or would give such a one away. They are null."""
    cases: int | None = None
    waiting: int | None = None
    late_by_norm: int | None = None
    late_by_term: int | None = None
    contacts: int | None = None
    repeat_contact: int | None = None
    """About the same need within 28 days."""
    channel_switches: int | None = None
    contacts_without_result: int | None = None
    failed_contacts: int | None = None
    case_told: float | None = None
    closing_told: float | None = None
    need_told: float | None = None
    channel_told: float | None = None
    gaps: int | None = None
    """How often the source was silent for longer than expected."""
    gap_days: int | None = None


class ProcessInsight(Wire):
    """Where people get stuck: by team, by step and by source, the most idle days first."""

    as_of: AwareDatetime
    language: str
    teams: tuple[TeamWork, ...]
    steps: tuple[StepWork, ...]
    sources: tuple[SourceContacts, ...]
    """Read these first: what a source does not tell, its teams and steps cannot show."""


@dataclass(frozen=True)
class ProcessInsights:
    """Counts friction over everybody, in the background and at most once an hour.

    Nobody's question makes it count twice at once, and who asks while it counts anew is told what
    was counted before.
    """

    pack: Pack
    lakes: LakeView
    catalogue: CatalogueView
    now: Callable[[], datetime]
    patience: float = PATIENCE
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _counting: list[Future[Counted]] = field(default_factory=list)
    _held: list[Counted] = field(default_factory=list)

    def read(self, *, language: str, by: Caller) -> ProcessInsight:
        """The friction of the process.

        Raises
        ------
        NotReadyError
            When the first count takes longer than ``patience``; it goes on, for who asks again.
        """
        by.require(*MAY_READ)
        self.catalogue.speaks(language)
        return insight_of(*self._report(), self.pack, language)

    def _report(self) -> Counted:
        with self._asking:
            held = self._held[-1] if self._held else None
            if held is not None and self.now() - held[0] < HOLDS:
                return held
            counting = self._under_way()
        if held is not None:
            return held
        try:
            return counting.result(self.patience)
        except TimeoutError:
            raise NotReadyError(
                "The figures are being counted, which takes minutes; ask again in one."
            ) from None

    def _under_way(self) -> Future[Counted]:
        """The count that is under way, or a new one."""
        if not self._counting:
            self._counting.append(Future())
            threading.Thread(
                target=self._run, args=(self._counting[0],), name="counting", daemon=True
            ).start()
        return self._counting[0]

    def _run(self, counting: Future[Counted]) -> None:
        at = self.now()
        try:
            counted = at, friction_in(self.lakes.current(), self.pack, at)
        except Exception as fault:
            log.exception("friction could not be counted")
            with self._asking:
                self._counting.clear()
            counting.set_exception(fault)
        else:
            with self._asking:
                self._held[:] = [counted]
                self._counting.clear()
            counting.set_result(counted)


def insight_of(
    as_of: datetime, report: FrictionReport, pack: Pack, language: str
) -> ProcessInsight:
    """The report as it may be shown."""
    titles = {name: pack.say(one.title, language) for name, one in pack.domain.sources.items()}
    teams, steps = _shown(report.teams), _shown(report.steps)
    sources = _without_few(report.sources, report.sources.filter(pl.col("citizens") >= SMALLEST))
    return ProcessInsight(
        as_of=as_of,
        language=language,
        teams=tuple(TeamWork(**row) for row in _rows(teams, TeamWork, titles)),
        steps=tuple(StepWork(**row) for row in _rows(steps, StepWork, titles)),
        sources=tuple(SourceContacts(**row) for row in _rows(sources, SourceContacts, titles)),
    )


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    return _without_few(frame, large_enough(frame))


def _without_few(whole: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The rows ``shown`` of ``whole``, with shares in whole percents: a finer one tells a count."""
    keys = [name for name in ("source", "team", "step") if name in whole.columns]
    left_out = whole.join(shown, on=keys, how="anti", nulls_equal=True)
    told = without_few(shown, COUNTS, parts=PARTS, left_out=left_out)
    return told.with_columns(cs.ends_with("_told").round(2))


def large_enough(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of ten ``citizens`` or more, less the smallest of a ``source`` of which other rows
    were left out."""
    placed = frame.with_row_index("_place")
    large = placed.filter(pl.col("citizens") >= SMALLEST)
    hiding = placed.filter(pl.col("citizens").is_between(1, SMALLEST - 1))["source"].unique()
    least = (
        large.filter(pl.col("source").is_in(hiding.implode()))
        .sort("citizens", maintain_order=True)
        .unique("source", keep="first", maintain_order=True)
    )
    return large.filter(~pl.col("_place").is_in(least["_place"].implode())).drop("_place")


def _rows(
    frame: pl.DataFrame, kind: type[Wire], titles: dict[str, str]
) -> Iterable[dict[str, Any]]:
    """The columns that ``kind`` has; the most idle days first."""
    wanted = [name for name in frame.columns if name in kind.model_fields]
    ordered = frame.sort("idle_days", descending=True, nulls_last=True, maintain_order=True)
    for row in ordered.select(wanted).iter_rows(named=True):
        yield row | {"source_title": titles[row["source"]]}
