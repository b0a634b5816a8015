"""The case system: its own client numbers, local moments with an offset, and an XES log."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

import numpy as np
import polars as pl

from features.sources.synthetic.processes import TEAMS, case_log
from features.sources.synthetic.silos.desk import Desk, date_text, moment_text

MARKS = {
    "MANTELZORG": ("carer", ("MZW", "WMO-HH")),
    "BEPERKING": ("mobility_loss", ("WMO-HH", "WMO-WA", "WMO-VV", "GPK")),
    "LOOPAFSTAND": ("walking", ("GPK", "WMO-VV")),
    "KOSTEN": ("exceptional", ("BIJZ",)),
    "LEVENSVATBAAR": ("viable", ("BBZ", "START")),
    "SCHOOLAFSTAND": ("school_distance", ("LLV",)),
    "JEUGDVRAAG": ("youth_problem", ("JEUGD",)),
    "VERMOGEN": ("savings", ("BIJST", "KWIJT", "IIT", "BIJZ")),
}
"""What the case system comes to know, and from the applications for what."""


def write_cases(desk: Desk) -> dict[str, int]:
    """``klanten.csv``, ``zaaklog-<year>.csv``, ``wmo.xes``, ``kenmerken.csv``."""
    log = case_log(desk.take_up, desk.journal, desk.rng)
    log = log.filter(pl.col("at") <= desk.end * 86_400 + 80_000)
    late = desk.rng.random(log.height) < 0.02
    noted = log["at"].to_numpy() + np.where(
        late, desk.rng.integers(1, 15, log.height) * 86_400, desk.rng.integers(5, 900, log.height)
    )
    log = log.with_columns(pl.Series("noted", noted)).filter(
        pl.col("noted") <= desk.end * 86_400 + 86_000
    )
    wmo = pl.col("code").str.starts_with("WMO")
    counts = {
        "klanten.csv": _clients(desk, log),
        "wmo.xes": _xes(desk, _rows(desk, log.filter(wmo))),
        "kenmerken.csv": _marks(desk),
    }
    rest = _rows(desk, log.filter(~wmo)).with_columns(day=log.filter(~wmo)["at"] // 86_400)
    for year, part in desk.by_year(rest, "day"):
        name = f"zaaklog-{year}.csv"
        counts[name] = desk.csv(desk.damage(part.drop("day"), None, "tijdstip", "stap"), name)
    return counts


def _client(desk: Desk, rows: pl.Series) -> pl.Series:
    return pl.Series("klantnummer", desk.people.client[rows.to_numpy()]).cast(pl.String)


def _rows(desk: Desk, log: pl.DataFrame) -> pl.DataFrame:
    teams = dict(enumerate(TEAMS))
    return log.select(
        pl.format("Z{}", pl.col("case") + 1_000_000).alias("zaaknummer"),
        _client(desk, log["person"]),
        pl.col("code").alias("zaaktype"),
        pl.col("step").alias("stap"),
        pl.format("M{}", pl.col("employee") + 100).alias("medewerker"),
        pl.col("team").replace_strict(teams, return_dtype=pl.String).alias("team"),
        pl.col("channel").alias("kanaal"),
        moment_text("at", desk.zone).alias("tijdstip"),
        moment_text("noted", desk.zone).alias("geregistreerd"),
    )


def _clients(desk: Desk, log: pl.DataFrame) -> int:
    callers = desk.read("contact").get_column("person")
    persons = pl.concat([callers, log["person"]]).unique().sort()
    linked = pl.Series(desk.rng.random(len(persons)) >= desk.magnitudes.unlinked)
    frame = pl.DataFrame({"klantnummer": _client(desk, persons), "bsn": desk.bsn(persons)})
    frame = frame.with_columns(pl.when(linked).then("bsn").otherwise(None).alias("bsn"))
    return desk.csv(frame, "klanten.csv", ";")


def _marks(desk: Desk) -> int:
    ways, names = desk.take_up.ways, desk.take_up.names
    asked = desk.read("application")
    parts = []
    for mark, (trait, schemes) in MARKS.items():
        places = [place for place, name in enumerate(names) if ways[name].code in schemes]
        told = asked.filter(pl.col("service").is_in(places))
        value = pl.col(trait).cast(pl.Float64).alias("waarde")
        parts.append(told.select("person", "day", pl.lit(mark).alias("kenmerk"), value))
    permits = desk.read("document").filter(pl.col("document") == "parkeervergunning")
    parts.append(
        permits.select(
            "person", "day", pl.lit("VERGUNNING").alias("kenmerk"),
            pl.col("until").cast(pl.Float64).alias("waarde"),
        )
    )  # fmt: skip
    referred = desk.journal.read("referral").select("person", "day", "kenmerk", "waarde")
    rows = desk.noted(pl.concat([*parts, referred]).sort("day", "person", "kenmerk"), 1.0)
    rows = rows.select(
        _client(desk, rows["person"]),
        "kenmerk",
        pl.when(pl.col("kenmerk") == "VERGUNNING")
        .then(pl.col("waarde").cast(pl.Int32).cast(pl.Date).cast(pl.String))
        .otherwise(pl.col("waarde").cast(pl.String))
        .alias("waarde"),
        pl.col("day").alias("vanaf"),
        pl.col("noted").alias("vastgelegd"),
    )  # fmt: skip
    rows = rows.with_columns(date_text("vanaf", "%d-%m-%Y"), date_text("vastgelegd", "%d-%m-%Y"))
    return desk.csv(rows, "kenmerken.csv", ";")


def _xes(desk: Desk, rows: pl.DataFrame) -> int:
    """Write a log after IEEE 1849: a trace a case, its client and kind on the trace."""
    keys = {
        "concept:name": "stap", "org:resource": "medewerker", "org:group": "team",
        "kanaal": "kanaal", "registered": "geregistreerd",
    }  # fmt: skip
    events = pl.concat_str(
        pl.lit("  <event>"),
        *(
            pl.format(f'<string key={quoteattr(key)} value="{{}}"/>', pl.col(column))
            for key, column in keys.items()
        ),
        pl.format('<date key="time:timestamp" value="{}"/>', "tijdstip"),
        pl.lit("</event>\n"),
    )
    opening = pl.format(
        '<trace><string key="concept:name" value="{}"/><string key="klantnummer" value="{}"/>'
        '<string key="zaaktype" value="{}"/>\n',
        "zaaknummer", "klantnummer", "zaaktype",
    )  # fmt: skip
    traces = (
        rows.with_columns(events.alias("event"), opening.alias("opening"))
        .group_by("zaaknummer", maintain_order=True)
        .agg(pl.col("opening").first(), pl.col("event").str.join(""))
    )
    body = "".join((traces["opening"] + traces["event"] + "</trace>\n").to_list())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2016">\n'
    (desk.folder / "wmo.xes").write_text(head + body + "</log>\n", encoding="utf8")
    return rows.height
