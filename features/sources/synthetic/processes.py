"""Cases: the steps, employees and waits between an application and its end."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.sources.synthetic.journal import Bools, Ints, Journal
from features.sources.synthetic.take_up import TakeUp

TEAMS = ("intake", "inkomen", "wmo", "jeugd", "burgerzaken", "schulden", "bezwaar")
STAFF = 9
"""Employees in a team."""
HOUR = 3600


def team_of(code: str) -> int:
    """The team that handles a kind of case."""
    if code.startswith("WMO") or code in ("GPK", "MZW"):
        return 2
    if code in ("JEUGD", "VVE", "LLV"):
        return 3
    if code in ("ID", "RB75", "PV", "INB", "ADRES", "VRAAG"):
        return 4
    if code in ("SCHULD", "VS", "HB", "PA", "AH"):
        return 5
    return 6 if code in ("BEZWAAR", "KLACHT") else 1


class CaseLog:
    """Collects the steps of all cases; one block per kind of step."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._blocks: list[pl.DataFrame] = []

    def add(
        self, cases: pl.DataFrame, step: str, at: np.ndarray, employee: Ints, team: Ints
    ) -> None:
        """Write ``step`` for every case; ``at`` in seconds since 1970."""
        if cases.height:
            self._blocks.append(
                cases.select("case", "person", "code", "channel").with_columns(
                    pl.lit(step).alias("step"),
                    pl.Series("at", at.astype(np.int64)),
                    pl.Series("employee", employee.astype(np.int64)),
                    pl.Series("team", team.astype(np.int64)),
                )
            )

    def frame(self) -> pl.DataFrame:
        """All steps in order of time: case, person, code, channel, step, at, employee, team."""
        return pl.concat(self._blocks).sort("at", "case", maintain_order=True)


def case_log(take_up: TakeUp, journal: Journal, rng: np.random.Generator) -> pl.DataFrame:
    """The case system's log: services that the municipality decides, and its other cases."""
    log = CaseLog(rng)
    codes = [take_up.ways[name].code for name in take_up.names]
    own = [place for place, name in enumerate(take_up.names) if take_up.ways[name].silo == "cases"]
    asked = journal.read("application").filter(pl.col("service").is_in(own))
    kind = pl.col("service").replace_strict(dict(enumerate(codes)), return_dtype=pl.String)
    asked_by = rng.choice(["web", "balie", "post"], asked.height, p=[0.6, 0.25, 0.15])
    asked = asked.with_columns(
        kind.alias("code"),
        (pl.col("decided") - pl.col("day")).alias("wait"),
        pl.Series("channel", asked_by),
    )
    _converted(log, asked.filter(pl.col("wait") == 0))
    _handled(log, asked.filter(pl.col("wait") > 0), rng)
    _ended(log, journal, codes, own, asked)
    _others(log, journal, take_up.cases, rng)
    return log.frame()


def moment(rng: np.random.Generator, day: np.ndarray) -> np.ndarray:
    """Seconds since 1970 in local office hours; weekends move to Monday."""
    whole = np.floor(day).astype(np.int64)
    weekday = (whole + 3) % 7
    whole = whole + np.where(weekday > 4, 7 - weekday, 0)
    return np.asarray(whole * 86_400 + rng.integers(8 * HOUR, 17 * HOUR, len(whole)))


def _teams(cases: pl.DataFrame) -> Ints:
    kinds = cases["code"].unique().to_list()
    table = {code: team_of(code) for code in kinds}
    return cases["code"].replace_strict(table, return_dtype=pl.Int64).to_numpy()


def _converted(log: CaseLog, cases: pl.DataFrame) -> None:
    """What had been granted before the case system began: one row, converted."""
    team = _teams(cases)
    at = cases["day"].to_numpy() * 86_400 + 12 * HOUR
    log.add(cases, "TOEGEKEND", at, team * STAFF, team)


def _handled(log: CaseLog, cases: pl.DataFrame, rng: np.random.Generator) -> None:
    day, wait = cases["day"].to_numpy(), cases["wait"].to_numpy()
    team, count = _teams(cases), cases.height
    clerk = rng.integers(0, STAFF, count)
    handler = team * STAFF + rng.integers(0, STAFF, count)
    other = team * STAFF + (handler % STAFF + rng.integers(1, STAFF, count)) % STAFF

    def put(step: str, share: float, who: Bools, by: Ints, at_team: Ints) -> None:
        rows = np.flatnonzero(who)
        at = moment(rng, day[rows] + share * wait[rows])
        log.add(cases[rows], step, at, by[rows], at_team[rows])

    every, zero = np.ones(count, np.bool_), np.zeros(count, np.int64)
    spiral = cases["spiral"].to_numpy()
    good, objects = cases["approved"].to_numpy(), cases["objects"].to_numpy()
    more = (rng.random(count) < 0.3) | spiral
    put("AANVRAAG", 0.0, every, clerk, zero)
    put("ONTVANGST", 0.04, wait > 3, clerk, zero)
    put("OVERDRACHT", 0.10, wait > 3, handler, team)
    put("INTAKE", 0.15, wait > 3, handler, team)
    put("INFO_OPVRAGEN", 0.25, more & (wait > 7), handler, team)
    put("AANHOUDEN", 0.27, more & (wait > 14) & (rng.random(count) < 0.4), handler, team)
    turns = np.where(spiral, rng.integers(1, 4, count), 0)
    for turn in range(3):
        going = turns > turn
        start = 0.32 + 0.17 * turn
        put("OVERDRACHT", start, going, other, team)
        put("BEOORDELING", start + 0.04, going, other, team)
        put("INFO_OPVRAGEN", start + 0.07, going & (rng.random(count) < 0.6), other, team)
        put("OVERDRACHT", start + 0.11, going, handler, team)
    put("BEOORDELING", 0.86, wait > 3, handler, team)
    put("TOEGEKEND", 1.0, good, handler, team)
    put("AFGEWEZEN", 1.0, ~good, handler, team)
    _close(log, cases, rng, handler, team)
    legal = 6 * STAFF + rng.integers(0, STAFF, count)
    rows = np.flatnonzero(objects)
    appeal, six = cases[rows], np.full(len(rows), 6)
    decided = day[rows] + wait[rows]
    for step, after in (("BEZWAAR", 20.0), ("HEROPEND", 24.0), ("BEOORDELING", 55.0)):
        log.add(appeal, step, moment(rng, decided + after), legal[rows], six)
    answered = moment(rng, decided + 69.0)
    log.add(appeal, "TOEGEKEND", answered, legal[rows], six)
    log.add(appeal, "AFGESLOTEN", answered + 7 * 86_400, legal[rows], six)


def _close(
    log: CaseLog, cases: pl.DataFrame, rng: np.random.Generator, handler: Ints, team: Ints
) -> None:
    """Close what was decided on; of 6 in 100 nobody records it, as in any case system."""
    closed = np.flatnonzero(rng.random(cases.height) < 0.94)
    end = cases["decided"].to_numpy()[closed]
    at = moment(rng, end + rng.integers(1, 9, len(closed)))
    log.add(cases[closed], "AFGESLOTEN", at, handler[closed], team[closed])
    again = np.flatnonzero(rng.random(len(closed)) < 0.025)
    rows = closed[again]
    back = moment(rng, end[again] + rng.integers(15, 80, len(again)))
    log.add(cases[rows], "HEROPEND", back, handler[rows], team[rows])
    log.add(cases[rows], "AFGESLOTEN", back + 9 * 86_400, handler[rows], team[rows])


def _ended(
    log: CaseLog, journal: Journal, codes: list[str], own: list[int], asked: pl.DataFrame
) -> None:
    ends = journal.read("ending")
    if not ends.height:
        return
    latest = asked.sort("day", maintain_order=True).group_by("person", "service").last()
    ends = (
        ends.filter(pl.col("service").is_in(own))
        .join(latest.select("person", "service", "case", "code"), on=["person", "service"])
        .with_columns(pl.lit("ambtshalve").alias("channel"))
        .sort("day", "person", "service")
    )
    team = _teams(ends)
    log.add(ends, "BEEINDIGD", ends["day"].to_numpy() * 86_400 + 9 * HOUR, team * STAFF, team)


def _others(log: CaseLog, journal: Journal, first: int, rng: np.random.Generator) -> None:
    """Questions, changes of address and complaints."""
    moved = journal.read("vital").filter(pl.col("type") == "moved")
    calls = journal.read("contact")
    for code, rows, share, days in (
        ("ADRES", moved, 0.5, 5.0),
        ("VRAAG", calls, 0.10, 6.0),
        ("KLACHT", calls.filter(pl.col("failed")), 0.05, 34.0),
    ):
        kept = rows.filter(pl.Series(rng.random(rows.height) < share)).select("person", "day")
        count = kept.height
        kept = kept.with_columns(
            pl.Series("case", first + np.arange(count)),
            pl.lit(code).alias("code"),
            pl.Series("channel", rng.choice(["web", "telefoon", "balie"], count)),
        )
        first += count
        team = _teams(kept)
        hand = team * STAFF + rng.integers(0, STAFF, count)
        day = kept["day"].to_numpy() + 0.0
        done = day + days * rng.lognormal(-0.2, 0.6, count)
        opening = "KLACHT" if code == "KLACHT" else "GEOPEND"
        log.add(kept, opening, moment(rng, day), hand, team)
        log.add(kept, "AFGEHANDELD", moment(rng, done), hand, team)
        log.add(kept, "AFGESLOTEN", moment(rng, done + 1), hand, team)
