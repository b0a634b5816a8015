"""Life courses: one month of births, partnerships, moves, work, illness and death."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic import money
from features.sources.synthetic.journal import Bools, Floats, Ints, Journal
from features.sources.synthetic.names import DISTRICTS
from features.sources.synthetic.population import (
    EMPLOYED,
    NEVER,
    NO_WORK,
    RETIRED,
    SELF_EMPLOYED,
    STUDENT,
    UNEMPLOYED,
    YEAR,
    Population,
    endow,
    rents,
)


class LifeCourses:
    """Steps a population through time, writing what the silos may later report.

    Kinds of the journal: ``vital`` (register events), ``seat`` (a person's address as registered),
    ``relation``, ``work`` (job and illness events).
    """

    def __init__(self, people: Population, rng: np.random.Generator, journal: Journal) -> None:
        self.people, self.rng, self.journal = people, rng, journal

    def open(self, day: int) -> None:
        """Write down the people, ties and addresses with which the simulation begins."""
        people, rows = self.people, np.arange(self.people.count)
        money.begin(people, self.rng, rows, day)
        self._burdens(day)
        self._seat(rows, people.arrived[rows], "I")
        mates = rows[people.partner[rows] >= 0]
        since = day - self.rng.integers(60, 4000, len(mates))
        since = np.maximum(since, since[np.searchsorted(mates, people.partner[mates])])
        self._tie(mates, people.partner[mates], "P", since, since)
        self._tie_children(rows[people.mother[rows] >= 0])

    def _burdens(self, day: int) -> None:
        """What people already live with when the simulation begins."""
        people, rng, age = self.people, self.rng, self.people.age(day)

        def some(share: Floats | float) -> Bools:
            return np.asarray(people.present & (rng.random(people.capacity) < share))

        people.mobility_loss = some(0.35 * np.clip((age - 55) / 40, 0.01, 1)) & (age >= 18)
        frail = np.flatnonzero(people.mobility_loss)
        people.walking[frail] = np.round(rng.uniform(10, 400, len(frail)), -1)
        ill = np.flatnonzero(some(0.05) & (age > 22) & (people.employment == NO_WORK))
        people.disabled[ill] = True
        people.earning_loss[ill] = np.round(rng.uniform(35, 100, len(ill)))
        people.carer = some(0.08) & (age > 35) & (age < 80)
        people.youth_problem = some(0.05) & (age > 4) & (age < 18)
        people.preschool = some(0.25) & (age > 2.4) & (age < 4)
        children = np.flatnonzero((people.mother >= 0) & (age >= 0.3) & (age < 11))
        mothers = np.unique(people.mother[children])
        works = np.isin(people.employment[mothers], (EMPLOYED, SELF_EMPLOYED))
        cared = mothers[works & (rng.random(len(mothers)) < 0.5)]
        people.childcare_hours[cared] = rng.integers(40, 160, len(cared))

    def month(self, day: int, days: int, pension_age: float) -> None:
        """Live from ``day`` for ``days`` days."""
        self.start, self.days = day, days
        self.age: Floats = self.people.age(day)
        self._deaths()
        self._births()
        self._partnerships()
        self._separations()
        self._home_leavers()
        self._moves()
        self._emigration()
        self._immigration()
        self._work(pension_age)
        self._health()
        self.people.at_home &= self.people.age(day) < 35

    # -- chance ------------------------------------------------------------------------------

    def _chance(self, yearly: Floats | float) -> Bools:
        drawn = self.rng.random(self.people.capacity)
        return np.asarray(self.people.present & (drawn < np.asarray(yearly) / 12))

    def _day(self, count: int) -> Ints:
        return self.start + self.rng.integers(0, self.days, count)

    # -- writing -----------------------------------------------------------------------------

    def _remember(self, rows: Ints, day: Ints, kind: str) -> None:
        self.people.changed[rows] = day
        self.people.remember(kind, rows, day)

    def _vital(self, rows: Ints, day: Ints, kind: str, other: Ints | None = None) -> None:
        self._remember(rows, day, kind)
        other = np.full(len(rows), -1) if other is None else other
        self.journal.note("vital", rows, day, type=kind, other=other)

    def _work_event(self, rows: Ints, day: Ints, kind: str) -> None:
        self._remember(rows, day, kind)
        self.journal.note("work", rows, day, type=kind)

    def _seat(self, rows: Ints, day: Ints, reason: str) -> None:
        people = self.people
        names = ("address", "district", "tenure", "social_landlord", "rent")
        columns = {name: getattr(people, name)[rows] for name in names}
        self.journal.note("seat", rows, day, reason=reason, **columns)

    def _tie(self, rows: Ints, other: Ints, kind: str, begin: Ints, noted: Ints) -> None:
        self.journal.note("relation", rows, noted, other=other, kind=kind, begin=begin, end=NEVER)

    def _tie_children(self, rows: Ints) -> None:
        people = self.people
        for parent in (people.mother, people.father):
            of = rows[parent[rows] >= 0]
            self._tie(parent[of], of, "K", people.born[of], people.born[of])
            self._tie(of, parent[of], "O", people.born[of], people.born[of])

    def _house_hunt(self, leads: Ints, day: Ints, reason: str = "V") -> None:
        """Give each of ``leads`` a home of their own, with the partner and children at home."""
        people, rng = self.people, self.rng
        people.settle(leads)
        people.district[leads] = rng.integers(0, len(DISTRICTS), len(leads))
        rich = people.income[leads] > 38_000
        people.tenure[leads] = np.where(rng.random(len(leads)) < np.where(rich, 0.6, 0.12), 1, 0)
        people.social_landlord[leads] = (people.tenure[leads] == 0) & (rng.random(len(leads)) < 0.6)
        people.rent[leads] = rents(rng, people.tenure[leads], people.social_landlord[leads])
        self._seat(leads, day, reason)
        place = np.arange(len(leads))
        mated = people.partner[leads] >= 0
        self._follow(leads, people.partner[leads[mated]], place[mated], day, reason)
        kids, owner = people.children_of(leads)
        self._follow(leads, kids, owner, day, reason)

    def _follow(self, leads: Ints, rows: Ints, place: Ints, day: Ints, reason: str) -> None:
        names = ("address", "district", "tenure", "social_landlord", "rent")
        for values in (getattr(self.people, name) for name in names):
            values[rows] = values[leads[place]]
        self._seat(rows, day[place], reason)
        if reason == "V":
            self._vital(rows, day[place], "moved")

    # -- family ------------------------------------------------------------------------------

    def _deaths(self) -> None:
        people = self.people
        rate = 3e-5 * np.exp(0.093 * np.clip(self.age, 0, 105)) * (1 + 0.8 * people.mobility_loss)
        rows = np.flatnonzero(self._chance(rate))
        day = self._day(len(rows))
        self._vital(rows, day, "person-died")
        left = people.partner[rows] >= 0
        widowed, when = people.partner[rows[left]], day[left]
        alive = people.present[widowed] & ~np.isin(widowed, rows)
        self._vital(widowed[alive], when[alive], "partner-died")
        self._untie(widowed, rows[left], when)
        people.present[rows] = False
        people.at_home[rows] = False

    def _untie(self, first: Ints, second: Ints, day: Ints) -> None:
        for one, other in ((first, second), (second, first)):
            self.journal.note("relation", one, day, other=other, kind="P", begin=-1, end=day)
        self.people.partner[first] = -1
        self.people.partner[second] = -1

    def _births(self) -> None:
        people = self.people
        mated = people.partner >= 0
        fertile = people.woman & (self.age > 20) & (self.age < 44)
        rate = np.where(fertile, np.where(mated, 0.15, 0.02), 0.0)
        mothers = np.flatnonzero(self._chance(rate * np.exp(-(((self.age - 31) / 7) ** 2))))
        babies = people.enter(len(mothers))
        mothers = mothers[: len(babies)]
        fathers, day = people.partner[mothers], self._day(len(mothers))
        people.born[babies] = people.arrived[babies] = day
        people.woman[babies] = self.rng.random(len(babies)) < 0.5
        people.mother[babies], people.father[babies] = mothers, fathers
        people.present[babies] = people.at_home[babies] = True
        for name in ("address", "district", "tenure", "social_landlord", "rent"):
            getattr(people, name)[babies] = getattr(people, name)[mothers]
        endow(people, self.rng, babies, self.start)
        people.abroad[babies] = False
        working = np.isin(people.employment[mothers], (EMPLOYED, SELF_EMPLOYED))
        people.childcare_hours[mothers] = np.where(working, self.rng.integers(40, 160, len(day)), 0)
        self._seat(babies, day, "G")
        self._tie_children(babies)
        self._vital(mothers, day, "birth-of-child", babies)
        known = fathers >= 0
        self._vital(fathers[known], day[known], "birth-of-child", babies[known])

    def _partnerships(self) -> None:
        people = self.people
        rate = 0.075 * np.exp(-(((self.age - 29) / 14) ** 2)) + 0.006
        free = self._chance(np.where((people.partner < 0) & (self.age >= 19), rate, 0.0))
        women, men = np.flatnonzero(free & people.woman), np.flatnonzero(free & ~people.woman)
        pairs = min(len(women), len(men))
        women = np.sort(self.rng.permutation(women)[:pairs])
        men = np.sort(self.rng.permutation(men)[:pairs])
        women = women[np.argsort(people.born[women], kind="stable")]
        men = men[np.argsort(people.born[men], kind="stable")]
        fit = np.abs(people.born[women] - people.born[men]) < 15 * YEAR
        women, men = women[fit], men[fit]
        day = self._day(len(women))
        people.partner[women], people.partner[men] = men, women
        people.at_home[women] = people.at_home[men] = False
        for one, other in ((women, men), (men, women)):
            self._tie(one, other, "P", day, day)
            self._vital(one, day, "partnership-started", other)
        self._house_hunt(women, day)
        self._vital(women, day, "moved")

    def _separations(self) -> None:
        people = self.people
        rate = np.where((people.partner >= 0) & people.woman, 0.022, 0.0)
        rows = np.flatnonzero(self._chance(np.where(self.age > 60, rate / 6, rate)))
        mates, day = people.partner[rows], self._day(len(rows))
        for one, other in ((rows, mates), (mates, rows)):
            self._vital(one, day, "partnership-ended", other)
        self._untie(rows, mates, day)
        people.savings[rows] = people.savings[mates] = (
            people.savings[rows] + people.savings[mates]
        ) / 2
        self._move_alone(mates, day)

    def _move_alone(self, rows: Ints, day: Ints) -> None:
        people, rng = self.people, self.rng
        people.settle(rows)
        people.tenure[rows] = 0
        people.district[rows] = rng.integers(0, len(DISTRICTS), len(rows))
        people.social_landlord[rows] = rng.random(len(rows)) < 0.55
        people.rent[rows] = rents(rng, people.tenure[rows], people.social_landlord[rows])
        self._seat(rows, day, "V")
        self._vital(rows, day, "moved")

    def _home_leavers(self) -> None:
        people = self.people
        going = people.at_home & (self.age >= 18)
        rows = np.flatnonzero(self._chance(np.where(going, 0.16, 0.0)))
        day = self._day(len(rows))
        people.at_home[rows] = False
        self._move_alone(rows, day)
        for parent in (people.mother[rows], people.father[rows]):
            known = parent >= 0
            known[known] = people.present[parent[known]]
            self._vital(parent[known], day[known], "child-left-home", rows[known])

    # -- coming and going --------------------------------------------------------------------

    def _leads(self) -> Bools:
        """One person of each household that can decide to move."""
        people = self.people
        rows = np.arange(people.capacity)
        return (self.age >= 18) & ~people.at_home & ((people.partner < 0) | (people.partner > rows))

    def _moves(self) -> None:
        rate = np.where(self.people.tenure == 1, 0.025, 0.075)
        rows = np.flatnonzero(self._leads() & self._chance(np.where(self.age > 70, rate / 3, rate)))
        day = self._day(len(rows))
        self._house_hunt(rows, day)
        self._vital(rows, day, "moved")

    def _emigration(self) -> None:
        people = self.people
        leads = np.flatnonzero(self._leads() & self._chance(np.where(self.age < 55, 0.016, 0.002)))
        mates = people.partner[leads]
        kids, _ = people.children_of(leads)
        rows = np.unique(np.concatenate([leads, mates[mates >= 0], kids]))
        self._vital(rows, self._day(len(rows)), "emigrated")
        people.present[rows] = False

    def _immigration(self) -> None:
        people, rng = self.people, self.rng
        rows = people.enter(rng.poisson(0.016 * people.present.sum() / 12))
        day = self._day(len(rows))
        age = rng.gamma(6, 5.5, len(rows)).clip(18.2, 85)
        people.born[rows] = self.start - (age * YEAR).astype(np.int64)
        people.woman[rows] = rng.random(len(rows)) < 0.5
        people.present[rows] = True
        people.arrived[rows] = day
        endow(people, rng, rows, self.start)
        people.abroad[rows] = rng.random(len(rows)) < 0.6
        money.begin(people, rng, rows, self.start)
        fled = people.abroad[rows] & (rng.random(len(rows)) < 0.35)
        people.refugee[rows] = people.must_integrate[rows] = fled
        people.employment[rows[fled]] = NO_WORK
        people.language[rows[fled]] = rng.integers(2, 6, fled.sum())
        self._house_hunt(rows, day, "I")
        self._vital(rows, day, "immigrated")

    # -- work, study, health -----------------------------------------------------------------

    def _work(self, pension_age: float) -> None:
        people, rng, age = self.people, self.rng, self.age
        job, healthy = people.employment, people.sick_since > self.start
        months_out = (self.start - people.changed) / 30
        fired = (job == EMPLOYED) & healthy
        self._turn(fired, np.where(people.wage < 30_000, 0.055, 0.03), UNEMPLOYED, "job-lost")
        hired = (job == UNEMPLOYED) & (age < pension_age)
        self._turn(hired, np.where(months_out < 8, 1.0, 0.3), EMPLOYED, "job-started")
        idle = (job == NO_WORK) & (age >= 18) & (age < 60) & ~people.disabled
        self._turn(idle, 0.10, EMPLOYED, "job-started")
        self._turn((job == EMPLOYED) & (age < 62), 0.007, SELF_EMPLOYED, None)
        self._turn((job == SELF_EMPLOYED) & (age < 66), 0.05, EMPLOYED, "job-started")
        self._turn((job == STUDENT) & (age > 22), 0.5, EMPLOYED, "job-started")
        people.business = people.employment == SELF_EMPLOYED
        people.business |= (job == UNEMPLOYED) & (people.wage > 36_000) & (months_out > 4)
        grown = people.present & (age >= 18) & (age < 18 + 1 / 12)
        studies = grown & (rng.random(people.capacity) < 0.65)
        people.employment[grown] = np.where(studies[grown], STUDENT, UNEMPLOYED)
        people.study[studies] = rng.choice([1, 2, 3], studies.sum(), p=[0.45, 0.35, 0.2])
        fresh = np.flatnonzero(grown)
        people.wage[fresh] = np.array([24e3, 30e3, 41e3])[people.education[fresh]]
        people.wage[fresh] *= rng.lognormal(0, 0.25, len(fresh))
        people.pension[fresh] = 16_000
        people.savings[fresh] = rng.lognormal(6.5, 1, len(fresh))
        done = people.present & (age >= pension_age) & (job != RETIRED)
        money.change_work(people, np.flatnonzero(done), RETIRED)
        by_state = [4.35, -4.35, 0.0, -4.35, -4.35, -4.35]
        worked = np.choose(people.employment, by_state)
        people.weeks_worked = np.clip(people.weeks_worked + worked, 0, 36)
        people.childcare_hours[rng.random(people.capacity) < 0.012] = 0

    def _turn(self, who: Bools, yearly: Floats | float, state: int, event: str | None) -> None:
        rows = np.flatnonzero(who & self._chance(yearly))
        day = self._day(len(rows))
        money.change_work(self.people, rows, state)
        if event is not None:
            self._work_event(rows, day, event)

    def _health(self) -> None:
        people, age = self.people, self.age
        sick = people.sick_since <= self.start
        active = np.isin(people.employment, (EMPLOYED, UNEMPLOYED)) & ~sick
        rate = (0.012 + 0.0006 * age.clip(0, 70)) * np.where(people.employment == EMPLOYED, 1, 3)
        falls = np.flatnonzero(active & self._chance(rate))
        day = self._day(len(falls))
        people.sick_since[falls] = day
        self._work_event(falls, day, "sickness-started")
        rate = np.where(self.start - people.sick_since > 270, 0.35, 1.6)
        better = np.flatnonzero(sick & self._chance(rate))
        day = self._day(len(better))
        people.sick_since[better] = NEVER
        self._work_event(better, day, "sickness-ended")
        long = np.flatnonzero(sick & people.present & (self.start - people.sick_since > 728))
        people.disabled[long] = True
        people.earning_loss[long] = np.round(self.rng.uniform(15, 100, len(long)))
        money.change_work(people, long, NO_WORK)
        old = 0.0008 * np.exp(0.085 * np.clip(age - 40, 0, 60)) * (age > 18)
        falls = np.flatnonzero(~people.mobility_loss & self._chance(old + 0.001))
        people.mobility_loss[falls] = True
        people.walking[falls] = np.round(self.rng.uniform(10, 400, len(falls)), -1)
        people.changed[falls] = self.start
        self.journal.note("decline", falls, self._day(len(falls)))
        people.carer |= self._chance(np.where((age > 40) & (age < 78), 0.018, 0.002)) & (age > 16)
        people.carer &= ~self._chance(0.10)
        young = (age > 3) & (age < 18)
        people.youth_problem |= self._chance(np.where(young, 0.03, 0.0))
        people.youth_problem &= young & ~self._chance(0.5)
        self._circumstances(age)

    def _circumstances(self, age: Floats) -> None:
        """Passing needs: exceptional costs, a preschool referral, a viable plan, a new licence."""
        people, rng = self.people, self.rng
        people.exceptional &= ~self._chance(3.0)
        strain = np.where(people.income < 22_000, 0.25, 0.10) + 0.2 * people.mobility_loss
        people.exceptional |= self._chance(np.where(age >= 18, strain, 0.0))
        toddler = people.present & (age >= 2.4) & (age < 2.5)
        people.preschool |= toddler & (rng.random(people.capacity) < 0.25)
        people.preschool &= age < 4.2
        started = people.business & ~people.viable
        people.viable = people.business & (people.viable | (started & self._chance(1.5)))
        renewed = (people.licence_expires < self.start + 30) & (age < 74.7)
        people.licence_expires[renewed] += 3652
        rows = np.flatnonzero(renewed & people.present)
        self.journal.note(
            "document", rows, self.start, document="rijbewijs", until=people.licence_expires[rows]
        )
