"""The share of the entitled among those whom the rules cannot judge, read off the rules.

Where facts are missing, those with the same facts known tell how often a criterion is met. That is
right as far as a fact is known for reasons that have nothing to do with its value. A fact that only
an application form tells is known of applicants, and they meet the criterion nearly always: so the
share of people of whom it is told goes with the rate, and where that is small
(:data:`models.anchors.ENOUGH`) the rate is a ceiling and no estimate.
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
    """An expected share among ``people`` whom the rules cannot judge.

    Parameters
    ----------
    told
        Of how large a share of people the criterion is known that is known least, among those that
        are unknown here; the mean over ``people``.
    """

    expected: float
    people: int
    told: float = 1.0


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
    chance, least = pl.lit(1.0), pl.lit(1.0)
    for column in columns:
        missing = pl.col(column).is_null()
        rate, told = rates[column]
        chance = chance * pl.when(missing).then(rate).otherwise(1.0)
        least = pl.min_horizontal(least, pl.when(missing).then(told).otherwise(1.0))
    mean, known = open_to.select(chance.mean().alias("mean"), least.mean().alias("told")).row(0)
    return Share(float(mean), open_to.height, float(known))


def pooled(shares: list[Share]) -> Share | None:
    """The mean over several dates, by people; None when there was nobody."""
    people = sum(share.people for share in shares)
    if not people:
        return None
    return Share(
        sum(share.expected * share.people for share in shares) / people,
        people,
        sum(share.told * share.people for share in shares) / people,
    )


def _rate(among: pl.DataFrame, column: str) -> tuple[float, float]:
    """How often the criterion is met where it is known, and how often it is known."""
    known = among.get_column(column).drop_nulls()
    rate = (float(known.sum()) + BELIEF / 2) / (len(known) + BELIEF)
    return rate, len(known) / max(among.height, 1)


def _none(conditions: list[pl.Expr]) -> pl.Expr:
    return ~pl.any_horizontal(conditions) if conditions else pl.lit(value=True)
