"""Eligibility in three values: true, false, or null where facts are missing.

The criteria of a service are SQL expressions, run by Polars' own SQL over the frame of facts at
a date joined with the signals. SQL's three-valued logic does the work: one false criterion makes
*not eligible* whatever else is unknown, and an unknown names the facts that would settle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from features.catalogue import Criterion
from features.domain import FactType
from features.errors import PackError
from features.pack import Pack, has_column, life_event_column
from features.remembered import remembered, row_of
from features.sql import columns_of_sql, names_in

Outcome = Literal["eligible", "not-eligible", "unknown"]

_DTYPES: dict[FactType, type[pl.DataType]] = {
    FactType.NUMBER: pl.Float64,
    FactType.BOOLEAN: pl.Boolean,
    FactType.CATEGORY: pl.String,
    FactType.DATE: pl.Date,
}


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """How one criterion came out for one citizen.

    Parameters
    ----------
    criterion
        The criterion of the catalogue, with its sentences.
    met
        None when it cannot be said.
    missing
        The facts that would have to be known; empty unless ``met`` is None.
    """

    criterion: Criterion
    met: bool | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one citizen and one service, criterion by criterion."""

    service: str
    outcome: Outcome
    criteria: tuple[CriterionResult, ...]
    missing: tuple[str, ...]


def verdicts(facts: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The verdict of every service for every citizen.

    Parameters
    ----------
    facts
        The frame of :func:`features.facts_at.facts_at`, with the signals joined to it when
        criteria ask for them. A declared name without a column counts as unknown.

    Returns
    -------
    ``citizen`` and one Boolean column per service, in the pack's order; null is unknown. A
    service without criteria is open to everyone.
    """
    return concluded(criteria_results(facts, pack), pack)


def verdicts_of_one(facts: pl.DataFrame, pack: Pack) -> dict[str, bool | None]:
    """The same for the one citizen of ``facts``, by service; null is None."""
    results = row_of(_results_of_one(facts, pack))
    return {
        name: _all_met([results[criterion_column(name, one)] for one in service.criteria])
        for name, service in pack.services.items()
    }


def _all_met(results: list[bool | None]) -> bool | None:
    """Whether all are met; None where none is not met and not all can be said."""
    if False in results:
        return False
    return None if None in results else True


def concluded(results: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The verdicts that follow from :func:`criteria_results`."""
    return results.select(
        "citizen",
        *(
            _conjunction(
                [pl.col(criterion_column(name, criterion)) for criterion in service.criteria]
            ).alias(name)
            for name, service in pack.services.items()
        ),
    )


def criteria_results(
    facts: pl.DataFrame, pack: Pack, services: Iterable[str] | None = None
) -> pl.DataFrame:
    """``citizen`` and one Boolean column per criterion, named ``service/criterion``.

    Parameters
    ----------
    services
        Only these; the whole catalogue when not given.

    Raises
    ------
    PackError
        When a criterion does not run; a loaded pack has none.
    """
    asked = {
        criterion_column(name, criterion): criterion.sql
        for name in (pack.services if services is None else services)
        for criterion in pack.services[name].criteria
    }
    try:
        found = columns_of_sql(_read_by(facts, asked.values(), pack), asked)
    except pl.exceptions.PolarsError as fault:
        raise PackError("services.yaml", ", ".join(asked), str(fault)) from fault
    columns = [
        column if column.dtype == pl.Boolean else column.cast(pl.Boolean)
        for column in found.get_columns()
    ]
    return pl.DataFrame([facts.get_column("citizen"), *columns])


@remembered(8)
def _results_of_one(facts_row: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The results for one citizen, worked out once for the verdicts and for every card."""
    return criteria_results(facts_row, pack)


def criterion_column(service: str, criterion: Criterion) -> str:
    """The name of a criterion's column in :func:`criteria_results`."""
    return f"{service}/{criterion.id}"


def explain(facts_row: pl.DataFrame, service: str, pack: Pack) -> Verdict:
    """The verdict of one service for one citizen, criterion by criterion.

    Parameters
    ----------
    facts_row
        One row of the frame that :func:`verdicts` takes.

    Raises
    ------
    ValueError
        When the frame does not hold exactly one row.
    """
    if facts_row.height != 1:
        raise ValueError(f"explain takes one citizen's row, not {facts_row.height}")
    met = row_of(_results_of_one(facts_row, pack))
    known = row_of(facts_row)
    results = tuple(
        _criterion_result(criterion, met[criterion_column(service, criterion)], known, pack)
        for criterion in pack.services[service].criteria
    )
    outcome = _outcome([result.met for result in results])
    missing = dict.fromkeys(name for result in results for name in result.missing)
    return Verdict(
        service=service,
        outcome=outcome,
        criteria=results,
        missing=tuple(missing) if outcome == "unknown" else (),
    )


def missing_facts(name: str, known: dict[str, object], pack: Pack) -> tuple[str, ...]:
    """The facts behind an unknown ``name`` that one could ask for.

    A derived fact is followed to the facts it is computed from; a fact over relations is asked
    for by its own name.
    """
    derived = pack.domain.derived.get(name)
    if derived is None or derived.relatives is not None:
        return (name,)
    parents = [parent for parent in (derived.years_since, derived.days_until) if parent]
    if derived.sql is not None:
        parents = list(names_in(derived.sql))
    unknown = [parent for parent in parents if known.get(parent) is None]
    found = [leaf for parent in unknown for leaf in missing_facts(parent, known, pack)]
    return tuple(dict.fromkeys(found)) or (name,)


def _criterion_result(
    criterion: Criterion, met: bool | None, known: dict[str, object], pack: Pack
) -> CriterionResult:
    if met is not None:
        return CriterionResult(criterion, met)
    missing = [
        leaf
        for root in names_in(criterion.sql)
        if known.get(root) is None
        for leaf in missing_facts(root, known, pack)
    ]
    return CriterionResult(criterion, None, tuple(dict.fromkeys(missing)))


def _outcome(met: list[bool | None]) -> Outcome:
    if any(one is False for one in met):
        return "not-eligible"
    if any(one is None for one in met):
        return "unknown"
    return "eligible"


def _conjunction(conditions: list[pl.Expr]) -> pl.Expr:
    if not conditions:
        return pl.repeat(True, pl.len(), dtype=pl.Boolean)
    return pl.all_horizontal(conditions)


def _read_by(facts: pl.DataFrame, criteria: Iterable[str], pack: Pack) -> pl.DataFrame:
    """The columns that criteria read, null where ``facts`` lacks one, and the citizen."""
    asked = dict.fromkeys(name for sql in criteria for name in names_in(sql))
    there = set(facts.columns)
    columns = [
        facts.get_column(name)
        if name in there
        else pl.Series(name, [None], dtype=_dtype(name, pack)).new_from_index(0, facts.height)
        for name in asked
        if name != "citizen"
    ]
    return pl.DataFrame([facts.get_column("citizen"), *columns])


def _dtype(name: str, pack: Pack) -> type[pl.DataType]:
    declared = pack.domain.facts.get(name) or pack.domain.derived.get(name)
    if declared is not None:
        return _DTYPES[declared.type]
    if name in {has_column(service) for service in pack.services}:
        return pl.Boolean
    if name in {life_event_column(event) for event in pack.life_events}:
        return pl.Float64
    return pl.Float32
