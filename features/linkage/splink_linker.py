"""Splink on DuckDB: learns the model without labels, and weighs the candidate pairs.

The database is in memory and locked: it may not spill to disk, read or write a file, or load an
extension. Splink and DuckDB are the optional extra ``linkage``, imported when first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from features.errors import VoorzetError
from features.linkage.comparisons import (
    CANDIDATES,
    COMPARISONS,
    LEARN_FROM,
    SURE,
    SURE_FINDS,
    Comparison,
    Level,
)
from features.linkage.model import LinkageModel, smoothed

if TYPE_CHECKING:
    from splink import Linker

FEWEST_SURE = 30
"""With fewer sure pairs than this nothing can be learnt."""
RANDOM_PAIRS = 1_000_000
FLOOR_BITS = -7.0
"""Candidates with a total below this are not kept: a probability below one percent."""

_UNLEARNT = 0.0001
_LOCKED = (
    "temp_directory = ''",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "enable_external_access = false",
    "lock_configuration = true",
)
_SILO, _REGISTER = "a_silo", "b_register"
"""Splink puts the alphabetically first on the left."""


def learn(silo: pl.DataFrame, register: pl.DataFrame, *, seed: int = 1) -> LinkageModel:
    """Learn a model from unlabelled persons, by expectation maximisation.

    The same persons and seed give the same model, in whatever order they come.

    Parameters
    ----------
    silo, register
        Persons as :func:`features.linkage.persons.prepared` makes them.

    Raises
    ------
    VoorzetError
        When the extra is not installed, or there is too little to learn from.
    """
    sure = _equal_in(silo, register, SURE)
    if sure < FEWEST_SURE:
        raise VoorzetError(
            f"{sure} people could be recognised in both, and at least {FEWEST_SURE} are needed to "
            "learn how to link; deliver more people with name and date of birth"
        )
    with _linker(silo, register, None) as linker:
        from splink import block_on

        training = linker.training
        training.estimate_probability_two_random_records_match([block_on(*SURE)], recall=SURE_FINDS)
        training.estimate_u_using_random_sampling(
            max_pairs=RANDOM_PAIRS, seed=seed, min_count_per_level=None
        )
        for rule in LEARN_FROM:
            if _equal_in(silo, register, rule):
                training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        return _learnt(linker.misc.save_model_to_json())


def candidates(silo: pl.DataFrame, register: pl.DataFrame, model: LinkageModel) -> pl.DataFrame:
    """Every candidate pair whose total is at least :data:`FLOOR_BITS`, by alias and citizen.

    Returns ``alias, citizen`` and for each comparison its level (``<comparison>``, null when
    there was nothing to compare) and bits (``<comparison>_bits``).
    """
    if silo.is_empty() or register.is_empty():
        return _pairs(pl.DataFrame())
    with _linker(silo, register, model) as linker:
        found = linker.inference.predict(
            threshold_match_weight=FLOOR_BITS, warning_mode="never"
        ).as_duckdbpyrelation()
        kept = [name for name in found.columns if name.startswith(("gamma_", "mw_"))]
        return _pairs(
            pl.DataFrame(found.select(", ".join(["person_l", "person_r", *kept])).to_arrow_table())
        )


def _equal_in(silo: pl.DataFrame, register: pl.DataFrame, columns: tuple[str, ...]) -> int:
    """How many of the silo have somebody in the register with the same in all ``columns``."""
    others = register.select(columns).drop_nulls()
    return silo.drop_nulls(columns).join(others, on=columns, how="semi").height


@contextmanager
def _linker(
    silo: pl.DataFrame, register: pl.DataFrame, model: LinkageModel | None
) -> Iterator[Linker]:
    try:
        import duckdb
        from splink import DuckDBAPI, Linker
        from splink.internals.exceptions import SplinkException
    except ModuleNotFoundError as fault:
        raise VoorzetError(
            f"linking needs {fault.name}, which is not installed; "
            "install Voorzet with its extra: pip install 'voorzet[linkage]'"
        ) from fault
    # Its own log may quote SQL; what goes wrong is said by us.
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    connection = duckdb.connect(":memory:", config={"threads": 1})  # sums in one order
    try:
        for setting in _LOCKED:
            connection.execute(f"SET {setting}")
        interface = DuckDBAPI(connection)
        tables = [
            interface.register(frame.to_arrow(), dataset_display_name=name)
            for name, frame in ((_SILO, silo), (_REGISTER, register))
        ]
        yield Linker(tables, _settings(model), log_level=logging.CRITICAL)
    except (duckdb.Error, SplinkException) as fault:
        # The message may quote a name or a date of birth.
        told = type(fault).__name__
        raise VoorzetError(
            f"linking could not be finished ({told}); it works in memory alone: "
            "try again with more memory, or fewer silos at once"
        ) from None
    finally:
        connection.close()


def _settings(model: LinkageModel | None) -> Any:
    from splink import SettingsCreator

    return SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(one, model) for one in COMPARISONS],
        blocking_rules_to_generate_predictions=[{"blocking_rule": rule} for rule in CANDIDATES],
        unique_id_column_name="person",
        retain_matching_columns=True,  # or the levels are not told
        retain_intermediate_calculation_columns=True,
        max_iterations=100,
        linker_uid="voorzet",
        probability_two_random_records_match=_UNLEARNT if model is None else model.prior,
    )


def _comparison(one: Comparison, model: LinkageModel | None) -> dict[str, Any]:
    missing = {"sql_condition": one.missing, "label_for_charts": "missing", "is_null_level": True}
    return {
        "output_column_name": one.id,
        "comparison_levels": [missing, *(_level(one, level, model) for level in one.levels)],
    }


def _level(one: Comparison, level: Level, model: LinkageModel | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.id,
        "m_probability": level.agreeing,
    }
    if level.by_frequency:
        said["tf_adjustment_column"] = level.by_frequency
    if model is not None:
        said["m_probability"], said["u_probability"] = model.levels[one.id][level.id]
    return said


def _learnt(settings: dict[str, Any]) -> LinkageModel:
    told = {one["output_column_name"]: one["comparison_levels"] for one in settings["comparisons"]}
    levels = {}
    for one in COMPARISONS:
        seen = {
            level["label_for_charts"]: (level.get("m_probability"), level.get("u_probability"))
            for level in told[one.id]
            if not level.get("is_null_level")
        }
        levels[one.id] = smoothed(seen)
    return LinkageModel(round(settings["probability_two_random_records_match"], 12), levels)


def _pairs(found: pl.DataFrame) -> pl.DataFrame:
    """Splink's numbers by our names: level ids for its gammas, bits rounded to a thousandth."""
    if found.width == 0:
        texts = {one.id: pl.String for one in COMPARISONS}
        bits = {f"{one.id}_bits": pl.Float64 for one in COMPARISONS}
        return pl.DataFrame(schema={"alias": pl.Int64, "citizen": pl.Int64, **texts, **bits})
    return found.select(
        pl.col("person_l").alias("alias"),
        pl.col("person_r").alias("citizen"),
        *(_level_of(one) for one in COMPARISONS),
        *(_bits_of(one, found.columns) for one in COMPARISONS),
    ).sort("alias", "citizen")


def _level_of(one: Comparison) -> pl.Expr:
    """Splink counts the levels from the last, which is 0; -1 is missing."""
    ids = {len(one.levels) - 1 - place: level.id for place, level in enumerate(one.levels)}
    gamma = pl.col(f"gamma_{one.id}").cast(pl.Int64)
    return gamma.replace_strict(ids, default=None, return_dtype=pl.String).alias(one.id)


def _bits_of(one: Comparison, columns: list[str]) -> pl.Expr:
    parts = [name for name in (f"mw_{one.id}", f"mw_tf_adj_{one.id}") if name in columns]
    return pl.sum_horizontal(parts).round(3).cast(pl.Float64).alias(f"{one.id}_bits")
