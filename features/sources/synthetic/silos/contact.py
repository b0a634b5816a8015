"""The contact centre: tab-separated, three ways of knowing someone, some weeks lost."""

from __future__ import annotations

import numpy as np
import polars as pl

from features.sources.synthetic.outreach import ARMS
from features.sources.synthetic.processes import moment
from features.sources.synthetic.silos.desk import Desk, clock, codes, moment_text

CHANNELS = ("TEL", "BALIE", "WEB", "MAIL")
SUBJECTS = ("inkomen", "zorg", "belasting", "wonen", "gezin", "overig")
LANGUAGES = ("nl", "en", "ar", "tr", "uk", "pl", "xx")
PREFERRED = ("TEL", "BALIE", "WEB", "MAIL")


def write_contact(desk: Desk) -> dict[str, int]:
    """``gesprekken-<year>.tsv`` (known by BSN), ``klantgesprekken-<year>.tsv`` (known by client
    number), ``voorkeuren.tsv``, ``uitgaand.tsv`` and the register of campaigns, ``campagnes.csv``.
    """
    counts = {"voorkeuren.tsv": _preferences(desk)} | _campaigns(desk)
    calls = desk.read("contact")
    day = calls["day"].to_numpy()
    online = calls["channel"].to_numpy() == CHANNELS.index("WEB")
    at = np.where(online, clock(desk.rng, day, 7, 23), moment(desk.rng, day))
    calls = calls.with_columns(
        pl.Series("at", at),
        pl.int_range(1, calls.height + 1).alias("number"),
        pl.Series("known", desk.rng.random(calls.height)),
    )
    calls = calls.filter(~_lost(desk), pl.col("at") < (desk.end + 1) * 86_400 - 3 * 3600)
    frame = calls.select(
        pl.format("C{}", "number").alias("contact"),
        desk.bsn(calls["person"]),
        pl.Series("klantnummer", desk.people.client[calls["person"].to_numpy()]).cast(pl.String),
        codes("channel", CHANNELS).alias("kanaal"),
        codes("subject", SUBJECTS).alias("onderwerp"),
        pl.when("failed").then(pl.lit("NEE")).otherwise(pl.lit("JA")).alias("gelukt"),
        pl.when("relative").then(pl.lit("dochter")).otherwise(pl.lit("zelf")).alias("beller"),
        moment_text("at", desk.zone).alias("moment"),
        "known",
        "day",
    )
    nameless = pl.col("known") > 0.995
    frame = frame.with_columns(
        pl.when(~nameless).then("bsn").otherwise(None).alias("bsn"),
    )
    by_bsn = frame.filter((pl.col("known") < 0.72) | nameless).drop("klantnummer", "known")
    by_client = frame.filter((pl.col("known") >= 0.72) & ~nameless).drop("bsn", "known")
    for stem, part, identifier in (
        ("gesprekken", by_bsn, "bsn"),
        ("klantgesprekken", by_client, None),
    ):
        for year, rows in desk.by_year(part, "day"):
            name = f"{stem}-{year}.tsv"
            damaged = desk.damage(rows.drop("day"), identifier, "moment", "kanaal")
            counts[name] = desk.csv(damaged, name, "\t")
    return counts


def _lost(desk: Desk) -> pl.Expr:
    """Three weeks, spread over the years, that never reached us."""
    back = pl.lit(desk.end) - pl.col("day")
    return back.is_between(400, 407) | back.is_between(820, 834)


def _preferences(desk: Desk) -> int:
    people = desk.people
    callers = desk.read("contact").group_by("person").agg(pl.col("day").min()).sort("day", "person")
    rows = callers["person"].to_numpy()
    frame = pl.DataFrame(
        {
            "bsn": desk.bsn(callers["person"]),
            "taal": pl.Series(np.array(LANGUAGES)[people.language[rows]]),
            "voorkeur": pl.Series(np.array(["TEL", "BALIE", "WEB", "BRIEF"])[people.channel[rows]]),
            "at": callers["day"].to_numpy() * 86_400 + 18 * 3600,
        }
    )
    frame = frame.with_columns(moment_text("at", desk.zone).alias("vastgelegd")).drop("at")
    return desk.csv(frame, "voorkeuren.tsv", "\t")


def _campaigns(desk: Desk) -> dict[str, int]:
    names = list(desk.take_up.names)
    sent = desk.journal.read("campaign")
    if not sent.height:
        return {}
    sent = sent.with_columns(
        codes("service", names).alias("dienst"),
        codes("arm", ARMS).alias("arm_naam"),
        pl.format("campagne-{}", pl.col("campaign") + 1).alias("campagne"),
        pl.Series("at", clock(desk.rng, sent["day"].to_numpy(), 9, 17)),
    )
    register = sent.select(
        "campagne", "dienst", desk.bsn(sent["person"]), pl.col("arm_naam").alias("arm"),
        pl.col("drawn").cast(pl.Int32).cast(pl.Date).cast(pl.String).alias("loting"),
    ).sort("campagne", "bsn")  # fmt: skip
    went = sent.filter(pl.col("arm") > 0, pl.col("day") <= desk.end).sort("at", "person")
    visit = pl.col("arm") == 2
    result = pl.when(visit & pl.col("found")).then(pl.lit("BEZOEK"))
    went = went.select(
        desk.bsn(went["person"]),
        result.when(visit).then(pl.lit("NIETTHUIS")).otherwise(pl.lit("BRIEF")).alias("soort"),
        "campagne",
        "dienst",
        pl.col("arm_naam").alias("arm"),
        moment_text("at", desk.zone).alias("moment"),
    )
    return {
        "campagnes.csv": desk.csv(register, "campagnes.csv"),
        "uitgaand.tsv": desk.csv(went, "uitgaand.tsv", "\t"),
    }
