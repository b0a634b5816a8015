"""Ingest: a folder of deliveries into the lake, and a report of what became of each file.

A file that is not what its mapping says is refused and the others go through. Doing it again
changes nothing; what was cut off is taken up where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from features.deliveries import Delivered, Delivery, find_deliveries, load_id
from features.errors import SourceError, VoorzetError
from features.identity_rows import IdentitySink
from features.known_records import KnownRecords
from features.lake import Lake
from features.landing import Landed, Landing
from features.linkage.undoing import settle
from features.links import Aliases
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.revising import Revising
from features.sources.mapping_rows import Door
from features.tombstones import Tombstones

__all__ = ["FileReport", "IdentitySink", "IngestReport", "Progress", "ingest"]

Progress = Callable[[str, int, int], None]
"""Told the file at hand, and the bytes of the files finished out of all."""

FRAGMENTED = 8
"""A bucket with more files than this is rewritten as one at the end of an ingest."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file under one mapping."""

    source: str
    mapping: str
    file: str
    status: Literal["landed", "already-landed", "truncated", "refused"]
    rows: int = 0
    events: int = 0
    facts: int = 0
    relations: int = 0
    links: int = 0
    revisions: int = 0
    quarantined: int = 0
    problem: str | None = None


@dataclass(slots=True)
class IngestReport:
    """What an ingest added, and what it could not."""

    events: int = 0
    facts: int = 0
    relations: int = 0
    links: int = 0
    revisions: int = 0
    """Versions that a correction or withdrawal ended, and withdrawals themselves."""
    unlinked: int = 0
    """Rows under an identifier of a linked scheme whose link is not known (yet)."""
    erased: int = 0
    """Rows left out because they are of citizens who were erased."""
    quarantined: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows per source and reason, in the files that were read now."""
    files: list[FileReport] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Files in the folder that no mapping reads."""

    @property
    def refused(self) -> list[FileReport]:
        """The files of which nothing, or not all, could be landed."""
        return [file for file in self.files if file.status in ("refused", "truncated")]

    @property
    def skipped(self) -> list[FileReport]:
        """The files whose content had been landed before."""
        return [file for file in self.files if file.status == "already-landed"]

    def as_dict(self) -> dict[str, Any]:
        """The report for a program: JSON types only."""
        return asdict(self) | {"refused": len(self.refused), "skipped": len(self.skipped)}


def ingest(
    pack: Pack,
    lake: Lake,
    pseudonyms: Pseudonyms,
    data: Path,
    *,
    now: datetime,
    sources: Sequence[str] | None = None,
    identities: IdentitySink | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Land the deliveries in ``data`` (a folder, or one file).

    Parameters
    ----------
    now
        The moment, with a time zone: what is known only after it goes to quarantine.
    sources
        The sources to ingest; all when not given.
    identities
        Takes the identity columns and the identifiers, in batches; they are kept nowhere else.

    Raises
    ------
    VoorzetError
        When ``data`` is not there, a source is not in the pack, ``now`` has no time zone, or
        another process is writing to the lake.
    """
    if now.tzinfo is None:
        raise VoorzetError("ingest needs a moment with a time zone for now")
    if not data.exists():
        raise VoorzetError(f"{data}: there is nothing here to ingest")
    for source in sources or ():
        if source not in pack.mappings:
            known = ", ".join(pack.mappings)
            raise VoorzetError(f"the pack has no mapping for the source {source!r}; it has {known}")
    with lake.sole_writer():
        lake.refresh()
        if lake.exists("separations"):
            settle(lake)  # an undoing that was cut off is finished first
        deliveries, unused = find_deliveries(pack, data, sources)
        report = IngestReport(unused=unused)
        run = Run(lake, door_of(lake, pack, pseudonyms, now), identities, report)
        total = sum(delivery.path.stat().st_size for delivery in deliveries)
        done = 0
        for delivery in deliveries:
            run.one(delivery, _teller(progress, delivery, done, total))
            done += delivery.path.stat().st_size
            if progress is not None:
                progress(delivery.name, done, total)
        run.tidy()
    return report


def door_of(lake: Lake, pack: Pack, pseudonyms: Pseudonyms, now: datetime) -> Door:
    """The door of ``lake``, which knows who was erased from it."""
    tombstones = Tombstones(lake.scan("tombstones").collect(), pseudonyms)
    return Door(pack, pseudonyms, now, tombstones)


class Run:
    """One ingest: what its deliveries share."""

    def __init__(
        self, lake: Lake, door: Door, identities: IdentitySink | None, report: IngestReport
    ) -> None:
        self._lake = lake
        self._door = door
        self._identities = identities
        self._report = report
        self._known = KnownRecords(lake, door.pack)
        self._revising = Revising(lake, self._known, door.pseudonyms)
        self._aliases = Aliases(lake.scan("links").collect(), lake.scan("separations").collect())
        self.moved = 0
        """Records moved to their citizen by new links: they no longer stand sorted."""
        self._loads = set(lake.scan("loads").select("load_id").collect()["load_id"])

    def one(self, delivery: Delivery, tell: Callable[[int], None]) -> None:
        """Land one delivery, or report why not."""
        try:
            load = load_id(delivery, self._door.pack, self._door.pseudonyms)
        except OSError as fault:
            self._note(delivery, "refused", Landed(), f"it cannot be opened: {fault.strerror}")
            return
        if load in self._loads:
            told = "the same content was landed before: nothing to do"
            self._note(delivery, "already-landed", Landed(), told)
            return
        self.land(delivery, load, tell)

    def land(
        self, delivery: Delivered, load: str, tell: Callable[[int], None] = lambda rows: None
    ) -> bool:
        """Land one delivery as ``load``; returns whether all of it was, or reports why not."""
        landing = Landing(
            delivery,
            load,
            self._lake,
            self._door,
            self._known,
            self._revising,
            self._aliases,
            self._identities,
        )
        try:
            landed = landing.land(tell)
        except SourceError as fault:
            self._note(delivery, "refused", landing.landed, fault.problem)
        except pl.exceptions.PolarsError as fault:
            # Its own message may quote a cell, and a cell may be anybody's.
            told = f"it could not be read ({type(fault).__name__}): check the mapping's columns"
            self._note(delivery, "refused", landing.landed, told)
        else:
            self._loads.add(load)
            self.moved += landed.moved
            if landed.truncated is None:
                self._note(delivery, "landed", landed, None)
                return True
            told = (
                f"{landed.truncated}: {landed.rows} rows before it were landed; "
                "ask for it to be delivered again"
            )
            self._note(delivery, "truncated", landed, told)
        return False

    def tidy(self) -> None:
        """Rewrite what has fallen into pieces, or stands out of order."""
        self._lake.compact(above=0 if self.moved else FRAGMENTED)

    def _note(
        self,
        delivery: Delivered,
        status: Literal["landed", "already-landed", "truncated", "refused"],
        landed: Landed,
        problem: str | None,
    ) -> None:
        added: Counter[str] = landed.added
        facts = added["facts"] + added["protected"]
        self._report.files.append(
            FileReport(
                source=delivery.source,
                mapping=delivery.mapping.name,
                file=self._door.scrubber.text(delivery.name),
                status=status,
                rows=landed.rows,
                events=added["events"],
                facts=facts,
                relations=added["relations"],
                links=added["links"],
                revisions=added["revisions"],
                quarantined=landed.quarantined.total(),
                problem=problem,
            )
        )
        self._report.events += added["events"]
        self._report.facts += facts
        self._report.relations += added["relations"]
        self._report.links += added["links"]
        self._report.revisions += added["revisions"]
        self._report.unlinked += landed.unlinked
        self._report.erased += landed.erased
        reasons = self._report.quarantined.setdefault(delivery.source, {})
        for reason, count in landed.quarantined.items():
            reasons[reason] = reasons.get(reason, 0) + count


def _teller(
    progress: Progress | None, delivery: Delivery, done: int, total: int
) -> Callable[[int], None]:
    if progress is None:
        return lambda rows: None
    return lambda rows: progress(delivery.name, done, total)
