"""The database: SQLite by default, PostgreSQL in production, behind one small object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url

BUSY_SECONDS = 30

_SERVER: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 30,
    "pool_timeout": 5,
    "connect_args": {
        "connect_timeout": 3,
        "options": "-c lock_timeout=30000",
        "keepalives_idle": 10,
        "tcp_user_timeout": 10_000,
    },
}
"""A server that is away is known to be away within seconds, and asked again by the next request."""


class Database:
    """Connections and transactions.

    Parameters
    ----------
    url
        An SQLAlchemy URL. SQLite is used with a write-ahead log, foreign keys, and patience.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine: Engine = create_engine(
            self.url,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,  # a fault's text goes into the log
            **({} if self.is_sqlite else _SERVER),
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file instead of a server."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from; nothing is kept of what it might write."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing. On SQLite writers wait for their turn here."""
        writer = self.engine.connect().execution_options(voorzet_write="NORMAL")
        with writer as connection, connection.begin():
            yield connection

    @contextmanager
    def write_durably(self) -> Iterator[Connection]:
        """A transaction that is on the disk when it is done, whatever happens to the machine.

        (What :meth:`write` wrote outlives the process; on SQLite a power cut may take the last of
        it. PostgreSQL makes no such difference.)
        """
        writer = self.engine.connect().execution_options(voorzet_write="FULL")
        with writer as connection, connection.begin():
            yield connection

    def migrate(self) -> None:
        """Bring the tables up to this version of Voorzet."""
        if self.is_current():
            return
        from alembic import command  # what is up to date starts sooner without it
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(files("serving") / "migrations"))
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def is_current(self) -> bool:
        """Whether the tables are those of this version of Voorzet."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            return connection.execute(_STANDS).scalars().all() == [newest()]

    def answers(self) -> bool:
        """Whether the database answers at all."""
        with self.read() as connection:
            return bool(connection.execute(text("select 1")).scalar_one() == 1)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


_STANDS = text("select version_num from alembic_version")


@cache
def newest() -> str:
    """The migration that this version of Voorzet ends with: the files' names begin with their
    numbers, in the order in which they run."""
    every = (files("serving") / "migrations" / "versions").iterdir()
    return max(one.name[:4] for one in every if one.name[:4].isdigit())


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once, so that it never has to give up halfway."""
    writes = connection.get_execution_options().get("voorzet_write")
    if writes:
        connection.exec_driver_sql(f"PRAGMA synchronous = {writes}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
