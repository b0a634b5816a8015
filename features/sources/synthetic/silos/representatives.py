"""Who speaks for whom: guardians, administrators, mentors and authorised persons.

Drawn from numbers of their own, when everything else is done: who is represented changes nothing
else in the municipality.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from features.sources.synthetic.journal import Bools, Ints
from features.sources.synthetic.population import NEVER, YEAR
from features.sources.synthetic.silos.desk import Desk, date_text

STREAM = 1
SHARES = {"C": 0.002, "B": 0.016, "M": 0.006}
"""Of adults. Invented, in the order of what courts report."""
AUTHORISED = 0.08
"""Of people of 75 and older."""
OLD = 75.0
BY_FAMILY = 0.4
"""The share of guardians, administrators and mentors who are family; others do it for a living,
and the register has no number of theirs."""
FOR_A_TERM = 0.3
"""The share that was set up for five years."""


def write_representatives(desk: Desk) -> int:
    """``vertegenwoordiging.csv``: one row for each person who speaks for a citizen."""
    desk = replace(desk, rng=np.random.default_rng([int(desk.people.bsn[0]), STREAM]))
    kind = _kinds(desk)
    person = np.flatnonzero(kind != "")
    family = _family(desk)[person]
    official = np.isin(kind[person], list(SHARES))
    professional = official & (desk.rng.random(len(person)) >= BY_FAMILY)
    begin = _begin(desk, person)
    term = official & (desk.rng.random(len(person)) < FOR_A_TERM)
    drawn = pl.DataFrame(
        {
            "person": person,
            "kind": kind[person],
            "other": np.where(professional, -1, family),
            "day": begin,
            "end": np.where(term, begin + int(5 * YEAR), NEVER),
        }
    )
    drawn = drawn.filter((pl.col("other") >= 0) | pl.col("kind").is_in(list(SHARES)))
    noted = desk.noted(drawn, 10.0)
    frame = noted.select(
        desk.bsn(noted["person"]).alias("BSN"),
        pl.col("kind").alias("Soort"),
        desk.bsn(noted["other"]).alias("BSN_vertegenwoordiger"),
        pl.col("day").alias("Begin"),
        pl.col("end").alias("Eind"),
        pl.col("noted").alias("Opgenomen"),
    )
    frame = frame.with_columns(date_text(name) for name in ("Begin", "Eind", "Opgenomen"))
    return desk.csv(frame, "vertegenwoordiging.csv", ";", "latin1")


def _kinds(desk: Desk) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """The code of who speaks for each person at the end; empty for nobody."""
    people, age = desk.people, _ages(desk)
    drawn = desk.rng.random(people.capacity)
    kind = np.full(people.capacity, "", dtype="<U1")
    kind[(age >= OLD) & (drawn > 1 - AUTHORISED)] = "G"
    borders = np.cumsum([0.0, *SHARES.values()])
    for place, code in enumerate(SHARES):
        kind[(drawn >= borders[place]) & (drawn < borders[place + 1])] = code
    kind[~_adults(desk)] = ""
    return kind


def _family(desk: Desk) -> Ints:
    """Of each person an adult child who lives here, or else the partner; -1 for neither."""
    people, adults = desk.people, _adults(desk)
    family = np.where(people.partner >= 0, people.partner, -1)
    for parent in (people.father, people.mother):
        children = np.flatnonzero(adults & (parent >= 0))
        family[parent[children]] = children
    return np.where((family >= 0) & adults[family], family, -1)


def _begin(desk: Desk, person: Ints) -> Ints:
    """A day in the past eight years, when they were an adult and lived here."""
    people = desk.people
    day = desk.end - desk.rng.integers(60, int(8 * YEAR), len(person))
    grown = people.born[person] + int(18 * YEAR) + 1
    return np.asarray(np.maximum(day, np.maximum(grown, people.arrived[person])))


def _ages(desk: Desk) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray((desk.end - desk.people.born) / YEAR)


def _adults(desk: Desk) -> Bools:
    """Those who live here at the end and are 18 or older."""
    return np.asarray(desk.people.present & (_ages(desk) >= 18))
