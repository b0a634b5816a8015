"""Scoring: every head over its own candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.pack import Pack, has_column
from models.bundle import Bundle
from models.errors import MatrixError
from models.heads import Head
from models.matrix import Matrix, Vector

SCORES = pl.Schema(
    {
        "citizen": pl.Int64,
        "service": pl.String,
        "entitled": pl.Float64,  # P(E)
        "unaided": pl.Float64,  # P(E and U)
        "need": pl.Float64,  # max(entitled - unaided, 0); for objective uptake, unaided
        "basis": pl.String,  # rules | model | prior
    }
)

_REFUSED, _UNKNOWN = 0, -1
"""What the rules say, as a number: no; cannot be said."""


def score(
    bundle: Bundle,
    pack: Pack,
    signals: pl.DataFrame,
    verdicts: pl.DataFrame,
    *,
    held: pl.DataFrame | None = None,
    threads: int = 1,
) -> pl.DataFrame:
    """The scores of all candidates: those whose verdict is true or unknown.

    Parameters
    ----------
    signals
        ``citizen`` and the bundle's signals, Float32, in the bundle's order.
    verdicts
        :func:`models.eligibility.verdicts` of the same citizens, in any order.
    held
        A frame with ``citizen`` and ``has_<service>`` columns, such as the frame of facts. Those
        who have a service (and could not get it twice) are then no candidates for it.

    Returns
    -------
    :data:`SCORES`, by service in the pack's order, then in the order of ``signals``.

    Raises
    ------
    MatrixError
        When the signals are not the bundle's, or a citizen has no verdict.
    """
    matrix = bundle.columns.matrix(signals)
    citizens = signals.get_column("citizen")
    rules = _aligned(verdicts, citizens, "verdict")
    having = None if held is None else _aligned(held, citizens, "held service")
    heads = [head for name, head in bundle.heads.items() if name in rules.columns]
    if not heads:
        return SCORES.to_frame()
    names = [head.service for head in heads]
    told = rules.select(pl.col(names).cast(pl.Int8).fill_null(_UNKNOWN)).to_numpy()
    known, candidate = told != _UNKNOWN, (told != _REFUSED) & _open(names, having, pack)
    return _frame(
        citizens,
        [
            _scores(head, matrix, candidate[:, place], known[:, place], threads)
            for place, head in enumerate(heads)
        ],
    )


def score_of_one(
    bundle: Bundle,
    pack: Pack,
    signals: pl.DataFrame,
    verdicts: Mapping[str, bool | None],
    held: Mapping[str, object],
) -> dict[str, tuple[float, float, float, str]]:
    """``entitled``, ``unaided``, ``need`` and ``basis`` of each service that the one citizen of
    ``signals`` is a candidate for: the same as :func:`score`, for the rows of mappings."""
    matrix, found = bundle.columns.matrix(signals), {}
    for name, head in bundle.heads.items():
        if name not in verdicts or verdicts[name] is False:
            continue
        if held.get(has_column(name)) and not pack.services[name].repeatable:
            continue
        known = np.array([verdicts[name] is not None])
        entitled, unaided, need = (float(one[0]) for one in head.score(matrix, known))
        found[name] = (entitled, unaided, need, str(head.basis(matrix, known)[0]))
    return found


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of one head: the rows of its candidates, and a value for each of them."""

    service: str
    rows: NDArray[np.int64]
    entitled: Vector
    unaided: Vector
    need: Vector
    basis: NDArray[np.str_]


def _scores(
    head: Head,
    matrix: Matrix,
    candidate: NDArray[np.bool_],
    known: NDArray[np.bool_],
    threads: int,
) -> _Scored:
    rows = np.flatnonzero(candidate)
    taken = matrix if len(rows) == len(matrix) else matrix[rows]
    entitled, unaided, need = head.score(taken, known[rows], threads=threads)
    return _Scored(head.service, rows, entitled, unaided, need, head.basis(taken, known[rows]))


def _frame(citizens: pl.Series, parts: list[_Scored]) -> pl.DataFrame:
    rows = np.concatenate([part.rows for part in parts])
    lengths = [len(part.rows) for part in parts]
    service = pl.Series([part.service for part in parts], dtype=pl.String)
    return pl.DataFrame(
        {
            "citizen": citizens.gather(rows),
            "service": service.gather(np.repeat(np.arange(len(parts)), lengths)),
            "entitled": np.concatenate([part.entitled for part in parts]),
            "unaided": np.concatenate([part.unaided for part in parts]),
            "need": np.concatenate([part.need for part in parts]),
            "basis": np.concatenate([part.basis for part in parts]),
        },
        schema=SCORES,
    )


def _open(
    services: list[str], held: pl.DataFrame | None, pack: Pack
) -> NDArray[np.bool_] | Literal[True]:
    """Who (row) is open to which of the ``services`` (column): not who has it already."""
    if held is None:
        return True
    there = set(held.columns)
    once = {
        place: has_column(service)
        for place, service in enumerate(services)
        if has_column(service) in there and not pack.services[service].repeatable
    }
    found = np.ones((held.height, len(services)), dtype=bool)
    if once:
        has = held.select(pl.col(list(once.values())).fill_null(value=False)).to_numpy()
        found[:, list(once)] = ~has
    return found


def _aligned(frame: pl.DataFrame, citizens: pl.Series, what: str) -> pl.DataFrame:
    """``frame`` in the order of ``citizens``."""
    if frame.height == len(citizens) and frame.get_column("citizen").equals(citizens):
        return frame
    wanted = citizens.to_frame("citizen")
    joined = wanted.join(frame, on="citizen", how="left", maintain_order="left")
    absent = wanted.join(frame, on="citizen", how="anti").height
    if absent or joined.height != len(citizens):
        raise MatrixError(
            f"{absent} citizens have signals and no {what} row; compute both for the same citizens"
        )
    return joined
