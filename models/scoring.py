"""Scoring: every head over its own candidates."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.pack import Pack, has_column
from models.bundle import Bundle
from models.errors import MatrixError
from models.heads import Head
from models.matrix import Matrix

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
    parts = [
        _scores(
            head,
            matrix,
            citizens,
            rules.get_column(service),
            _open(service, having, pack),
            threads,
        )
        for service, head in bundle.heads.items()
        if service in rules.columns
    ]
    return pl.concat(parts) if parts else SCORES.to_frame()


def _scores(
    head: Head,
    matrix: Matrix,
    citizens: pl.Series,
    verdict: pl.Series,
    open_to: NDArray[np.bool_] | None,
    threads: int,
) -> pl.DataFrame:
    candidate = verdict.fill_null(True).to_numpy()
    if open_to is not None:
        candidate = candidate & open_to
    rows = np.flatnonzero(candidate)
    known = verdict.is_not_null().to_numpy()[rows]
    taken = matrix if len(rows) == len(matrix) else matrix[rows]
    entitled, unaided, need = head.score(taken, known, threads=threads)
    return pl.DataFrame(
        {
            "citizen": citizens.gather(rows),
            "service": pl.repeat(head.service, len(rows), eager=True, dtype=pl.String),
            "entitled": entitled,
            "unaided": unaided,
            "need": need,
            "basis": head.basis(known),
        },
        schema=SCORES,
    )


def _open(service: str, held: pl.DataFrame | None, pack: Pack) -> NDArray[np.bool_] | None:
    if held is None or pack.services[service].repeatable:
        return None
    name = has_column(service)
    if name not in held.columns:
        return None
    return ~held.get_column(name).fill_null(False).to_numpy()


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
