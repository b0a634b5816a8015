"""The share of the entitled among those whom the rules cannot judge, read off the rules.

Where facts are missing, those with the same facts known tell how often a criterion is met. That
share holds for the population, which decisions on applications do not: who applies is more often
entitled than who does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from features.catalogue import Service
from models.eligibility import criterion_column

BELIEF = 2.0
"""A criterion that was never seen counts as met half of the time, by so many people's worth."""


@dataclass(frozen=True, slots=True)
class Share:
    """An expected share among ``people`` whom the rules cannot judge."""

    expected: float
    people: int


def expected_share(results: pl.DataFrame, name: str, service: Service) -> Share:
    """The expected share of entitled among the unknown.

    A criterion's rate is taken among those who fail no other criterion; the rates of the criteria
    that are unknown for a person are multiplied, as if they were independent.

    Parameters
    ----------
    results
        :func:`models.eligibility.criteria_results` of the citizens concerned.
    """
    columns = [criterion_column(name, criterion) for criterion in service.criteria]
    if not columns:
        return Share(1.0, 0)
    fails = {column: (~pl.col(column)).fill_null(value=False) for column in columns}
    rates = {
        column: _rate(
            results.filter(_none([fails[other] for other in columns if other != column])), column
        )
        for column in columns
    }
    open_to = results.filter(
        _none(list(fails.values())),
        pl.any_horizontal(pl.col(column).is_null() for column in columns),
    )
    if open_to.is_empty():
        return Share(1.0, 0)
    chance = pl.lit(1.0)
    for column in columns:
        chance = chance * pl.when(pl.col(column).is_null()).then(rates[column]).otherwise(1.0)
    return Share(float(open_to.select(chance.mean()).item()), open_to.height)


def pooled(shares: list[Share]) -> float | None:
    """The mean over several dates, by people; None when there was nobody."""
    people = sum(share.people for share in shares)
    if not people:
        return None
    return sum(share.expected * share.people for share in shares) / people


def _rate(among: pl.DataFrame, column: str) -> float:
    known = among.get_column(column).drop_nulls()
    return (float(known.sum()) + BELIEF / 2) / (len(known) + BELIEF)


def _none(conditions: list[pl.Expr]) -> pl.Expr:
    return ~pl.any_horizontal(conditions) if conditions else pl.lit(value=True)
