"""Benefits and allowances: compressed CSV, codes, ISO moments in UTC."""

from __future__ import annotations

import polars as pl

from features.sources.synthetic.population import EMPLOYMENT, STUDY
from features.sources.synthetic.silos.desk import Desk, clock

WORK = {"job-lost": "WE", "job-started": "WB", "sickness-started": "ZB", "sickness-ended": "ZE"}
ASKED = {
    "HTS": ("HUUR", "VERMOGEN"), "ZTS": ("VERMOGEN",), "KGB": ("VERMOGEN",), "AIO": ("VERMOGEN",),
    "KOT": ("OPVANGUREN",), "WIA": ("VERLIES", "BEPERKING"), "ANW": ("VERLIES",), "TW": (),
}  # fmt: skip
"""What the form of each scheme asks, and so what this silo comes to know."""
ANSWERS = {
    "HUUR": "rent", "VERMOGEN": "savings", "OPVANGUREN": "childcare_hours",
    "VERLIES": "earning_loss", "BEPERKING": "disabled",
}  # fmt: skip


def _iso(column: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column), time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_benefits(desk: Desk) -> dict[str, int]:
    """``beschikkingen-<year>.csv.gz``, ``werk-<year>.csv.gz``, ``gegevens-<year>.csv.gz``."""
    counts = {}
    for stem, frame, code in (
        ("beschikkingen", _decisions(desk), "Soort"),
        ("werk", _work(desk), "Code"),
        ("gegevens", _answers(desk), "Gegeven"),
    ):
        for year, part in desk.by_year(frame, "noted"):
            part = part.drop("noted")
            name = f"{stem}-{year}.csv.gz"
            counts[name] = desk.csv(desk.damage(part, "bsn", "tijdstip", code.lower()), name)
    return counts


def _applications(desk: Desk) -> pl.DataFrame:
    ways = desk.take_up.ways
    own = {
        place: ways[name].code
        for place, name in enumerate(desk.take_up.names)
        if ways[name].silo == "benefits"
    }
    if not own:
        return desk.read("application").clear().with_columns(scheme=pl.lit(""))
    asked = desk.read("application").filter(pl.col("service").is_in(list(own)))
    return asked.with_columns(
        pl.col("service").replace_strict(own, return_dtype=pl.String).alias("scheme")
    )


def _decisions(desk: Desk) -> pl.DataFrame:
    asked = _applications(desk)
    own = {
        desk.take_up.names.index(name): way.code
        for name, way in desk.take_up.ways.items()
        if way.silo == "benefits"
    }
    ended = desk.read("ending")
    ended = ended.filter(pl.col("service").is_in(list(own))).with_columns(
        pl.col("service").replace_strict(own, return_dtype=pl.String).alias("scheme"),
        pl.lit(-1, pl.Int64).alias("case"),
    )
    columns = ("person", "day", "scheme", "case")
    at_end = pl.col("decided").alias("day")
    parts = [
        (asked.filter(pl.col("decided") > pl.col("day")).select(columns), "A"),
        (asked.filter("approved").select("person", at_end, "scheme", "case"), "T"),
        (asked.filter(~pl.col("approved")).select("person", at_end, "scheme", "case"), "W"),
        (asked.filter("objects").select("person", at_end + 70, "scheme", "case"), "T"),
        (ended.select(columns), "B"),
    ]
    rows = pl.concat([part.with_columns(pl.lit(kind).alias("soort")) for part, kind in parts])
    rows = rows.filter(pl.col("day") <= desk.end).sort("day", "person", "scheme", "soort")
    rows = desk.noted(rows, 2.5, straggler=0.015)
    day = rows["day"].to_numpy()
    return rows.select(
        pl.int_range(1, rows.height + 1).alias("volgnr"),
        desk.bsn(rows["person"]),
        pl.col("scheme").alias("regeling"),
        "soort",
        pl.when(pl.col("case") >= 0).then(pl.format("D{}", "case")).alias("dossier"),
        pl.Series("tijdstip", clock(desk.rng, day, 6, 9)),
        pl.Series("verwerkt", rows["noted"].to_numpy() * 86_400 + 20 * 3600),
        "noted",
    ).with_columns(_iso("tijdstip"), _iso("verwerkt"))


def _work(desk: Desk) -> pl.DataFrame:
    events = desk.read("work").with_columns(
        pl.col("type").replace_strict(WORK, return_dtype=pl.String).alias("code"),
        pl.lit("").alias("stand"),
        pl.lit(None, pl.Float64).alias("weken"),
    )
    states = desk.read("status")
    tables = {"employment": EMPLOYMENT, "study": STUDY}
    parts = [events.select("person", "day", "code", "stand", "weken")]
    for kind, names in tables.items():
        part = states.filter(pl.col("kind") == kind).select(
            "person",
            "day",
            pl.lit("STAND" if kind == "employment" else "STUDIE").alias("code"),
            pl.col("code").replace_strict(dict(enumerate(names)), return_dtype=pl.String)
            .str.to_uppercase().alias("stand"),
            pl.col("weeks").floor().alias("weken"),
        )  # fmt: skip
        parts.append(part)
    rows = desk.noted(pl.concat(parts).sort("day", "person", "code"), 4.0, straggler=0.02)
    return rows.select(
        desk.bsn(rows["person"]),
        "code",
        "stand",
        pl.col("weken").cast(pl.Int64),
        pl.Series("tijdstip", rows["day"].to_numpy() * 86_400 + 6 * 3600),
        pl.Series("verwerkt", rows["noted"].to_numpy() * 86_400 + 20 * 3600),
        "noted",
    ).with_columns(_iso("tijdstip"), _iso("verwerkt"))


def _answers(desk: Desk) -> pl.DataFrame:
    asked = _applications(desk)
    parts = []
    for scheme, questions in ASKED.items():
        told = asked.filter(pl.col("scheme") == scheme)
        for question in questions:
            value = pl.col(ANSWERS[question]).cast(pl.Float64)
            label = pl.lit(question).alias("gegeven")
            parts.append(told.select("person", "day", label, value.alias("waarde")))
    insured = desk.journal.read("insured").select(
        "person", "day", pl.lit("VERZEKERD").alias("gegeven"), pl.lit(1.0).alias("waarde")
    )
    rows = pl.concat([*parts, insured]).filter(pl.col("day") <= desk.end)
    rows = desk.noted(rows.sort("day", "person", "gegeven"), 3.0)
    return rows.select(
        desk.bsn(rows["person"]),
        "gegeven",
        "waarde",
        pl.Series("tijdstip", rows["day"].to_numpy() * 86_400 + 6 * 3600),
        pl.Series("verwerkt", rows["noted"].to_numpy() * 86_400 + 20 * 3600),
        "noted",
    ).with_columns(_iso("tijdstip"), _iso("verwerkt"))
