"""Citizens out of the database: every table that says whose a row is, found by its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import BigInteger, Column, Connection, Table, delete, select, text, update

import serving.campaigns.tables
import serving.casework.tables  # noqa: F401  # their tables belong to the schema
from serving.database import Database
from serving.schema import audit, tables

_AT_ONCE = 500


def citizen_columns() -> dict[Table, list[Column[int]]]:
    """Of every table with 64-bit numbers, the columns of these, children before parents. A number
    that only counts is nobody's pseudonym, and does no harm here.
    """
    found: dict[Table, list[Column[int]]] = {}
    for table in reversed(tables.sorted_tables):
        columns = [column for column in table.c if isinstance(column.type, BigInteger)]
        if columns:
            found[table] = columns
    return found


def erase_rows(connection: Connection, citizens: Sequence[int]) -> dict[str, int]:
    """Delete the rows of ``citizens``, their keys among them; in the audit only the pseudonym.

    An audit entry stays in its chain: what it says of the citizen was sealed under a key that is
    destroyed here, and its hash does not run over the pseudonym. Returns the rows by table.
    """
    touched: dict[str, int] = {}
    for table, columns in citizen_columns().items():
        for column in columns:
            for theirs in _parts(citizens):
                if table is audit:
                    change = update(table).where(column.in_(theirs)).values({column: None})
                    count = connection.execute(change).rowcount
                else:
                    count = connection.execute(delete(table).where(column.in_(theirs))).rowcount
                if count:
                    touched[table.name] = touched.get(table.name, 0) + count
    return touched


def everyone(database: Database) -> frozenset[int]:
    """Every pseudonym in the database."""
    found: set[int] = set()
    with database.read() as connection:
        for columns in citizen_columns().values():
            for column in columns:
                query = select(column).where(column.is_not(None)).distinct()
                found.update(connection.execute(query).scalars())
    return frozenset(found)


def overwrite_deleted(database: Database) -> None:
    """Leave nothing of deleted rows in the files of the database.

    SQLite rewrites its file and empties its write-ahead log; it waits for readers. PostgreSQL
    frees the space, and its own log goes when the server recycles it.
    """
    if not database.is_sqlite:
        engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM FULL"))
        return
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        raw.close()


def _parts(citizens: Iterable[int]) -> Iterator[list[int]]:
    every = list(citizens)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
