"""A silo's writing desk: identifiers, dates in its own notation, damage, files."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from features.sources.synthetic.journal import Ints, Journal
from features.sources.synthetic.magnitudes import Magnitudes
from features.sources.synthetic.population import NEVER, Population
from features.sources.synthetic.take_up import TakeUp


@dataclass(frozen=True, slots=True)
class Desk:
    """What a silo has before it: the journal up to ``end``, and a folder to write in."""

    people: Population
    take_up: TakeUp
    journal: Journal
    magnitudes: Magnitudes
    rng: np.random.Generator
    folder: Path
    zone: str
    end: int

    def read(self, kind: str) -> pl.DataFrame:
        """The journal's rows of a kind that happened by the end, in order of day."""
        page = self.journal.read(kind).filter(pl.col("day") <= self.end)
        return page.sort("day", "person", maintain_order=True)

    def bsn(self, rows: pl.Series) -> pl.Series:
        """The citizen service numbers of row numbers; null for -1."""
        numbers = pl.Series("bsn", self.people.bsn[rows.to_numpy()]).cast(pl.String)
        return pl.select(pl.when(rows >= 0).then(numbers)).to_series().alias("bsn")

    def noted(self, frame: pl.DataFrame, mean: float, straggler: float = 0.01) -> pl.DataFrame:
        """Add the day ``noted`` on which the silo recorded a row; rows beyond the end go.

        Most rows take around ``mean`` days; a share of ``straggler`` takes months.
        """
        count = frame.height
        wait = self.rng.exponential(mean, count)
        late = self.rng.random(count) < straggler
        wait = np.where(late, wait + self.rng.uniform(20, 150, count), wait).astype(np.int64)
        frame = frame.with_columns(noted=pl.col("day") + pl.Series(wait))
        return frame.filter(pl.col("noted") <= self.end).sort("noted", maintain_order=True)

    def damage(
        self, frame: pl.DataFrame, bsn: str | None, moment: str, code: str | None = None
    ) -> pl.DataFrame:
        """Spoil a small share of the rows: numbers, dates, codes, futures; some come twice."""
        if not frame.height:
            return frame
        drawn = pl.Series(self.rng.random(frame.height) / max(self.magnitudes.dirty, 1e-12))
        spoiled = [
            pl.when(drawn.is_between(0.25, 0.45)).then(pl.lit("31-02-20x3"))
            .when(drawn.is_between(0.45, 0.6))
            .then(pl.col(moment).str.replace_all(r"20[12]\d", "2031"))
            .otherwise(pl.col(moment)).alias(moment)
        ]  # fmt: skip
        if bsn is not None:
            wrong = pl.col(bsn).str.head(8) + (
                (pl.col(bsn).str.tail(1).cast(pl.Int64) + 1) % 10
            ).cast(pl.String)
            spoiled.append(pl.when(drawn < 0.25).then(wrong).otherwise(pl.col(bsn)).alias(bsn))
        if code is not None:
            bad = drawn.is_between(0.6, 0.8)
            spoiled.append(pl.when(bad).then(pl.lit("??")).otherwise(pl.col(code)).alias(code))
        return pl.concat([frame.with_columns(spoiled), frame.filter(drawn.is_between(0.8, 1.0))])

    def csv(
        self, frame: pl.DataFrame, name: str, separator: str = ",", encoding: str = "utf8"
    ) -> int:
        """Write a delimited file; ``.gz`` names are compressed, without a time stamp."""
        text = frame.write_csv(separator=separator)
        data = text.encode("latin1", "replace") if encoding == "latin1" else text.encode()
        if name.endswith(".gz"):
            packed = io.BytesIO()
            with gzip.GzipFile("", "wb", compresslevel=5, fileobj=packed, mtime=0) as file:
                file.write(data)
            data = packed.getvalue()
        (self.folder / name).write_bytes(data)
        return frame.height

    def by_year(self, frame: pl.DataFrame, column: str) -> list[tuple[str, pl.DataFrame]]:
        """The rows by the year of a day-number column, in order; what is old goes together."""
        first = (self.end - 1826) // 365.25 + 1970
        year = pl.max_horizontal(
            pl.col(column).cast(pl.Int32).cast(pl.Date).dt.year(), pl.lit(int(first), pl.Int32)
        )
        return [
            (str(key[0]), part)
            for key, part in frame.group_by(year.alias("year"), maintain_order=True)
        ]


def date_text(column: str, pattern: str = "%Y%m%d") -> pl.Expr:
    """A day-number column as text; empty where there is no such day."""
    day = pl.col(column).cast(pl.Int64)
    known = day.is_between(-40_000, int(NEVER) - 1)
    return pl.when(known).then(day).cast(pl.Int32).cast(pl.Date).dt.strftime(pattern).alias(column)


def moment_text(column: str, zone: str) -> pl.Expr:
    """Seconds since 1970 in local time as ISO 8601 with the offset of ``zone``."""
    local = pl.from_epoch(pl.col(column), time_unit="s").dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    )
    return local.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias(column)


def codes(column: str, names: Sequence[str]) -> pl.Expr:
    """A column of positions as the texts they stand for."""
    return pl.col(column).replace_strict(
        list(range(len(names))), list(names), return_dtype=pl.String
    )


def clock(rng: np.random.Generator, day: Ints, first: int = 8, last: int = 20) -> Ints:
    """Seconds since 1970, at some moment of the day between two hours."""
    return np.asarray(day * 86_400 + rng.integers(first * 3600, last * 3600, len(day)))
