"""The population register: semicolons, Latin-1, dates as yyyymmdd, to the day."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.sources.synthetic.names import CITY, FAMILY, STREETS, first_names, pick
from features.sources.synthetic.population import NEVER
from features.sources.synthetic.silos.desk import Desk, codes, date_text
from features.sources.synthetic.silos.representatives import write_representatives

MUTATIONS = {
    "birth-of-child": "GEB", "partnership-started": "PAR", "partnership-ended": "SCH",
    "partner-died": "OVP", "moved": "VER", "emigrated": "EMI", "immigrated": "IMM",
    "child-left-home": "KUH", "person-died": "OVL",
}  # fmt: skip
DISTRICT_CODES = ("CE", "NO", "OO", "ZU", "WE")
TENURE_CODES = ("H", "K", "A")


def names_of(desk: Desk) -> pl.DataFrame:
    """Everyone's invented name and ways to be reached: person, first, family, phone, email."""
    people, rng = desk.people, np.random.default_rng(desk.people.bsn[0])
    count = people.capacity
    first = first_names(rng, people.woman)
    family = pick(rng, FAMILY, people.addresses + 1)[people.address]
    frame = pl.DataFrame(
        {
            "person": np.arange(count),
            "first": pl.Series(first, dtype=pl.String),
            "family": pl.Series(family, dtype=pl.String),
            "phone": pl.Series(600_000_000 + rng.integers(0, 99_999_999, count)).cast(pl.String),
        }
    )
    box = pl.col("first").str.to_lowercase() + pl.col("person").cast(pl.String)
    mail = box + pl.lit("@voorbeeld.example")
    return frame.with_columns(phone=pl.lit("0") + pl.col("phone"), email=mail)


def write_register(desk: Desk) -> dict[str, int]:
    """``personen.csv``, ``relaties.csv``, ``mutaties.csv``, ``documenten.csv``, and
    ``vertegenwoordiging.csv``."""
    return {
        "personen.csv": _persons(desk),
        "relaties.csv": _relations(desk),
        "mutaties.csv": _mutations(desk),
        "documenten.csv": _documents(desk),
        "vertegenwoordiging.csv": write_representatives(desk),
    }


def _persons(desk: Desk) -> int:
    people = desk.people
    seats = desk.noted(desk.read("seat"), 1.0)
    person = seats["person"].to_numpy()
    address = pl.col("address")
    streets = dict(enumerate(STREETS))
    street = (address % len(STREETS)).replace_strict(streets, return_dtype=pl.String)
    number = (1 + address // len(STREETS) % 300).cast(pl.String)
    europe = people.bsn[person] % 3 == 0
    frame = seats.join(names_of(desk), on="person", how="left", maintain_order="left").select(
        desk.bsn(seats["person"]).alias("BSN"),
        pl.col("first").alias("Voornamen"),
        (pl.col("first") + " " + pl.col("family")).alias("Naam"),
        pl.Series("Geboortedatum", people.born[person]),
        pl.Series("Geslacht", np.where(people.woman[person], "V", "M")),
        pl.Series(
            "Geboorteland", np.where(people.abroad[person], np.where(europe, "EU", "BU"), "NL")
        ),
        (street + " " + number).alias("Adres"),
        ((1000 + address % 8000).cast(pl.String) + " VB").alias("Postcode"),
        pl.lit(CITY).alias("Woonplaats"),
        codes("district", DISTRICT_CODES).alias("Stadsdeel"),
        codes("tenure", TENURE_CODES).alias("Bewoning"),
        pl.col("phone").alias("Telefoon"),
        pl.col("email").alias("Email"),
        pl.when(pl.Series(people.refugee[person])).then(pl.lit("26")).alias("Verblijfstitel"),
        pl.Series("Geheim", np.where(people.bsn[person] % 211 == 0, "7", "0")),
        pl.col("reason").alias("Soort"),
        pl.col("day").alias("Ingang"),
        pl.col("noted").alias("Opgenomen"),
    )  # fmt: skip
    frame = frame.with_columns(date_text(name) for name in ("Geboortedatum", "Ingang", "Opgenomen"))
    frame = desk.damage(frame, "BSN", "Ingang", "Stadsdeel")
    return desk.csv(frame, "personen.csv", ";", "latin1")


def _relations(desk: Desk) -> int:
    ties = desk.read("relation")
    begun = (
        ties.filter(pl.col("begin") != -1)
        .group_by("person", "other", "kind").agg(pl.col("begin").max().alias("began"))
    )  # fmt: skip
    ties = ties.join(begun, on=["person", "other", "kind"], how="left", maintain_order="left")
    ties = desk.noted(ties, 1.5)
    frame = ties.select(
        desk.bsn(ties["person"]).alias("BSN"),
        pl.col("kind").alias("Soort"),
        desk.bsn(ties["other"]).alias("BSN_relatie"),
        pl.Series("Geboortedatum_relatie", desk.people.born[ties["other"].to_numpy()]),
        pl.when(pl.col("begin") == -1).then("began").otherwise("begin").alias("Begin"),
        pl.col("end").alias("Eind"),
        pl.col("noted").alias("Opgenomen"),
    )
    dates = ("Geboortedatum_relatie", "Begin", "Eind", "Opgenomen")
    frame = frame.with_columns(date_text(name) for name in dates)
    return desk.csv(frame, "relaties.csv", ";", "latin1")


def _mutations(desk: Desk) -> int:
    vital = desk.noted(desk.read("vital"), 2.0, straggler=0.02)
    frame = vital.select(
        desk.bsn(vital["person"]).alias("BSN"),
        pl.col("type").replace_strict(MUTATIONS, return_dtype=pl.String).alias("Mutatie"),
        pl.col("day").alias("Datum"),
        pl.col("noted").alias("Opgenomen"),
        pl.int_range(1, vital.height + 1).alias("Volgnr"),
    )
    frame = frame.with_columns(date_text("Datum"), date_text("Opgenomen"))
    return desk.csv(desk.damage(frame, "BSN", "Datum", "Mutatie"), "mutaties.csv", ";", "latin1")


def _documents(desk: Desk) -> int:
    issued = desk.read("document").filter(pl.col("document") != "parkeervergunning")
    start = desk.journal.read("papers")
    frame = pl.concat(
        [start.select("person", "day", "document", "until"),
         issued.select("person", "day", "document", "until")]
    ).filter(pl.col("until") < int(NEVER), pl.col("day") <= desk.end)  # fmt: skip
    frame = desk.noted(frame, 1.0)
    kind = pl.when(pl.col("document") == "identiteitsbewijs").then(pl.lit("ID"))
    frame = frame.select(
        desk.bsn(frame["person"]).alias("BSN"),
        kind.otherwise(pl.lit("RIJ")).alias("Document"),
        pl.col("until").alias("Geldig_tot"),
        pl.col("day").alias("Afgegeven"),
        pl.col("noted").alias("Opgenomen"),
    )
    dates = ("Geldig_tot", "Afgegeven", "Opgenomen")
    frame = frame.with_columns(date_text(name) for name in dates)
    return desk.csv(frame, "documenten.csv", ";", "latin1")
