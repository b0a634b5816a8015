"""The people of the synthetic municipality: their true state, one array per attribute."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.sources.synthetic.journal import Bools, Floats, Ints
from features.sources.synthetic.names import DISTRICTS, citizen_service_numbers

NEVER = np.int64(2**31)
"""A day that does not come."""
YEAR = 365.25
EMPLOYMENT = ("employed", "self-employed", "unemployed", "student", "retired", "none")
EMPLOYED, SELF_EMPLOYED, UNEMPLOYED, STUDENT, RETIRED, NO_WORK = range(6)
TENURE = ("rent", "own", "other")
STUDY = ("none", "mbo", "hbo", "wo")
START_PENSION_AGE = 67.0


class Population:
    """True states by row number; rows beyond ``count`` are still unused.

    ``born``, ``died``, ``arrived``, ``left``: days since 1970-01-01. ``partner``, ``mother`` and
    ``father`` are row numbers, -1 for none. ``income`` is a person's own yearly income in euro
    before allowances and assistance; ``savings`` their share of the household's.
    """

    bsn: Ints
    client: Ints
    woman: Bools
    born: Ints
    arrived: Ints
    present: Bools
    partner: Ints
    mother: Ints
    father: Ints
    at_home: Bools
    address: Ints
    district: Ints
    tenure: Ints
    social_landlord: Bools
    rent: Floats
    education: Ints
    employment: Ints
    study: Ints
    wage: Floats
    income: Floats
    pension: Floats
    savings: Floats
    low_income_years: Floats
    digital: Floats
    shyness: Floats
    debt: Bools
    debt_since: Ints
    friction: Floats
    contacts: Floats
    mobility_loss: Bools
    disabled: Bools
    carer: Bools
    youth_problem: Bools
    sick_since: Ints
    weeks_worked: Floats
    business: Bools
    insured: Bools
    childcare_hours: Floats
    school_distance: Floats
    language: Ints
    channel: Ints
    abroad: Bools
    refugee: Bools
    must_integrate: Bools
    id_expires: Ints
    licence_expires: Ints
    permit_expires: Ints
    car: Bools
    exceptional: Bools
    preschool: Bools
    viable: Bools
    walking: Floats
    earning_loss: Floats
    changed: Ints

    SPEC: dict[str, tuple[type, Any]] = {  # noqa: RUF012
        "bsn": (np.int64, 0),
        "client": (np.int64, 0),
        "woman": (np.bool_, False),
        "born": (np.int64, NEVER),
        "arrived": (np.int64, NEVER),
        "present": (np.bool_, False),
        "partner": (np.int64, -1),
        "mother": (np.int64, -1),
        "father": (np.int64, -1),
        "at_home": (np.bool_, False),
        "address": (np.int64, 0),
        "district": (np.int64, 0),
        "tenure": (np.int64, 0),
        "social_landlord": (np.bool_, False),
        "rent": (np.float64, 0.0),
        "education": (np.int64, 0),
        "employment": (np.int64, NO_WORK),
        "study": (np.int64, 0),
        "wage": (np.float64, 0.0),
        "income": (np.float64, 0.0),
        "pension": (np.float64, 0.0),
        "savings": (np.float64, 0.0),
        "low_income_years": (np.float64, 0.0),
        "digital": (np.float64, 0.5),
        "shyness": (np.float64, 0.0),
        "debt": (np.bool_, False),
        "debt_since": (np.int64, 0),
        "friction": (np.float64, 0.0),
        "contacts": (np.float64, 0.0),
        "mobility_loss": (np.bool_, False),
        "disabled": (np.bool_, False),
        "carer": (np.bool_, False),
        "youth_problem": (np.bool_, False),
        "sick_since": (np.int64, NEVER),
        "weeks_worked": (np.float64, 0.0),
        "business": (np.bool_, False),
        "insured": (np.bool_, True),
        "childcare_hours": (np.float64, 0.0),
        "school_distance": (np.float64, 0.0),
        "language": (np.int64, 0),
        "channel": (np.int64, 0),
        "abroad": (np.bool_, False),
        "refugee": (np.bool_, False),
        "must_integrate": (np.bool_, False),
        "id_expires": (np.int64, NEVER),
        "licence_expires": (np.int64, NEVER),
        "permit_expires": (np.int64, NEVER),
        "car": (np.bool_, False),
        "exceptional": (np.bool_, False),
        "preschool": (np.bool_, False),
        "viable": (np.bool_, False),
        "walking": (np.float64, 5000.0),
        "earning_loss": (np.float64, 0.0),
        "changed": (np.int64, -NEVER),
    }

    def __init__(self, capacity: int, rng: np.random.Generator) -> None:
        self.capacity = capacity
        self.count = 0
        self.addresses = 0
        self.last: dict[str, Ints] = {}
        self.months = 0
        self._tallies: dict[str, Ints] = {}
        for name, (dtype, default) in self.SPEC.items():
            setattr(self, name, np.full(capacity, default, dtype=dtype))
        self.bsn = citizen_service_numbers(rng, capacity)
        self.client = 4_000_000 + rng.permutation(9 * capacity)[:capacity].astype(np.int64)

    def remember(self, event: str, rows: Ints, day: Ints) -> None:
        """Keep the last day of a kind of event for these rows: ``type`` or ``type/service``."""
        if event not in self.last:
            self.last[event] = np.full(self.capacity, NEVER)
        self.last[event][rows] = day

    def turn_month(self) -> None:
        """Begin a new month of tallies; they are kept for a year."""
        self.months += 1
        for tally in self._tallies.values():
            tally[self.months % 12] = 0

    def tally(self, what: str, rows: Ints, times: Ints | int = 1) -> None:
        """Count something that happened to these rows this month."""
        if what not in self._tallies:
            self._tallies[what] = np.zeros((12, self.capacity), np.int64)
        np.add.at(self._tallies[what][self.months % 12], rows, times)

    def tallied(self, what: str, months: int) -> Ints:
        """How often it happened to everyone in the last months before this one."""
        if what not in self._tallies:
            return np.zeros(self.capacity, np.int64)
        slots = [(self.months - back) % 12 for back in range(months)]
        return np.asarray(self._tallies[what][slots].sum(axis=0))

    def age(self, day: int) -> Floats:
        """Age in years of everyone on ``day`` (negative for rows not yet in use)."""
        return (day - self.born) / YEAR

    def adults(self, day: int) -> Bools:
        """Who is present and 18 or over."""
        return self.present & (self.age(day) >= 18)

    def settle(self, rows: Ints) -> None:
        """Give these rows, who share nothing, an address each with its tenure and rent."""
        self.address[rows] = self.addresses + np.arange(len(rows))
        self.addresses += len(rows)

    def enter(self, count: int) -> Ints:
        """Take unused rows for newcomers, as many as there still are."""
        taken = np.arange(self.count, min(self.count + count, self.capacity))
        self.count += len(taken)
        return taken

    def children_of(self, parents: Ints) -> tuple[Ints, Ints]:
        """Rows of children at home with any of ``parents``, and the place of that parent."""
        place = np.full(self.capacity + 1, -1)
        place[parents] = np.arange(len(parents))
        home = np.flatnonzero(self.present & self.at_home)
        owner = np.maximum(place[self.mother[home]], place[self.father[home]])
        return home[owner >= 0], owner[owner >= 0]

    def offspring(self, day: int) -> tuple[Ints, Floats, Floats]:
        """Of everyone: children under 18, and the ages of the youngest and eldest child."""
        age = self.age(day)
        count = np.zeros(self.capacity, np.int64)
        youngest, eldest = np.full(self.capacity, np.inf), np.full(self.capacity, -np.inf)
        for parent in (self.mother, self.father):
            child = np.flatnonzero((parent >= 0) & (age >= 0))
            count += np.bincount(parent[child[age[child] < 18]], minlength=self.capacity)
            np.minimum.at(youngest, parent[child], age[child])
            np.maximum.at(eldest, parent[child], age[child])
        return count, youngest, eldest


def found(rng: np.random.Generator, citizens: int, day: int) -> Population:
    """A municipality of about ``citizens`` people in households, as on ``day``."""
    people = Population(int(citizens * 1.3) + 200, rng)
    kind = rng.choice(4, size=citizens, p=[0.38, 0.29, 0.26, 0.07])
    kids = np.where(kind >= 2, rng.choice([1, 2, 3, 4], citizens, p=[0.38, 0.42, 0.15, 0.05]), 0)
    couple = (kind == 1) | (kind == 2)
    size = 1 + couple + kids
    kept = np.cumsum(size) <= citizens
    kind, kids, couple, size = kind[kept], kids[kept], couple[kept], size[kept]
    house = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    place = np.arange(len(house)) - first[house]
    rows = people.enter(len(house))
    lead = _lead_ages(rng, kind)
    age = lead[house] + np.where(couple[house] & (place == 1), rng.normal(-1, 3, len(house)), 0)
    child = place > couple[house]
    oldest = np.clip(lead[house] - 21, 0.1, 22)
    age = np.where(child, rng.random(len(house)) * oldest, np.maximum(age, 18.5))
    people.born[rows] = (day - age * YEAR).astype(np.int64)
    people.woman[rows] = rng.random(len(rows)) < 0.5
    mates = np.flatnonzero(couple[house] & (place == 1))
    people.partner[mates], people.partner[mates - 1] = mates - 1, mates
    people.woman[mates] = ~people.woman[mates - 1]
    offspring = np.flatnonzero(child)
    parent = first[house[offspring]]
    other = np.where(couple[house[offspring]], parent + 1, -1)
    swap = ~people.woman[parent] & (other >= 0)
    people.mother[offspring] = np.where(swap, other, parent)
    people.father[offspring] = np.where(swap, parent, other)
    people.at_home[offspring] = True
    people.arrived[rows] = np.maximum(people.born[rows], day - rng.integers(30, 9000, len(rows)))
    people.present[rows] = True
    people.address[rows] = house
    people.addresses = len(size)
    endow(people, rng, rows, day)
    _house(people, rng, rows, house)
    return people


def _lead_ages(rng: np.random.Generator, kind: Ints) -> Floats:
    young, old = rng.normal(30, 6, len(kind)), rng.normal(67, 11, len(kind))
    parents = np.clip(rng.normal(41, 8, len(kind)), 22, 60)
    lone = np.where(rng.random(len(kind)) < 0.45, young, old)
    return np.clip(np.where(kind >= 2, parents, lone), 19, 97)


def endow(people: Population, rng: np.random.Generator, rows: Ints, day: int) -> None:
    """Give new rows their traits: schooling, skills, language, documents."""
    count, age = len(rows), (day - people.born[rows]) / YEAR
    people.education[rows] = rng.choice(3, count, p=[0.27, 0.40, 0.33])
    people.abroad[rows] = rng.random(count) < 0.16
    people.language[rows] = np.where(
        people.abroad[rows], rng.choice(7, count, p=[0.4, 0.15, 0.1, 0.1, 0.1, 0.1, 0.05]), 0
    )
    skill = 0.75 - 0.006 * np.maximum(age - 45, 0) + 0.12 * (people.education[rows] - 1)
    people.digital[rows] = np.clip(skill + rng.normal(0, 0.18, count), 0.02, 0.98)
    people.shyness[rows] = rng.normal(0, 1, count)
    people.channel[rows] = np.where(
        rng.random(count) < people.digital[rows], 2, rng.choice([0, 1, 3], count, p=[0.6, 0.3, 0.1])
    )
    people.id_expires[rows] = day + rng.integers(-60, 3650, count)
    people.car[rows] = (age >= 18) & (rng.random(count) < 0.6)
    ahead = np.where(age >= 70, rng.integers(0, 1826, count), rng.integers(0, 3650, count))
    people.licence_expires[rows] = np.where(people.car[rows], day + ahead, NEVER)
    people.insured[rows] = rng.random(count) < 0.995
    people.school_distance[rows] = np.round(rng.lognormal(0.4, 0.8, count), 1)


def _house(people: Population, rng: np.random.Generator, rows: Ints, house: Ints) -> None:
    homes = people.addresses
    tenure = rng.choice(3, homes, p=[0.43, 0.54, 0.03])
    social = (tenure == 0) & (rng.random(homes) < 0.68)
    district = rng.integers(0, len(DISTRICTS), homes)
    people.tenure[rows], people.social_landlord[rows] = tenure[house], social[house]
    people.district[rows] = district[house]
    people.rent[rows] = rents(rng, tenure, social)[house]


def rents(rng: np.random.Generator, tenure: Ints, social: Bools) -> Floats:
    """A monthly rent in euro for each home; 0 where it is not rented."""
    asked = np.where(social, rng.normal(610, 95, len(tenure)), rng.normal(1080, 230, len(tenure)))
    return np.where(tenure == 0, np.round(np.maximum(asked, 250), 2), 0.0)
