"""What every head promises, tried on real heads: trees, shared bins, priors, a whole bundle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.catalogue import Objective
from features.pack import Pack
from models.bundle import Bundle
from models.calibration import Calibration
from models.errors import BundleError, MatrixError
from models.fitting import Settings, SharedBins
from models.heads import Head, Prior, Trees
from models.matrix import Columns
from models.scoring import SCORES, score
from tests.models.town import town_pack

COLUMNS = Columns(("income", "age", "tenure", "visits"), frozenset({"tenure"}))
SETTINGS = Settings(rounds=40, min_leaf=10)


def _matrix(rows: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(rows, 4)).astype(np.float32)
    matrix[:, 2] = random.integers(0, 4, rows)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    return matrix


def _labels(matrix: np.ndarray) -> np.ndarray:
    filled = np.nan_to_num(matrix)
    chance = 1 / (1 + np.exp(-(2 * filled[:, 0] + (filled[:, 2] == 2) - 1)))
    drawn = np.random.default_rng(9).random(len(matrix))
    return np.asarray(drawn < chance, dtype=np.float64)


def _text(
    threads: int, *, allowed: list[int] | None = None, monotone: list[int] | None = None
) -> str:
    matrix = _matrix(3_000)
    bins = SharedBins(matrix, 2_000, COLUMNS, replace(SETTINGS, threads=threads))
    labels, ones = _labels(matrix), np.ones(len(matrix))
    fit, stop = np.arange(2_000), np.arange(2_000, 3_000)
    return bins.fit(
        "allowance/unaided",
        (fit, labels[fit], ones[fit]),
        (stop, labels[stop], ones[stop]),
        allowed=allowed,
        monotone=monotone,
    )


@pytest.fixture(scope="module")
def pack() -> Pack:
    return town_pack()


@pytest.fixture(scope="module")
def bundle(pack: Pack) -> Bundle:
    trees = Trees(_text(2), Calibration("beta", (0.9, 1.1, 0.05), shift=-0.3))
    isotonic = Calibration("isotonic", knots=((0.1, 0.0), (0.4, 0.35), (0.9, 1.0)))
    return Bundle(
        pack="town",
        pack_checksum=pack.checksum,
        trained_at=datetime(2025, 1, 1, tzinfo=UTC),
        columns=COLUMNS,
        heads={
            "allowance": Head("allowance", Objective.UNMET_NEED, 90, "granted", trees, trees),
            "pass": Head(
                "pass", Objective.UPTAKE, 90, "granted", replace(trees, calibration=isotonic)
            ),
            "rare": Head(
                "rare", Objective.UNMET_NEED, 90, "applied", Prior(0.1, 0.05), Prior(1.0, 0.4)
            ),
        },
        metrics={"auc": None},
        training={"seed": 1},
    )


@pytest.fixture(scope="module")
def signals() -> pl.DataFrame:
    frame = pl.DataFrame(_matrix(400, seed=3), schema=dict.fromkeys(COLUMNS.names, pl.Float32))
    citizen = pl.Series("citizen", np.arange(-200, 200), pl.Int64)
    return frame.fill_nan(None).insert_column(0, citizen)


@pytest.fixture(scope="module")
def verdicts(signals: pl.DataFrame) -> pl.DataFrame:
    random = np.random.default_rng(5)
    choice = [True, False, None]
    return signals.select("citizen").with_columns(
        pl.Series(name, [choice[place] for place in random.integers(0, 3, signals.height)])
        for name in ("allowance", "pass", "rare")
    )


def test_the_same_seed_gives_the_same_trees_on_any_number_of_threads() -> None:
    assert _text(1) == _text(1) == _text(2)


def test_signals_outside_the_purpose_make_no_split() -> None:
    importance = Trees(_text(1, allowed=[1, 2])).booster.feature_importance()
    assert importance[0] == importance[3] == 0
    assert importance[2] > 0


def test_a_monotone_signal_never_turns_the_other_way() -> None:
    trees = Trees(_text(1, monotone=[1, 0, 0, 0]))
    rows = np.repeat(_matrix(50, seed=8), 40, axis=0)
    rows[:, 0] = np.tile(np.linspace(-3, 3, 40, dtype=np.float32), 50)
    assert (np.diff(trees.raw(rows).reshape(50, 40), axis=1) >= 0).all()


def test_scores_are_probabilities(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    found = score(bundle, pack, signals, verdicts)
    assert found.schema == SCORES
    for column in ("entitled", "unaided", "need"):
        assert found[column].is_between(0, 1).all(), column
    assert (found["unaided"] <= found["entitled"]).all()


def test_only_candidates_are_scored(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    found = score(bundle, pack, signals, verdicts)
    wanted = sum(int((verdicts[name].fill_null(value=True)).sum()) for name in pack.services)
    assert found.height == wanted
    held = signals.select("citizen", (pl.col("citizen") > 0).alias("has_allowance"))
    without = score(bundle, pack, signals, verdicts, held=held)
    assert (without.filter(pl.col("service") == "allowance")["citizen"] <= 0).all()


def test_each_score_says_what_it_rests_on(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    found = score(bundle, pack, signals, verdicts)
    basis = found.group_by("service").agg(pl.col("basis").unique().sort()).sort("service")
    assert basis["basis"].to_list() == [["model"], ["model"], ["prior", "rules"]]


def test_scores_do_not_depend_on_row_order_threads_or_company(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    key = ["service", "citizen"]
    whole = score(bundle, pack, signals, verdicts).sort(key)
    turned = score(bundle, pack, signals.reverse(), verdicts, threads=2).sort(key)
    assert whole.equals(turned)
    one = score(bundle, pack, signals[7:8], verdicts[7:8]).sort(key)
    assert one.equals(whole.filter(pl.col("citizen") == signals["citizen"][7]))


def test_columns_out_of_order_are_refused(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    turned = signals.select("citizen", *reversed(COLUMNS.names))
    with pytest.raises(MatrixError, match="another order"):
        score(bundle, pack, turned, verdicts)


@pytest.mark.parametrize("column", COLUMNS.names)
def test_a_missing_or_superfluous_signal_is_named(
    column: str, bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    with pytest.raises(MatrixError, match=column):
        score(bundle, pack, signals.drop(column), verdicts)
    with pytest.raises(MatrixError, match="shoe_size"):
        score(bundle, pack, signals.with_columns(shoe_size=pl.lit(1.0)), verdicts)


@pytest.mark.parametrize("dtype", [pl.Float64, pl.String, pl.Int64])
def test_a_signal_of_another_type_is_refused_before_lightgbm_sees_it(
    dtype: pl.DataType,
    bundle: Bundle,
    pack: Pack,
    signals: pl.DataFrame,
    verdicts: pl.DataFrame,
) -> None:
    wrong = signals.with_columns(pl.col("age").cast(dtype, strict=False))
    with pytest.raises(MatrixError, match="age is"):
        score(bundle, pack, wrong, verdicts)


def test_unknown_is_harmless_and_not_zero(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    nothing = signals.with_columns(pl.lit(None, dtype=pl.Float32).alias(n) for n in COLUMNS.names)
    zero = signals.with_columns(pl.lit(0.0, dtype=pl.Float32).alias(n) for n in COLUMNS.names)
    unknown = score(bundle, pack, nothing, verdicts)
    assert unknown["need"].is_not_nan().all()
    assert not unknown["unaided"].equals(score(bundle, pack, zero, verdicts)["unaided"])


def test_nobody_gives_no_scores(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    found = score(bundle, pack, signals.clear(), verdicts.clear())
    assert found.is_empty()
    assert found.schema == SCORES


def test_a_citizen_without_a_verdict_is_refused(
    bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    with pytest.raises(MatrixError, match="1 citizens"):
        score(bundle, pack, signals, verdicts[1:])


def test_a_bundle_written_and_read_gives_the_same_bits(
    tmp_path: Path, bundle: Bundle, pack: Pack, signals: pl.DataFrame, verdicts: pl.DataFrame
) -> None:
    read = Bundle.load(bundle.write(tmp_path / "one"))
    assert read.version == bundle.version
    assert read.heads == bundle.heads
    assert score(read, pack, signals, verdicts).equals(score(bundle, pack, signals, verdicts))


def test_a_bundle_is_written_whole_or_not_at_all(tmp_path: Path, bundle: Bundle) -> None:
    folder = bundle.write(tmp_path / "one")
    assert bundle.write(folder) == folder
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    other = replace(bundle, pack_checksum="other")
    with pytest.raises(BundleError, match="another bundle"):
        other.write(folder)


@pytest.mark.parametrize(
    "file", ["heads/allowance.unaided.txt", "heads/rare.json", "evaluation.json"]
)
def test_a_changed_or_missing_file_is_found(tmp_path: Path, bundle: Bundle, file: str) -> None:
    folder = bundle.write(tmp_path / "one")
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content.replace(b"0", b"1", 1) + b" ")
    with pytest.raises(BundleError, match=file):
        Bundle.load(folder)
    (folder / file).unlink()
    with pytest.raises(BundleError, match="incomplete"):
        Bundle.load(folder)
