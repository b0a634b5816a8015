"""Adults drawn by lot and checked: blind, nearly right, late, and of no influence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from features.pack import Pack
from features.sources.synthetic import Magnitudes, simulate
from tests.features.sources.synthetic.municipality import Municipality, mean


@pytest.fixture(scope="module")
def checks(municipality: Municipality) -> pl.DataFrame:
    """The rows that are undamaged, with the truth of the month."""
    found = municipality.table("checks/steekproef-*.csv", ";").with_columns(
        day=pl.col("onderzocht_op").str.to_date("%d-%m-%Y", strict=False),
        noted=pl.col("vastgelegd_op").str.to_date("%d-%m-%Y", strict=False),
    )
    return found.filter(pl.col("day") <= pl.col("noted")).unique("nummer")


def test_about_one_adult_in_fifty_is_drawn_a_year_and_most_are_reached(
    municipality: Municipality, checks: pl.DataFrame
) -> None:
    persons = pl.read_parquet(municipality.truth / "persons.parquet")
    adults = persons.filter(pl.col("birth_date").dt.year() <= 2004).height
    share = checks["bsn"].n_unique() / adults / 4
    assert 0.008 < share < 0.02


def test_the_lot_does_not_look_at_who_needs_something(
    municipality: Municipality, checks: pl.DataFrame
) -> None:
    """People with an unmet need are drawn as often as others, but that the shy are reached less."""
    persons = pl.read_parquet(municipality.truth / "persons.parquet").filter(
        pl.col("birth_date").dt.year() <= 2000
    )
    response = pl.read_parquet(municipality.truth / "response.parquet")
    drawn = persons.with_columns(
        needy=pl.col("bsn").is_in(response["bsn"].unique().implode()),
        drawn=pl.col("bsn").is_in(checks["bsn"].unique().implode()),
    )
    ratio = mean(drawn.filter("needy")["drawn"]) / mean(drawn.filter(~pl.col("needy"))["drawn"])
    assert 0.6 < ratio < 1.6


def test_what_a_check_finds_is_nearly_always_the_truth(
    municipality: Municipality, checks: pl.DataFrame
) -> None:
    entitled = pl.read_parquet(municipality.truth / "entitled.parquet").filter(
        pl.col("service") == "stadspas"
    )
    asked = checks.filter(pl.col("regeling") == "PAS", pl.col("recht").is_in(["J", "N"]))
    month = pl.col("day").dt.truncate("1mo")
    held = (
        asked.join(entitled, on="bsn")
        .filter(pl.col("from_date") <= month, pl.col("to_date") > month)["nummer"]
        .implode()
    )
    right = asked.filter((pl.col("recht") == "J") == pl.col("nummer").is_in(held))
    assert asked.height > 100
    assert right.height / asked.height > 0.97
    assert 0.02 < mean(asked["recht"] == "J") < 0.5


def test_checks_change_nothing_else(gemeente_pack: Pack, tmp_path: Path) -> None:
    for name, share in (("none", 0.0), ("many", 0.5)):
        simulate(
            gemeente_pack, tmp_path / name / "silos", tmp_path / name / "truth", citizens=150,
            years=1, seed=3, magnitudes=Magnitudes(checked_a_year=share),
        )  # fmt: skip

    def written(name: str) -> dict[str, bytes]:
        root = tmp_path / name
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.parent.name != "checks"
        }

    assert written("none") == written("many")
    assert not any((tmp_path / "none" / "silos" / "checks").iterdir())
    assert any((tmp_path / "many" / "silos" / "checks").iterdir())
