"""Looking for leftovers of somebody in a whole workspace: every file and every table."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    cast,
    create_engine,
    or_,
    select,
)
from sqlalchemy.pool import NullPool

from features.lake import Lake
from features.leftovers import Leftover, Sought, files_in, leftovers_in

_SQLITE = b"SQLite format 3\0"


@dataclass(slots=True)
class Looked:
    """What was looked through, and what was found.

    Parameters
    ----------
    unread
        Files that could not be read as what they seem to be, so nothing is known of them.
    """

    files: int = 0
    tables: int = 0
    found: list[Leftover] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything was read and nothing was found."""
        return not self.found and not self.unread

    def as_dict(self) -> dict[str, Any]:
        """For JSON: places, never what stands there."""
        return {
            "files": self.files,
            "tables": self.tables,
            "found": [str(one) for one in self.found],
            "unread": self.unread,
        }


def look_in_files(folders: Iterable[Path], root: Path, sought: Sought, looked: Looked) -> None:
    """Look through every file in ``folders``; a place is told as a path within ``root``."""
    for path in files_in(folders):
        place = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
        looked.files += 1
        try:
            looked.found += sorted(set(_in_file(path, place, sought, looked)))
        except (OSError, EOFError, ValueError, pl.exceptions.PolarsError, zipfile.BadZipFile):
            looked.unread.append(place)


def look_in_database(engine: Engine, name: str, sought: Sought, looked: Looked) -> None:
    """Look through every column of every table; what is sealed says nothing and is not read."""
    reflected = MetaData()
    reflected.reflect(engine)
    for table in reflected.sorted_tables:
        looked.tables += 1
        for column in table.c:
            if _in_column(engine, table, column, sought):
                looked.found.append(Leftover(f"{name}: {table.name}", column.name))


def look_in_lake(lake: Lake, sought: Sought, looked: Looked) -> None:
    """Look through the newest version of every table."""
    for table in lake.versions():
        looked.tables += 1
        rows = lake.scan(table)
        for column in rows.collect_schema():
            if sought.in_column(rows.select(column).unique().collect()[column]):
                looked.found.append(Leftover(f"lake/{table}", column))


def _in_file(path: Path, place: str, sought: Sought, looked: Looked) -> Iterator[Leftover]:
    yield from leftovers_in(path, place, sought)
    with path.open("rb") as file:
        is_database = file.read(len(_SQLITE)) == _SQLITE
    if is_database:
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        look_in_database(engine, place, sought, looked)


def _in_column(engine: Engine, table: Table, column: Column[Any], sought: Sought) -> bool:
    if isinstance(column.type, Integer | Numeric):
        wanted = select(column).where(column.in_(sorted(sought.citizens))).limit(1)
        with engine.connect() as connection:
            return connection.execute(wanted).first() is not None
    if not isinstance(column.type, String | JSON):
        return False
    said = cast(column, String)
    likely = or_(*(said.icontains(form, autoescape=True) for form in sought.written))
    with engine.connect() as connection:
        texts = connection.execute(select(said).where(likely)).scalars()
        return any(sought.in_text(str(text).encode()) for text in texts)
