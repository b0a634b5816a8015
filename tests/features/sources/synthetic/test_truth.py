"""The truth behind the silos: published magnitudes, and potential outcomes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from features.sources.synthetic import Magnitudes
from tests.features.sources.synthetic.municipality import Municipality, mean


def _take_up(municipality: Municipality, service: str) -> float:
    """Among entitled spells of at least a year, the share in which it was claimed unaided or
    was already held within the first year.
    """
    spells = pl.read_parquet(municipality.truth / "entitled.parquet").filter(
        pl.col("service") == service,
        pl.col("to_date") - pl.col("from_date") >= pl.duration(days=365),
    )
    claims = pl.read_parquet(municipality.truth / "unaided.parquet").filter(
        pl.col("service") == service, ~pl.col("counterfactual")
    )
    pairs = spells.join(claims, on="bsn", how="left").with_columns(
        used=(pl.col("applied_on") <= pl.col("from_date") + pl.duration(days=365)).fill_null(False)
    )
    return mean(pairs.group_by("bsn", "from_date").agg(pl.col("used").any())["used"])


@pytest.mark.parametrize(
    ("service", "slack"),
    [
        ("kinderbijslag", 0.03),
        ("zorgtoeslag", 0.08),
        ("huurtoeslag", 0.10),
        ("kindgebonden-budget", 0.08),
        ("algemene-bijstand", 0.12),
        ("individuele-inkomenstoeslag", 0.15),
    ],
)
def test_non_take_up_is_near_the_published_rate(
    municipality: Municipality, service: str, slack: float
) -> None:
    published = municipality.pack.services[service].non_take_up
    assert published is not None
    left = 1 - _take_up(municipality, service)
    assert published.low - slack <= left <= published.high + slack


def test_starting_unaided_is_not_the_same_as_being_entitled(municipality: Municipality) -> None:
    response = pl.read_parquet(municipality.truth / "response.parquet")
    assert 0.05 < mean(response["p_unaided"]) < 0.6
    settled = response.filter(pl.col("p_unaided") < 0.12)
    assert 0.02 < mean(settled["p_unaided"]) < 0.06  # 3-6% in nine months


def test_letters_fit_low_need_and_visits_high_need(municipality: Municipality) -> None:
    response = pl.read_parquet(municipality.truth / "response.parquet")
    low = response.filter(pl.col("need") < 0.2)
    high = response.filter(pl.col("need") > 0.5)
    assert mean(low["p_letter"]) > mean(high["p_letter"])
    assert mean(low["p_home_visit"]) < mean(high["p_home_visit"])
    assert response["p_letter"].is_between(0, 0.10).all()
    assert (response["letter"] >= response["unaided"]).all()


def test_arms_are_drawn_evenly_and_alike(municipality: Municipality) -> None:
    drawn = municipality.table("contact/campagnes.csv")
    sizes = drawn.group_by("campagne", "arm").len()
    spread = sizes.group_by("campagne").agg(
        (pl.col("len").max() - pl.col("len").min()).alias("gap")
    )
    assert (spread["gap"] <= 1).all()
    persons = pl.read_parquet(municipality.truth / "persons.parquet")
    ages = (
        drawn.join(persons, on="bsn")
        .group_by("arm")
        .agg(pl.col("birth_date").dt.year().mean().alias("year"), pl.len().alias("n"))
    )
    assert float(np.ptp(ages["year"].to_numpy())) < 4


def test_a_control_gets_nothing(municipality: Municipality) -> None:
    drawn = municipality.table("contact/campagnes.csv").filter(pl.col("arm") == "control")
    sent = municipality.table("contact/uitgaand.tsv", "\t")
    assert drawn.join(sent, on=["campagne", "bsn"], how="semi").is_empty()


def test_spells_of_entitlement_are_whole(municipality: Municipality) -> None:
    spells = pl.read_parquet(municipality.truth / "entitled.parquet")
    assert (spells["from_date"] < spells["to_date"]).all()
    ordered = spells.sort("bsn", "service", "from_date")
    before = pl.col("to_date").shift(1).over("bsn", "service")
    assert ordered.filter(pl.col("from_date") < before).is_empty()


def test_a_magnitude_outside_the_published_range_is_refused() -> None:
    with pytest.raises(ValidationError, match="self_claim_9_months"):
        Magnitudes(self_claim_9_months=0.2)
