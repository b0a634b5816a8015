"""What would change the answer: the smallest change of one fact that turns a verdict or a rank.

Only facts are tried that nobody is asked to be different in who they are: free ones that are not
known, and those that the pack calls *actionable*. A protected or criterion-only fact is never
tried, and neither is one that only tells how old someone is. One fact at a time: a change that
takes two together is not found. Of a rank, the model's signal of the fact itself is changed and
the signals of its history are left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from features.derived import DTYPES, in_order, rests_on
from features.domain import Fact, FactType, Sensitivity
from features.pack import Pack
from features.remembered import remembered, row_of
from features.sql import columns_of_sql, names_in
from models.bundle import Bundle
from models.choosing import Choice
from models.eligibility import criteria_results
from models.matrix import Vector

Value = str | bool | float
Bound = Literal["is", "from", "above", "below", "up-to"]
Effect = Literal["fits", "does-not-fit", "ranks-higher", "ranks-lower"]
Judged = Callable[[Sequence[Value]], list[bool | None]]
Change = tuple[Bound, tuple[Value, ...]]
MOST_FACTS = 3
"""Facts that are tried for one service, those of unknown criteria first."""
GRID = np.concatenate([[0.0], np.geomspace(1, 1e6, 47)])
CENT = 0.01
FINER = 321
ROUNDS = 3
SHARES = (0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0)
"""A known amount is tried at these times its height where a rank is asked for."""


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """One change that turns the answer.

    Parameters
    ----------
    known
        Whether the fact has a value now.
    bound, values
        ``is`` one of the values (of a category or boolean); otherwise from, above, below or up to
        the one number.
    effect
        What becomes of the service then.
    """

    service: str
    fact: str
    known: bool
    bound: Bound
    values: tuple[Value, ...]
    effect: Effect


def turning_points(choice: Choice, pack: Pack, bundle: Bundle, service: str) -> list[TurningPoint]:
    """What would change the answer about ``service``: of each fact at most one change for the
    verdict, and one for the rank where no verdict turns.

    The facts that are not known come first, then by how many other values would leave it as it is.
    """
    facts = facts_to_try(choice.facts, pack, service)
    row = _asked(choice.facts, pack, service) if facts else choice.facts
    turned = [found for name in facts if (found := turn_of_verdict(row, pack, service, name))]
    moved = [] if turned else _of_rank(choice, pack, bundle, service)
    return sorted(turned, key=lambda one: one.known) + moved


def _asked(row: pl.DataFrame, pack: Pack, service: str) -> pl.DataFrame:
    """``row`` with what the criteria of ``service`` rest on alone, for it is tried often."""
    names = {
        root for criterion in pack.services[service].criteria for root in names_in(criterion.sql)
    }
    for name in reversed(in_order(pack)):
        if name in names:
            names |= rests_on(pack.domain.derived[name])
    return row.select("citizen", *(name for name in row.columns if name in names - {"citizen"}))


def facts_to_try(row: pl.DataFrame, pack: Pack, service: str) -> list[str]:
    """The facts behind the criteria of ``service`` that may be tried for the citizen of ``row``."""
    behind = dict.fromkeys(
        leaf
        for criterion in pack.services[service].criteria
        for root in names_in(criterion.sql)
        for leaf in _leaves(root, pack)
    )
    held = row_of(row)
    found = [name for name in behind if name in held and _may_try(pack, held, name)]
    found.sort(key=lambda name: held[name] is not None)
    return found[:MOST_FACTS]


def _may_try(pack: Pack, held: dict[str, Any], name: str) -> bool:
    fact = pack.domain.facts.get(name)
    if fact is None or fact.sensitivity is not Sensitivity.FREE or fact.type is FactType.DATE:
        return False
    return fact.actionable or held[name] is None


def _leaves(name: str, pack: Pack) -> Iterator[str]:
    """The told facts that ``name`` is worked out from by SQL; ages and relatives are no leaves."""
    derived = pack.domain.derived.get(name)
    if derived is None:
        yield name
    elif derived.sql is not None:
        for part in names_in(derived.sql):
            yield from _leaves(part, pack)


def turn_of_verdict(row: pl.DataFrame, pack: Pack, service: str, name: str) -> TurningPoint | None:
    """The nearest change of ``name`` that makes another verdict certain."""
    now = _verdicts(row, pack, service)[0]
    held = row[name].item()

    def judged(values: Sequence[Value]) -> list[bool | None]:
        return _verdicts(_with(row, pack, name, values), pack, service)

    fact = pack.domain.facts[name]
    wanted: list[tuple[Effect, bool]] = [("fits", True)] if now is not True else []
    if now is not False:
        wanted.insert(0, ("does-not-fit", False))
    likely = _likely(row, pack, service)
    for effect, verdict in wanted:
        if fact.type is FactType.NUMBER:
            found = _border(judged, verdict, held, likely)
        else:
            found = _values(judged, verdict, fact, held)
        if found is not None:
            return TurningPoint(service, name, held is not None, *found, effect)
    return None


def _values(judged: Judged, verdict: bool, fact: Fact, held: Value | None) -> Change | None:
    """The other values of a category or boolean that would give ``verdict``; of one that is not
    known, only when some values would and others not."""
    every: tuple[Value, ...] = (True, False) if fact.type is FactType.BOOLEAN else fact.categories
    others = [one for one in every if one != held]
    giving = [one for one, after in zip(others, judged(others), strict=True) if after is verdict]
    if not giving or (held is None and len(giving) == len(others)):
        return None
    return "is", tuple(giving)


def _likely(row: pl.DataFrame, pack: Pack, service: str) -> Vector:
    """The numbers that a border mostly is: amounts in force, and those in the criteria."""
    written = " ".join(criterion.sql for criterion in pack.services[service].criteria)
    told = row.select(cs.numeric().exclude("citizen")).row(0)
    numbers = {float(one) for one in told if one is not None}
    return np.array(sorted(numbers | {float(one) for one in re.findall(r"[0-9.]*[0-9]", written)}))


def _border(judged: Judged, verdict: bool, held: float | None, likely: Vector) -> Change | None:
    """Where a number begins to give ``verdict``: the border nearest to what is held, and of an
    unknown number the lowest. Mostly it is one of the ``likely`` numbers; else it is closed in."""

    def gives(numbers: Vector) -> NDArray[np.bool_]:
        return np.array([after is verdict for after in judged(numbers.tolist())], dtype=bool)

    grid = GRID if held is None else np.unique(np.append(GRID, float(held)))
    inside = gives(grid)
    borders = np.flatnonzero(inside[1:] != inside[:-1])
    if not len(borders):
        return None
    place = int(borders[np.argmin(np.abs(grid[borders] - float(held or 0.0)))])
    low, high, rising = float(grid[place]), float(grid[place + 1]), bool(inside[place + 1])
    near = likely[(likely >= low) & (likely <= high)]
    there = near
    if len(near):
        sides = gives(np.concatenate([near - CENT, near + CENT])).reshape(2, -1)
        there = near[sides[0] != sides[1]]
    for _ in range(0 if len(there) else ROUNDS):
        finer = np.linspace(low, high, FINER)
        step = int(np.argmax(gives(finer) == rising))
        low, high = float(finer[step - 1]), float(finer[step])
    border = round(float(there[0]) if len(there) else high, 2)
    if gives(np.array([border]))[0]:
        return ("from" if rising else "up-to"), (border,)
    return ("above" if rising else "below"), (border,)


def _with(row: pl.DataFrame, pack: Pack, name: str, values: Sequence[Value]) -> pl.DataFrame:
    """``row`` once for each value of ``name``, with what is worked out from it by SQL."""
    frame = pl.concat([row] * len(values))
    frame = frame.with_columns(pl.Series(name, values, dtype=row.schema[name]))
    changed = {name}
    for derived in in_order(pack):
        one = pack.domain.derived[derived]
        if one.sql is not None and rests_on(one) & changed and derived in frame.columns:
            worked_out = columns_of_sql(frame, {derived: one.sql})[derived]
            frame = frame.with_columns(worked_out.cast(DTYPES[one.type]))
            changed.add(derived)
    return frame


def _verdicts(frame: pl.DataFrame, pack: Pack, service: str) -> list[bool | None]:
    """The verdict of each row: every criterion true, one false, or not known."""
    results = criteria_results(frame, pack, [service]).drop("citizen")
    if not results.width:
        return [True] * frame.height
    return results.select(pl.all_horizontal(pl.all())).to_series().to_list()


def _of_rank(choice: Choice, pack: Pack, bundle: Bundle, service: str) -> list[TurningPoint]:
    """The nearest change of an actionable fact that moves the rank among what passed the gates."""
    placed = _placed(choice.candidates)
    mine = placed[service]
    head = bundle.heads.get(service)
    if head is None or mine["rank"] is None or not mine["need"]:
        return []
    others = np.array(
        [
            one["priority"]
            for name, one in placed.items()
            if one["rank"] is not None and one["kind"] == mine["kind"] and name != service
        ],
        dtype=np.float64,
    )
    names = bundle.columns.names
    row = bundle.columns.matrix(choice.signals)
    known = np.array([mine["eligible"] is not None])
    for name, fact in pack.facts(Sensitivity.FREE).items():
        column = f"fact_{name}"
        if not fact.actionable or column not in names:
            continue
        place = names.index(column)
        tried = _nearby(fact, float(row[0, place]))
        if not len(tried):
            continue
        rows = np.repeat(row, len(tried), axis=0)
        rows[:, place] = [number for number, _ in tried]
        _, _, need = head.score(rows, np.repeat(known, len(tried)))
        priority = mine["priority"] * need / mine["need"]
        ranks = 1 + (others[None, :] > priority[:, None]).sum(axis=1)
        moved = _first_move(ranks, int(mine["rank"]), others, float(mine["priority"]))
        if moved is not None:
            effect: Effect = "ranks-higher" if ranks[moved] < mine["rank"] else "ranks-lower"
            held = not np.isnan(row[0, place])
            return [TurningPoint(service, name, held, "is", (tried[moved][1],), effect)]
    return []


@remembered(8)
def _placed(candidates: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of one citizen's candidates, by service."""
    return {row["service"]: row for row in candidates.iter_rows(named=True)}


def _first_move(ranks: np.ndarray, rank: int, others: Vector, priority: float) -> int | None:
    """The first value tried that changes the rank beyond what ties leave open."""
    lowest = 1 + int((others > priority).sum())
    highest = 1 + int((others >= priority).sum())
    moved = np.flatnonzero((ranks < min(rank, lowest)) | (ranks > max(rank, highest)))
    return int(moved[0]) if len(moved) else None


def _nearby(fact: Fact, held: float) -> list[tuple[float, Value]]:
    """Other values of a fact as the signal holds them and as people do, the nearest first."""
    if fact.type is FactType.CATEGORY:
        return [(float(n), one) for n, one in enumerate(fact.categories) if n != held]
    if fact.type is FactType.BOOLEAN:
        return [(float(one), one) for one in (True, False) if float(one) != held]
    if fact.type is FactType.DATE or np.isnan(held):
        return []
    shares = sorted(SHARES, key=lambda share: abs(share - 1))
    return [(round(held * share, 2),) * 2 for share in shares if held]
