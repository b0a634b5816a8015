"""Wages, incomes, savings, rents and debt."""

from __future__ import annotations

import numpy as np

from features.sources.synthetic.journal import Floats, Ints, Journal
from features.sources.synthetic.population import (
    EMPLOYED,
    NEVER,
    NO_WORK,
    RETIRED,
    SELF_EMPLOYED,
    START_PENSION_AGE,
    STUDENT,
    UNEMPLOYED,
    Population,
)

MINIMUM = 19_000.0
"""About the yearly social minimum for two; only used for who falls into debt."""


def begin(people: Population, rng: np.random.Generator, rows: Ints, day: int) -> None:
    """Give rows that enter the municipality a working life, an income and savings."""
    age, count = people.age(day)[rows], len(rows)
    people.wage[rows] = np.array([25_000, 33_000, 50_000])[people.education[rows]] * (
        rng.lognormal(0, 0.33, count) * np.clip(0.6 + age / 80, 0.6, 1.1)
    )
    state = rng.choice(
        [EMPLOYED, SELF_EMPLOYED, UNEMPLOYED, NO_WORK], count, p=[0.71, 0.10, 0.05, 0.14]
    )
    state = np.where((age < 23) & (rng.random(count) < 0.6), STUDENT, state)
    state = np.where(age < 18, NO_WORK, state)
    people.employment[rows] = np.where(age >= START_PENSION_AGE, RETIRED, state)
    studies = rng.choice([1, 2, 3], count, p=[0.42, 0.36, 0.22])
    people.study[rows] = np.where(people.employment[rows] == STUDENT, studies, 0)
    people.business[rows] = people.employment[rows] == SELF_EMPLOYED
    people.weeks_worked[rows] = np.where(state == EMPLOYED, 36.0, rng.uniform(0, 36, count))
    built_up = np.where(rng.random(count) < 0.10, rng.uniform(0.3, 0.85, count), 1.0)
    people.pension[rows] = 16_000 * built_up + np.where(
        rng.random(count) < 0.25, 0.0, rng.lognormal(8.9, 0.8, count)
    )
    wealth = rng.lognormal(9.2, 1.4, count) * np.clip(age / 45, 0.1, 1.6)
    poor = (people.employment[rows] != EMPLOYED) & (rng.random(count) < 0.5)
    people.savings[rows] = np.where(poor, rng.lognormal(6.5, 1.0, count), wealth)
    people.low_income_years[rows] = rng.uniform(0, 8, count)
    people.debt[rows] = (age >= 20) & (rng.random(count) < np.where(poor, 0.09, 0.02))
    people.debt_since[rows] = day


def incomes(people: Population, day: int) -> None:
    """Set everyone's own yearly income from what they do."""
    sick = (people.sick_since <= day) & (people.employment == EMPLOYED)
    by_state = [
        np.where(sick, 0.7 * people.wage, people.wage),
        people.wage * 0.75,
        np.zeros(people.capacity),
        np.full(people.capacity, 5_400.0),
        people.pension,
        np.where(people.disabled, 0.45 * people.wage, 0.0),
    ]
    people.income = np.round(np.choose(people.employment, by_state), 0)
    people.income[people.age(day) < 18] = 0.0


def with_partner(people: Population, own: Floats) -> Floats:
    """Each person's own amount plus the partner's."""
    return own + np.where(people.partner >= 0, own[people.partner], 0.0)


def household_income(people: Population) -> Floats:
    """Own and partner's yearly income in euro."""
    return with_partner(people, people.income)


def household_savings(people: Population) -> Floats:
    """Own and partner's savings in euro, to the euro."""
    return np.round(with_partner(people, people.savings), 0)


def save(people: Population, rng: np.random.Generator) -> None:
    """One month of saving or spending, and of counting low income."""
    shared = household_income(people)
    low = shared < np.where(people.partner >= 0, 27_500, 20_500)
    years = np.where(shared > 30_000, 0.0, people.low_income_years)
    people.low_income_years = np.where(low, years + 1 / 12, years)
    monthly = np.where(low, -0.03 * people.savings, 0.004 * people.income)
    people.savings = np.maximum(0.0, people.savings + monthly * rng.uniform(0.3, 1.5))


def raise_wages(people: Population, rng: np.random.Generator) -> None:
    """The yearly wage round; a few get a much better or worse year."""
    jump = np.where(rng.random(people.capacity) < 0.08, rng.normal(0, 0.25, people.capacity), 0.0)
    people.wage *= 1.028 + np.clip(jump, -0.4, 0.5)
    people.pension *= 1.02


def borrow(people: Population, rng: np.random.Generator, day: int, journal: Journal) -> None:
    """People fall into arrears and out of them; creditors report some of it."""
    adult = people.adults(day)
    strain = np.where(people.savings < 1_500, 3.0, 0.5)
    strain = strain * np.where(people.income < MINIMUM, 2.0, 1.0)
    falls = adult & ~people.debt & (rng.random(people.capacity) < 0.0007 * strain)
    rises = people.debt & (rng.random(people.capacity) < 0.035)
    people.debt = (people.debt | falls) & ~rises
    people.debt_since[falls] = day
    rows = np.flatnonzero(adult & people.debt & (rng.random(people.capacity) < 0.13))
    late = day + rng.integers(0, 28, len(rows))
    people.remember("arrears-reported", rows, late)
    journal.note(
        "arrears",
        rows,
        late,
        creditor=rng.choice(4, len(rows), p=[0.35, 0.25, 0.3, 0.1]),
        amount=np.round(rng.lognormal(6.1, 0.7, len(rows)), 2),
    )


def change_work(people: Population, rows: Ints, state: int) -> None:
    """Put rows in another working state; whoever was ill there no longer is."""
    people.employment[rows] = state
    if state != STUDENT:
        people.study[rows] = 0
    people.sick_since[rows] = NEVER
