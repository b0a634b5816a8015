"""What the parts of the statement of ``_signals_sql.py`` share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from features.families import families_of
from features.pack import Pack


@dataclass(frozen=True, slots=True)
class Part:
    """Some common tables, those of them with a row per citizen, and the columns made of these."""

    tables: str
    joined: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """The lake that the statement is about, and the date."""

    pack: Pack
    lake: str
    as_of: datetime

    def read(self, table: str) -> str:
        """The files of one table."""
        return f"read_parquet('{self.lake}/{table}/**/*.parquet', hive_partitioning=false)"

    def age(self, moment: str) -> str:
        """Local days from a moment to the date."""
        return f"datediff('day', {self.local(moment)}, {self.day})"

    def local(self, moment: str) -> str:
        """The local date of a moment."""
        return f"({moment} AT TIME ZONE '{self.pack.domain.time_zone}')::DATE"

    @property
    def moment(self) -> str:
        """The moment of the date."""
        return f"TIMESTAMPTZ '{self.as_of.isoformat()}'"

    @property
    def day(self) -> str:
        """The local date."""
        return f"DATE '{self.as_of:%Y-%m-%d}'"


def windows(pack: Pack, name: str) -> tuple[int, ...]:
    """The windows of a family."""
    return next(family for family in families_of(pack) if family.name == name).windows_in(pack)


def in_words(columns: Iterable[str]) -> tuple[str, ...]:
    """The names that columns are given, to be chosen again."""
    names = [column.rsplit(" AS ", 1)[1] for column in columns]
    return tuple(f"{name} AS {name}" for name in names)
