"""The simulation: a municipality month by month, then every silo's own files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from features.pack import Pack
from features.sources.synthetic import money
from features.sources.synthetic.contacts import Contacts
from features.sources.synthetic.entitlement import Entitlement, day_number
from features.sources.synthetic.journal import Ints, Journal
from features.sources.synthetic.life_courses import LifeCourses
from features.sources.synthetic.magnitudes import Magnitudes
from features.sources.synthetic.observation import Observation
from features.sources.synthetic.outreach import Outreach
from features.sources.synthetic.population import NEVER, Population, found
from features.sources.synthetic.sample_checks import SampleChecks
from features.sources.synthetic.silos import WRITERS
from features.sources.synthetic.silos.desk import Desk
from features.sources.synthetic.take_up import TakeUp
from features.sources.synthetic.truth import Truth

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was written: rows by file, and the size of the municipality."""

    citizens: int
    ever_present: int
    months: int
    files: dict[str, int]

    @property
    def rows(self) -> int:
        """Rows over all silos."""
        return sum(self.files.values())

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self) | {"rows": self.rows}


def month_starts(end: date, years: int) -> list[date]:
    """The first days of the months of ``years`` years, up to the month after ``end``."""
    last = end.year * 12 + end.month
    months = range(last - years * 12, last + 1)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def simulate(
    pack: Pack,
    folder: Path,
    truth: Path,
    *,
    citizens: int,
    years: int = 5,
    end: date = date(2026, 9, 30),
    seed: int = 1,
    magnitudes: Magnitudes | None = None,
    progress: Progress | None = None,
) -> SimulationReport:
    """Write the silos of a synthetic municipality into ``folder`` and its truth into ``truth``.

    Parameters
    ----------
    pack
        Gives services, criteria, parameters and published non-take-up.
    folder
        Gets one folder per source; existing files of the same name are replaced.
    truth
        Gets what only benchmarks and tests may read.
    citizens
        How many people live in it at the start.
    years
        How long it is watched, up to ``end``.
    seed
        The same seed gives the same bytes.
    progress
        Called with a word for the stage, the steps done and the steps in all.
    """
    size = magnitudes or Magnitudes()
    tell: Progress = progress or (lambda stage, done, total: None)
    seeds = np.random.SeedSequence(seed).spawn(3 + len(WRITERS))
    starts = month_starts(end, years)
    world = _World(pack, citizens, day_number(starts[0]), np.random.default_rng(seeds[0]), size)
    collected = Truth(world.people, world.take_up, np.random.default_rng(seeds[1]))
    checks = SampleChecks(world.take_up, np.random.default_rng(seeds[-1]))
    for month, (start, following) in enumerate(pairwise(starts)):
        day = day_number(start)
        world.month(month, start, day, day_number(following) - day)
        collected.month(day)
        checks.month(day, day_number(following) - day)
        if month % 6 == 5 or start is starts[-2]:
            collected.respond(day)
        tell("simulate", month + 1, len(starts) - 1)
    files: dict[str, int] = {}
    truth.mkdir(parents=True, exist_ok=True)
    for place, (source, write) in enumerate(WRITERS.items()):
        desk = world.desk(folder / source, np.random.default_rng(seeds[2 + place]), end, pack)
        desk.folder.mkdir(parents=True, exist_ok=True)
        files |= {f"{source}/{name}": rows for name, rows in write(desk).items()}
        tell("write", place + 1, len(WRITERS))
    collected.write(desk, truth)
    return SimulationReport(
        int(world.people.present.sum()), world.people.count, len(starts) - 1, files
    )


class _World:
    """All parts of the municipality, stepped together."""

    def __init__(
        self, pack: Pack, citizens: int, day: int, rng: np.random.Generator, size: Magnitudes
    ) -> None:
        self.size = size
        self.journal = Journal()
        self.people: Population = found(rng, citizens, day)
        self.lives = LifeCourses(self.people, rng, self.journal)
        self.lives.open(day)
        self.rules = Entitlement(pack)
        self.take_up = TakeUp(pack, self.people, rng, self.journal, size)
        self.watch = Observation(self.people, rng, self.journal)
        self.outreach = Outreach(self.take_up)
        self.contacts = Contacts(self.people, self.take_up, self.journal, size.contact_rate)
        self.rng = rng
        self.reported: Ints = np.zeros(self.people.capacity, np.int64)
        self._open(day)

    def _open(self, day: int) -> None:
        people = self.people
        rows = np.arange(people.count)
        for document, until, valid in (
            ("identiteitsbewijs", people.id_expires, 3652),
            ("rijbewijs", people.licence_expires, 3652),
        ):
            held = rows[until[rows] < NEVER]
            issued = np.minimum(np.maximum(until[held] - valid, people.born[held]), day - 1)
            self.journal.note("papers", held, issued, document=document, until=until[held])
        money.incomes(people, day)
        for _ in range(2):  # some services ask whether one has another
            rules = self.rules.at(people, day, self.take_up.has)
            self.take_up.begin(rules, day)

    def month(self, month: int, start: date, day: int, days: int) -> None:
        """One month of everything."""
        people = self.people
        pension_age = self.rules.pack.parameters_at(start).get("state_pension_age", 67.0)
        self.lives.month(day, days, pension_age)
        if start.month == 1:
            money.raise_wages(people, self.rng)
        money.incomes(people, day)
        money.save(people, self.rng)
        money.borrow(people, self.rng, day, self.journal)
        people.turn_month()
        self.take_up.settle(day)
        rules = self.rules.at(people, day, self.take_up.has)
        self.take_up.month(rules, day, days)
        self.outreach.month(month, day)
        self.contacts.month(day, days)
        self.watch.month(start.month, day)
        self._referrals(day)

    def _referrals(self, day: int) -> None:
        """Professionals report: insurance, a child with a preschool referral, a worried school."""
        people = self.people
        fresh = np.flatnonzero(people.adults(day) & people.insured & (self.reported == 0))
        self.reported[fresh] = 1
        self.journal.note("insured", fresh, day)
        for mark, trait, share in (
            ("VVE", people.preschool, 0.10), ("JEUGDVRAAG", people.youth_problem, 0.02),
        ):  # fmt: skip
            seen = self.rng.random(people.capacity) < share
            child = np.flatnonzero(trait & people.present & seen)
            for parent in (people.mother[child], people.father[child]):
                rows = parent[parent >= 0]
                self.journal.note("referral", rows, day, kenmerk=mark, waarde=1.0)

    def desk(self, folder: Path, rng: np.random.Generator, end: date, pack: Pack) -> Desk:
        """The writing desk of one silo."""
        return Desk(
            self.people, self.take_up, self.journal, self.size, rng, folder,
            pack.domain.time_zone, day_number(end),
        )  # fmt: skip
