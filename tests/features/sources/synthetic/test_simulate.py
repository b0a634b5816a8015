"""The synthetic municipality: repeatable, in each silo's shape, with the stated faults."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl

from features.pack import Pack
from features.pseudonyms import bsn_valid
from features.sources.synthetic import simulate
from features.sources.synthetic.names import citizen_service_numbers
from tests.features.sources.synthetic.municipality import Municipality, mean

ISO = "%Y-%m-%dT%H:%M:%SZ"


def _sums(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(gemeente_pack: Pack, tmp_path: Path) -> None:
    for name in ("one", "two"):
        target = tmp_path / name
        simulate(gemeente_pack, target / "silos", target / "truth", citizens=400, years=1, seed=3)
    assert _sums(tmp_path / "one") == _sums(tmp_path / "two")


def test_a_phone_number_begins_with_a_zero(municipality: Municipality) -> None:
    phones = municipality.table("register/personen.csv", ";")["Telefoon"].drop_nulls()
    assert phones.str.contains(r"^06\d{8}$").all()


def test_another_seed_gives_another_municipality(gemeente_pack: Pack, tmp_path: Path) -> None:
    for seed in (1, 2):
        target = tmp_path / str(seed)
        simulate(gemeente_pack, target / "s", target / "t", citizens=300, years=1, seed=seed)
    one, two = _sums(tmp_path / "1"), _sums(tmp_path / "2")
    assert one["s/register/personen.csv"] != two["s/register/personen.csv"]


def test_citizen_service_numbers_pass_the_11_test_and_look_invented() -> None:
    numbers = pl.Series(citizen_service_numbers(np.random.default_rng(1), 20_000)).cast(pl.String)
    assert bsn_valid(numbers).all()
    assert numbers.n_unique() == 20_000
    assert numbers.str.starts_with("9").all()


def test_every_source_that_the_pack_maps_has_files(municipality: Municipality) -> None:
    delivered = {name.split("/")[0] for name in municipality.report.files}
    assert delivered == set(municipality.pack.mappings)


def test_every_file_is_mapped(municipality: Municipality) -> None:
    patterns = [
        file.path for mapping in municipality.pack.mappings.values() for file in mapping.files
    ]
    written = {f for f in municipality.silos.rglob("*") if f.is_file()}
    mapped = {file for pattern in patterns for file in municipality.silos.glob(pattern)}
    assert written == mapped


def test_silos_know_people_by_different_numbers(municipality: Municipality) -> None:
    clients = municipality.table("cases/klanten.csv", ";")
    assert 0.01 < clients["bsn"].null_count() / clients.height < 0.08
    assert clients["klantnummer"].is_unique().all()
    assert not set(clients["klantnummer"]) & set(clients["bsn"].drop_nulls())
    calls = municipality.table("contact/gesprekken-*.tsv", "\t")
    by_client = municipality.table("contact/klantgesprekken-*.tsv", "\t")
    assert 0.65 < calls.height / (calls.height + by_client.height) < 0.8
    assert 0 < calls["bsn"].null_count() / calls.height < 0.02


def test_a_small_share_of_the_rows_is_damaged(municipality: Municipality) -> None:
    rows = municipality.table("benefits/beschikkingen-*.csv.gz")
    good = rows.select(
        number=bsn_valid(rows["bsn"]),
        moment=pl.col("tijdstip").str.to_datetime(ISO, strict=False).is_not_null(),
        code=pl.col("soort").is_in(["A", "T", "W", "B"]),
    )
    damaged = 1 - good.select(pl.all_horizontal(pl.all()).mean()).item()
    assert 0.0005 < damaged < 0.01
    assert rows.is_duplicated().any()


def test_nothing_is_known_before_it_happened(municipality: Municipality) -> None:
    rows = municipality.table("benefits/beschikkingen-*.csv.gz")
    moments = rows.select(
        pl.col("tijdstip", "verwerkt").str.to_datetime(ISO, strict=False)
    ).drop_nulls()
    sound = moments.filter(pl.col("tijdstip").dt.year() < 2031)
    assert (sound["verwerkt"] >= sound["tijdstip"]).all()
    changes = municipality.table("register/mutaties.csv", ";").filter(
        pl.col("Datum").str.contains(r"^(19|20[012])\d+$")
    )
    assert (changes["Opgenomen"] >= changes["Datum"]).all()
    lag = (
        changes["Opgenomen"].str.to_date("%Y%m%d", strict=False)
        - changes["Datum"].str.to_date("%Y%m%d", strict=False)
    ).dt.total_days()
    assert mean(lag > 20) > 0.005  # some come late


def test_some_cases_go_round_in_spirals(municipality: Municipality) -> None:
    log = municipality.table("cases/zaaklog-*.csv").sort("tijdstip", maintain_order=True)
    turns = log.filter(pl.col("stap") == "OVERDRACHT").select("zaaknummer", "medewerker")
    back = turns.with_columns(
        pl.col("medewerker").shift(2).over("zaaknummer").alias("before"),
        pl.col("medewerker").shift(1).over("zaaknummer").alias("between"),
    ).filter(pl.col("before") == pl.col("medewerker"), pl.col("between") != pl.col("medewerker"))
    share = back["zaaknummer"].n_unique() / turns["zaaknummer"].n_unique()
    assert 0.02 < share < 0.25


def test_cases_come_to_an_end(municipality: Municipality) -> None:
    """Of a few the closing is not recorded; those opened again after an objection close too."""
    log = municipality.table("cases/zaaklog-*.csv").sort("tijdstip", maintain_order=True)
    steps = log.filter(pl.col("tijdstip").str.starts_with("20")).group_by("zaaknummer").agg("stap")
    steps = steps.filter(
        pl.col("stap").list.first() == "AANVRAAG",
        pl.col("stap").list.set_intersection(["TOEGEKEND", "AFGEWEZEN"]).list.len() > 0,
    )
    closed = pl.col("stap").list.contains("AFGESLOTEN")
    assert 0.88 < mean(steps.select(closed).to_series().cast(pl.Float64)) < 0.98
    again = steps.filter(pl.col("stap").list.contains("BEZWAAR"))
    last = pl.col("stap").list.last().is_in(["AFGESLOTEN", "BEEINDIGD"])
    assert mean(again.select(last).to_series().cast(pl.Float64)) > 0.8


def test_contacts_come_back_within_four_weeks(municipality: Municipality) -> None:
    calls = municipality.table("contact/gesprekken-*.tsv", "\t").drop_nulls("bsn")
    assert 0.03 < mean(calls["gelukt"] == "NEE") < 0.2
    assert (calls["beller"] == "dochter").any()
    days = (
        calls.select("bsn", pl.col("moment").str.head(10).str.to_date(strict=False).alias("day"))
        .drop_nulls()
        .sort("bsn", "day")
    )
    gap = days.select((pl.col("day") - pl.col("day").shift(1).over("bsn")).dt.total_days())
    assert mean(gap.to_series().drop_nulls() <= 28) > 0.05
